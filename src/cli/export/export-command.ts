// `micrograph export`: a checkpoint for other programs.

import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { exportOnnx } from "../../interchange/onnx/export-onnx.js";
import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { writeFileAtomic } from "../../node/run-files.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";

export interface ExportCommandOptions {
  checkpoint: string;
  to: "onnx";
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
      "Writes the network of a checkpoint as an ONNX file (opset 13): a normalised image in, probabilities\n" +
        "of the same size out, with the border mirrored inside. docs/import.md says how to run it.",
    )
    .requiredOption("--checkpoint <FILE>", "a checkpoint, a run folder, or what import reads")
    .requiredOption("-o, --output <FILE>", "the file to write")
    .addOption(new Option("--to <FORMAT>", "the format").choices(["onnx"]).default("onnx"))
    .option("--force", "write over an existing file")
    .option("--json", "print what was written as JSON; progress goes to standard error")
    .action(async (options: ExportCommandOptions) => done(await runExport(options, context)))
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} export --checkpoint runs/cells/best.safetensors -o cells.onnx`,
    );
}

/** Runs the command; returns the exit code. Throws one line for a network that cannot be written. */
export async function runExport(
  { checkpoint: path, output, force, json }: ExportCommandOptions,
  context: Context,
): Promise<number> {
  if (existsSync(output) && !force) {
    throw new Error(`${output}: exists: choose another name by -o, or write over it by --force`);
  }
  const checkpoint = await loadCheckpoint(findCheckpoint(path));
  let exported: ReturnType<typeof exportOnnx>;
  try {
    exported = exportOnnx(checkpoint);
  } catch (error) {
    throw new Error(`${path}: cannot be written as ONNX: ${(error as Error).message}`);
  }
  const { bytes, step, smallest, halo } = exported;
  await writeFileAtomic(output, bytes);
  const progress = createProgress(json ? context.stderr : context.stdout);
  const { normalisation, model } = checkpoint.metadata;
  progress.line(
    `${output}: images [N, ${model.channels}, H, W] whose sides are multiples of ${step}, at least ${smallest}; ` +
      `in tiles ${halo} pixels at each side are cut`,
  );
  progress.line(
    normalisation.kind === "image"
      ? "Normalise each channel of an image by its own mean and standard deviation."
      : `Normalise by means ${normalisation.mean} and standard deviations ${normalisation.deviation}, where white is 1.`,
  );
  if (json) {
    const result = { file: output, bytes: bytes.length, step, smallest, halo, normalisation };
    context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  return 0;
}
