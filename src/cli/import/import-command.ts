// `micrograph import`: a network of another program as a checkpoint.

import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseJson } from "../../arguments/json.js";
import type { Normalisation } from "../../data/normalise.js";
import type { OnnxActivation } from "../../interchange/onnx/end-activation.js";
import type { WeightNames } from "../../interchange/pytorch/renamed-weights.js";
import { createModel } from "../../model/architectures.js";
import { findCheckpoint, loadCheckpoint, saveCheckpoint } from "../../node/checkpoint.js";
import { importNetwork } from "../../node/import-network.js";
import { readFileOrExplain } from "../../node/run-files.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";

export interface ImportCommandOptions {
  output?: string;
  activation?: OnnxActivation;
  mean?: number[];
  deviation?: number[];
  map?: string;
  halo?: number;
  norms?: "frozen" | "trained";
  mapping?: string;
  like?: string;
  force?: boolean;
  json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addImport(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("import")
    .summary("turn a network of another program into a checkpoint")
    .description(
      "Reads a network for images from an ONNX file or a package of the bioimage.io zoo and writes it as a\n" +
        "checkpoint. predict takes these as they are too: import is for what an ONNX file does not say,\n" +
        "such as how images are normalised. docs/import.md has the operators.",
    )
    .argument("<file>", "an ONNX file (.onnx), or a package: a folder or a zip file")
    .option("-o, --output <FILE>", "the checkpoint (default: the file's name with .safetensors)")
    .addOption(
      new Option(
        "--activation <NAME>",
        "what makes probabilities of the output, if the file does not end with it",
      ).choices(["softmax", "sigmoid"]),
    )
    .addOption(
      new Option(
        "--mean <LIST>",
        "with --deviation: what is subtracted from each channel, where 1 is white (default: the mean of each image)",
      ).argParser(parseNumbers),
    )
    .addOption(
      new Option("--deviation <LIST>", "by what each channel is then divided").argParser(
        parseNumbers,
      ),
    )
    .option("--map <NAME>", "the output that is the prediction (default: the first)")
    .addOption(
      new Option(
        "--halo <N>",
        "pixels at each side of a tile that are cut, if the graph does not say how far it sees",
      ).argParser(parsePixels),
    )
    .addOption(
      new Option(
        "--norms <WORD>",
        "what a later training does with the running averages of batch norms (default: frozen)",
      ).choices(["frozen", "trained"]),
    )
    .option(
      "--mapping <FILE>",
      'weights of PyTorch: JSON with other names of weights, {"module.": "", "fc.weight": "outc.conv.weight"}',
    )
    .option(
      "--like <FILE>",
      "weights of PyTorch of a network that export wrote: a checkpoint of the same network",
    )
    .option("--force", "write over an existing file")
    .option("--json", "print what was written as JSON; progress goes to standard error")
    .action(async (file: string, options: ImportCommandOptions) =>
      done(await runImport(file, options, context)),
    )
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} import unet.onnx -o unet.safetensors --mean 0 --deviation 1`,
    );
}

function parseNumbers(text: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new InvalidArgumentError(
    "expected numbers with commas, one per channel, such as 0.5 or 0.485,0.456,0.406.",
  );
}

function parsePixels(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("expected a whole number of pixels from 0.");
}

/** Runs the command; returns the exit code. Throws one line for a file that cannot be imported. */
export async function runImport(
  file: string,
  options: ImportCommandOptions,
  context: Context,
): Promise<number> {
  const { activation, map: output, halo, norms, mapping, like, json } = options;
  const path = options.output ?? `${basename(file).replace(/\.(onnx|zip)$/i, "")}.safetensors`;
  if (resolve(path) === resolve(file)) throw new Error(`${path}: is the file that is read`);
  if (existsSync(path) && !options.force) {
    throw new Error(`${path}: exists: choose another name by -o, or write over it by --force`);
  }
  const normalisation = normalisationOf(options);
  const { checkpoint, remarks } = await importNetwork(file, {
    ...(activation && { activation }),
    ...(normalisation && { normalisation }),
    ...(output !== undefined && { output }),
    ...(halo !== undefined && { halo }),
    ...(norms && { norms }),
    ...(mapping !== undefined && { names: await readNames(mapping) }),
    ...(like !== undefined && { like: await loadCheckpoint(findCheckpoint(like)) }),
  });
  const { metadata, models } = checkpoint;
  const { title, parameters, halo: cut, gridStep } = createModel(metadata.model, models);
  await saveCheckpoint(path, checkpoint);
  const progress = createProgress(json ? context.stderr : context.stdout);
  for (const remark of remarks) progress.line(`${file}: ${remark}`);
  const { channels, classes } = metadata.model;
  progress.line(
    `${path}: ${title}, ${parameters.count} weights, ${channels} channels, ${classes} classes`,
  );
  const checkpointName = { checkpoint: path, parameters: parameters.count, channels, classes };
  if (json) {
    const result = { ...checkpointName, halo: cut, gridStep, remarks };
    context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    progress.line(
      `Predict: ${context.invocation} predict --checkpoint ${path} --input images -o masks`,
    );
  }
  return 0;
}

/** Reads the file of --mapping. */
async function readNames(path: string): Promise<WeightNames> {
  const text = new TextDecoder().decode(await readFileOrExplain(path, "mapping"));
  const wrong = new Error(`${path}: expected JSON with names of weights, {"their name": "ours"}`);
  try {
    const value = parseJson(text);
    if (typeof value === "object" && value && !Array.isArray(value)) return value as WeightNames;
  } catch {
    throw wrong;
  }
  throw wrong;
}

/** The normalisation that --mean and --deviation give. */
function normalisationOf({ mean, deviation }: ImportCommandOptions): Normalisation | undefined {
  if (!mean && !deviation) return undefined;
  if (!mean || !deviation || mean.length !== deviation.length) {
    throw new Error("--mean and --deviation: give both, with a number per channel each");
  }
  if (!deviation.every((value) => value > 0)) {
    throw new Error(`--deviation ${deviation}: expected numbers above 0`);
  }
  return { kind: "statistics", mean, deviation };
}
