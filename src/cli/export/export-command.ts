// `micrograph export`: a checkpoint for other programs.

import { dirname, relative, resolve, sep } from "node:path";
import { type Command, Option } from "commander";
import type { Normalisation } from "../../data/normalise.js";
import { exportOnnx } from "../../interchange/onnx/export-onnx.js";
import { exportPytorch } from "../../interchange/pytorch/export-pytorch.js";
import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { checkFree, writeExported } from "../../node/exported-files.js";
import { readFileOrExplain, writeFileAtomic } from "../../node/run-files.js";
import type { Checkpoint } from "../../train/training-types.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { addPackageOptions, checkPackage, type PackageCommandOptions } from "./package-flags.js";
import { packageImage } from "./package-image.js";

export interface ExportCommandOptions extends PackageCommandOptions {
  checkpoint: string;
  to: "onnx" | "pytorch" | "bioimageio";
  output: string;
  external?: boolean;
  force?: boolean;
  json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addExport(program: Command, context: Context, done: (code: number) => void): void {
  const command = program
    .command("export")
    .summary("write a network for other programs")
    .description(
      "Writes the network of a checkpoint for other programs. onnx: a file (opset 13), a normalised image in,\n" +
        "probabilities of the same size out, with the border mirrored inside. pytorch: a folder with a module in\n" +
        "Python and its weights, to predict or to train further there. bioimageio: a package of the zoo, for Fiji,\n" +
        "ilastik and others. docs/import.md says how to run them.",
    )
    .requiredOption("--checkpoint <FILE>", "a checkpoint, a run folder, or what import reads")
    .requiredOption(
      "-o, --output <PATH>",
      "the file to write; of pytorch the folder, or a zip file",
    )
    .addOption(
      new Option("--to <FORMAT>", "the format")
        .choices(["onnx", "pytorch", "bioimageio"])
        .default("onnx"),
    )
    .option(
      "--external",
      "onnx: a small file that reads the weights from the checkpoint, which must stay in its folder",
    )
    .option("--force", "write over what exists")
    .option("--json", "print what was written as JSON; progress goes to standard error");
  addPackageOptions(command)
    .action(async (options: ExportCommandOptions) => done(await runExport(options, context)))
    .addHelpText(
      "after",
      `\nExamples:\n  ${context.invocation} export --checkpoint runs/cells/best.safetensors -o cells.onnx\n` +
        `  ${context.invocation} export --checkpoint runs/cells --to pytorch -o cells-pytorch\n` +
        `  ${context.invocation} export --checkpoint runs/cells --to bioimageio -o cells.zip --name 'Cells in EM' ` +
        "--author 'Ada Lovelace' --licence CC-BY-4.0",
    );
}

/** What was written: lines for people, and values for programs. */
interface Written {
  readonly lines: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** What is written, for errors. */
const TITLES: Readonly<Record<ExportCommandOptions["to"], string>> = {
  onnx: "ONNX",
  pytorch: "a module of PyTorch",
  bioimageio: "a package of bioimage.io",
};

/** Runs the command; returns the exit code. Throws one line for a network that cannot be written. */
export async function runExport(options: ExportCommandOptions, context: Context): Promise<number> {
  const { checkpoint: path, output, to, force, json } = options;
  if (to === "bioimageio") checkPackage(options);
  if (!force) await checkFree(output);
  const progress = createProgress(json ? context.stderr : context.stdout);
  const checkpoint = await loadCheckpoint(findCheckpoint(path));
  const write = () => {
    if (to === "onnx") return writeOnnxFile(checkpoint, options);
    if (to === "pytorch") return writePytorchFiles(checkpoint, output);
    return writePackage(checkpoint, options, context, progress.line);
  };
  const { lines, values } = await write().catch((error) => {
    if (!(error instanceof Refused)) throw error;
    throw new Error(`${path}: cannot be written as ${TITLES[to]}: ${error.message}`);
  });
  for (const line of lines) progress.line(line);
  if (json) {
    const result = { file: output, ...values };
    context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  return 0;
}

/** A network that a format has no form for. */
class Refused extends Error {}

async function exported<T>(write: () => T | Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new Refused((error as Error).message);
  }
}

async function writeOnnxFile(
  checkpoint: Checkpoint,
  { checkpoint: path, output, external }: ExportCommandOptions,
): Promise<Written> {
  const weightsIn = external ? await weightsOf(findCheckpoint(path), output) : undefined;
  const write = () => exportOnnx(checkpoint, { weightsIn });
  const { bytes, step, smallest, halo } = await exported(write);
  await writeFileAtomic(output, bytes);
  const { normalisation, model } = checkpoint.metadata;
  return {
    lines: [
      `${output}: images [N, ${model.channels}, H, W] whose sides are multiples of ${step}, at least ${smallest}; ` +
        `in tiles ${halo} pixels at each side are cut`,
      normalisationLine(normalisation),
    ],
    values: { bytes: bytes.length, step, smallest, halo, normalisation },
  };
}

/** The checkpoint as the file of the weights. Its path must be one from the folder of the ONNX file on. */
async function weightsOf(file: string, output: string) {
  const location = relative(dirname(resolve(output)), resolve(file)).replaceAll(sep, "/");
  if (/^\.\.|^[a-z]:|^\//i.test(location) || !file.endsWith(".safetensors")) {
    throw new Error(
      `--external: ${file} must be a safetensors file in the folder of ${output}, or below it`,
    );
  }
  return { location, bytes: await readFileOrExplain(file, "checkpoint") };
}

function normalisationLine(normalisation: Normalisation): string {
  if (normalisation.kind === "image") {
    return "Normalise each channel of an image by its own mean and standard deviation.";
  }
  if (normalisation.kind === "percentiles") {
    const { low, high, isJoint } = normalisation;
    const what = isJoint ? "each image" : "each channel of an image";
    return `Normalise ${what} so that its percentile ${low} becomes 0 and its percentile ${high} becomes 1.`;
  }
  const { mean, deviation } = normalisation;
  return `Normalise by means ${mean} and standard deviations ${deviation}, where white is 1.`;
}

async function writePytorchFiles(checkpoint: Checkpoint, output: string): Promise<Written> {
  const { files } = await exported(() => exportPytorch(checkpoint));
  await writeExported(output, files);
  const names = files.map((file) => file.path);
  const run = /\.zip$/i.test(output)
    ? "unpack it, then python network.py"
    : `python ${output}/network.py`;
  return {
    lines: [
      `${output}: ${names.join(" and ")}`,
      `Predict: ${run} image.npy probabilities.npy, for an image [C, H, W] of values from 0 to 1`,
    ],
    values: { files: names },
  };
}

async function writePackage(
  checkpoint: Checkpoint,
  options: ExportCommandOptions,
  { services, invocation }: Context,
  tell: (line: string) => void,
): Promise<Written> {
  const { output, description, tag: tags } = options;
  const said = { ...checkPackage(options), description, tags };
  const image = await packageImage(options.checkpoint, options.image);
  const device = await services.openDevice(tell);
  try {
    const write = () => services.exportPackage(device, checkpoint, { ...said, image });
    const { files, smallest, step, halo } = await exported(write);
    await writeExported(output, files);
    return {
      lines: [
        `${output}: ${files.map(({ path }) => path).join(", ")}`,
        `Images from ${smallest} pixels, in steps of ${step}; tiles overlap by ${halo} pixels at each side`,
        `Test it: ${invocation} test ${output}`,
      ],
      values: { files: files.map(({ path }) => path), smallest, step, halo },
    };
  } finally {
    device.close();
  }
}
