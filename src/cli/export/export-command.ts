// `micrograph export`: a checkpoint for other programs.

import { type Command, Option } from "commander";
import type { Normalisation } from "../../data/normalise.js";
import { exportOnnx } from "../../interchange/onnx/export-onnx.js";
import { exportPytorch } from "../../interchange/pytorch/export-pytorch.js";
import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { checkFree, writeExported } from "../../node/exported-files.js";
import { writeFileAtomic } from "../../node/run-files.js";
import type { Checkpoint } from "../../train/training-types.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";

export interface ExportCommandOptions {
  checkpoint: string;
  to: "onnx" | "pytorch";
  output: string;
  force?: boolean;
  json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addExport(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("export")
    .summary("write a network for other programs")
    .description(
      "Writes the network of a checkpoint for other programs. onnx: a file (opset 13), a normalised image in,\n" +
        "probabilities of the same size out, with the border mirrored inside. pytorch: a folder with a module in\n" +
        "Python and its weights, to predict or to train further there. docs/import.md says how to run them.",
    )
    .requiredOption("--checkpoint <FILE>", "a checkpoint, a run folder, or what import reads")
    .requiredOption(
      "-o, --output <PATH>",
      "the file to write; of pytorch the folder, or a zip file",
    )
    .addOption(
      new Option("--to <FORMAT>", "the format").choices(["onnx", "pytorch"]).default("onnx"),
    )
    .option("--force", "write over what exists")
    .option("--json", "print what was written as JSON; progress goes to standard error")
    .action(async (options: ExportCommandOptions) => done(await runExport(options, context)))
    .addHelpText(
      "after",
      `\nExamples:\n  ${context.invocation} export --checkpoint runs/cells/best.safetensors -o cells.onnx\n` +
        `  ${context.invocation} export --checkpoint runs/cells --to pytorch -o cells-pytorch`,
    );
}

/** What was written: lines for people, and values for programs. */
interface Written {
  readonly lines: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

const WRITERS: Readonly<
  Record<
    ExportCommandOptions["to"],
    { readonly title: string; write(checkpoint: Checkpoint, output: string): Promise<Written> }
  >
> = {
  onnx: { title: "ONNX", write: writeOnnxFile },
  pytorch: { title: "a module of PyTorch", write: writePytorchFiles },
};

/** Runs the command; returns the exit code. Throws one line for a network that cannot be written. */
export async function runExport(
  { checkpoint: path, output, to, force, json }: ExportCommandOptions,
  context: Context,
): Promise<number> {
  if (!force) await checkFree(output);
  const checkpoint = await loadCheckpoint(findCheckpoint(path));
  const { lines, values } = await WRITERS[to].write(checkpoint, output).catch((error) => {
    if (error instanceof Refused) {
      throw new Error(`${path}: cannot be written as ${WRITERS[to].title}: ${error.message}`);
    }
    throw error;
  });
  const progress = createProgress(json ? context.stderr : context.stdout);
  for (const line of lines) progress.line(line);
  if (json) {
    const result = { file: output, ...values };
    context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  return 0;
}

/** A network that a format has no form for. */
class Refused extends Error {}

function exported<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new Refused((error as Error).message);
  }
}

async function writeOnnxFile(checkpoint: Checkpoint, output: string): Promise<Written> {
  const { bytes, step, smallest, halo } = exported(() => exportOnnx(checkpoint));
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

const normalisationLine = (normalisation: Normalisation) =>
  normalisation.kind === "image"
    ? "Normalise each channel of an image by its own mean and standard deviation."
    : `Normalise by means ${normalisation.mean} and standard deviations ${normalisation.deviation}, where white is 1.`;

async function writePytorchFiles(checkpoint: Checkpoint, output: string): Promise<Written> {
  const { files } = exported(() => exportPytorch(checkpoint));
  await writeExported(output, files);
  const names = files.map((file) => file.path);
  return {
    lines: [
      `${output}: ${names.join(" and ")}`,
      `Predict: python ${output}/network.py image.npy probabilities.npy, for an image [C, H, W] of values from 0 to 1`,
    ],
    values: { files: names },
  };
}
