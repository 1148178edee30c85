// The commands and their help, with commander; errors become one line and an exit code.

import { Command, CommanderError } from "commander";
import { STARTING_NETWORKS } from "../networks/starting-networks.js";
import { flagOf } from "../options/command-line.js";
import { TUNING_OPTIONS } from "../options/command-options.js";
import { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../options/prediction-options.js";
import type { OptionRow } from "../options/rules.js";
import { PREDICTION_OUTPUTS } from "../outputs/prediction-outputs.js";
import { RUN_DEFAULTS, RUN_PRESETS } from "../train/recipes.js";
import { addCompare } from "./compare/compare-command.js";
import { addDoctor } from "./doctor/doctor-command.js";
import { addEvaluate } from "./evaluate/evaluate-command.js";
import { CodedError } from "./exit-codes.js";
import { addExport } from "./export/export-command.js";
import { addGallery } from "./gallery/gallery-command.js";
import { addImport } from "./import/import-command.js";
import { type InfoOptions, runInfo } from "./info/info-command.js";
import { addNetworkOptions } from "./info/plan-report.js";
import { addMeasure } from "./measure/measure-command.js";
import { addMerge } from "./merge/merge-command.js";
import { addRows, optionOf } from "./options/add-rows.js";
import { pagesOption } from "./options/image-options.js";
import { ownModelOption } from "./options/own-model.js";
import { addSlideOptions } from "./options/slide-options.js";
import { runPredict } from "./predict/predict-command.js";
import type { PredictOptions } from "./predict/predict-options.js";
import { addReport } from "./report/report-command.js";
import type { Context } from "./services.js";
import { addStatus } from "./status/status-command.js";
import { addTest } from "./test/test-command.js";
import { addTiles } from "./tiles/tiles-command.js";
import { runTrain } from "./train/train-command.js";
import { addTrainOptions, type TrainOptions } from "./train/train-options.js";
import { runTune, type TuneCommandOptions } from "./tune/tune-command.js";

/**
 * Parses `context.args` and runs the command. Returns the exit code: 0 done, 1 wrong input or
 * environment, 2 wrong usage, 75 a failure that may pass (of shards), 130 interrupted and saved. Errors are one line
 * on `stderr`.
 */
export async function runProgram(context: Context): Promise<number> {
  let code = 0;
  const program = createProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(context.args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    context.stderr.write(`micrograph: ${errorLine(error)}\n`);
    if (process.env.MICROGRAPH_DEBUG && error instanceof Error) {
      context.stderr.write(`${error.stack}\n`);
    }
    return error instanceof CodedError ? error.exitCode : 1;
  }
}

/** An error as one line. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/\s*\n\s*/g, " ").trim();
}

function createProgram(context: Context, done: (code: number) => void): Command {
  const { invocation } = context;
  const program = new Command("micrograph");
  program
    .description("Trains a U-Net on your GPU, with WebGPU, and segments images with it.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => Math.min(context.stdout.columns || 100, 100),
      getErrHelpWidth: () => Math.min(context.stderr.columns || 100, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(`${usageLine(text, helpOf(program, context))}\n`),
    })
    .exitOverride()
    .addHelpText("after", programExamples(invocation));

  const train = program
    .command("train")
    .summary("train a network on images and their labels")
    .description(
      "Trains a network on images and their labels, PNG or TIFF, paired by file name. Without data it\n" +
        "trains on an embedded sample. Writes a run folder: checkpoints, metrics.csv, loss.svg, pictures\n" +
        "of the predictions on held-out images, and report.html, which shows all of it.",
    )
    .argument("[folder]", "folder that holds images/ and labels/ (instead of --images, --labels)");
  addTrainOptions(train);
  train
    .action(async (folder: string | undefined, options: TrainOptions) =>
      done(await runTrain(folder, options, context)),
    )
    .addHelpText("after", trainExamples(invocation));
  addPredict(program, context, done);
  addEvaluate(program, context, done);
  addMeasure(program, context, done);
  addCompare(program, context, done);
  addInfo(program, context, done);
  addTune(program, context, done);
  addDoctor(program, context, done);
  addImport(program, context, done);
  addExport(program, context, done);
  addTest(program, context, done);
  addReport(program, context, done);
  addGallery(program, context, done);
  addStatus(program, context, done);
  addMerge(program, context, done);
  addTiles(program, context, done);
  return program;
}

function addPredict(program: Command, context: Context, done: (code: number) => void): void {
  const { tile, symmetries, threshold } = PREDICTION_OPTIONS;
  const withDefault = (key: string, row: OptionRow<number>) =>
    optionOf(key, row, () => undefined).default(row.default);
  const predict = program
    .command("predict")
    .summary("segment images with a trained network")
    .description(
      "For each image, of any size, writes a mask (<name>.png: 0 and 255, or the class index) and the\n" +
        "probability of class 1 (<name>-probability.png: 16 bits). With more than two classes: the\n" +
        "probability of each, and <name>-colours.png, the mask with a palette of the class colours.\n" +
        "classes.json describes the masks, for evaluate. Grey images are converted to RGB for a network\n" +
        "trained on RGB images, and RGB images to grey for one trained on grey images. An image that\n" +
        "cannot be read is reported and skipped; the exit code is then 1.",
    )
    .requiredOption(
      "--checkpoint <FILE>",
      "trained network: best.safetensors of a run folder, a network of another program, or one that " +
        `comes with the package (${Object.keys(STARTING_NETWORKS).join(", ")})`,
    )
    .requiredOption(
      "--input <FILE|DIR>",
      "an image, a TIFF stack, a slide, or a folder of images or slides",
    )
    .requiredOption("-o, --output <DIR>", "folder to write into; created if it is missing")
    .addOption(optionOf("tile", tile))
    .addOption(ownModelOption())
    .addOption(withDefault("symmetries", symmetries))
    .addOption(withDefault("threshold", threshold))
    .addOption(pagesOption())
    .option(
      "--shard <I/N>",
      "only part I, from 0, of N parts of the images, and of those only what is not done (docs/cluster.md); " +
        "auto, auto/N: as Slurm or Kubernetes says",
    );
  for (const { name, help } of PREDICTION_OUTPUTS) if (help) predict.option(`--${name}`, help);
  for (const key of ["separation", "cellThreshold"] as const) {
    predict.addOption(optionOf(key, SEPARATION_OPTIONS[key]));
  }
  for (const key of ["holes", "smallest"] as const) {
    predict.addOption(withDefault(key, SEPARATION_OPTIONS[key]));
  }
  predict.option("--json", "print what was written as JSON; progress goes to standard error");
  addSlideOptions(predict);
  predict
    .action(async (options: PredictOptions) => done(await runPredict(options, context)))
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} predict --checkpoint runs/<run>/best.safetensors ` +
        "--input images --output predictions",
    );
}

function addInfo(program: Command, context: Context, done: (code: number) => void): void {
  const info = program
    .command("info")
    .summary("show the GPU that would be used, or the memory that a network needs")
    .description(
      "Shows the GPU adapter with its limits and features, or what was tried to find one. With --plan:\n" +
        "the GPU memory that a training step and prediction would take, by purpose.",
    )
    .option("--plan", "show the GPU memory that a network would take")
    .option("--json", "print as JSON");
  info.optionsGroup("With --plan:");
  addNetworkOptions(info);
  info
    .action(async (options: InfoOptions) => done(await runInfo(options, context)))
    .addHelpText("after", `\nExample:\n  ${context.invocation} info --plan --preset paper`);
}

function addTune(program: Command, context: Context, done: (code: number) => void): void {
  const tune = program
    .command("tune")
    .summary("find the fastest kernels for this GPU and save them")
    .description(
      "For each layer of a network's training step, times the kernels that can compute it and saves the\n" +
        "fastest for this adapter in the user's cache folder. Later runs with such layers use them; other\n" +
        "layers run the default kernel. Kernels whose results are wrong are not considered.",
    );
  addRows(tune, TUNING_OPTIONS);
  tune.option("--json", "print as JSON; the table goes to standard error");
  tune.optionsGroup("Network:");
  // It changes which activations are kept in memory, not the layers.
  addNetworkOptions(tune, ["recompute"]);
  tune
    .action(async (options: TuneCommandOptions) => done(await runTune(options, context)))
    .addHelpText(
      "after",
      "\nThe environment variable MICROGRAPH_KERNEL_CACHE sets another file than kernels.json in the\n" +
        `cache folder, or "off" for none.\n\nExample:\n  ${context.invocation} tune --base 32 --tile 284`,
    );
}

/** Commander's message with its suggestion, in one line, and where to read more. */
function usageLine(text: string, help: string): string {
  const line = text
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
  return `micrograph: ${line} (help: ${help})`;
}

/** The command that prints help: that of the command in use, if there is one. */
function helpOf(program: Command, { invocation, args }: Context): string {
  const used = program.commands.find((command) => command.name() === args[0]);
  return [invocation, ...(used ? [used.name()] : []), "--help"].join(" ");
}

function programExamples(invocation: string): string {
  return `
Examples:
  ${invocation} train                                     the embedded sample, no data needed
  ${invocation} train --images images --labels labels     your own images
  ${invocation} predict --checkpoint runs/<run>/best.safetensors --input images --output out
  ${invocation} evaluate --prediction out --labels labels   how good that is
  ${invocation} measure labels --images images -o measured   every object in a table
  ${invocation} compare my-data -o comparison             U-Net and FCN, trained alike
  ${invocation} info                                      the GPU that would be used
  ${invocation} tune --base 32                            the fastest kernels on this GPU
  ${invocation} doctor                                    whether this GPU computes right results

Exit codes: 0 done, 1 wrong input or environment, 2 wrong usage, 75 the same command may succeed later (of
predict --shard, merge and status), 130 interrupted and saved.`;
}

function trainExamples(invocation: string): string {
  return `
Labels: black (0) is membrane or background, white (255) is cell; or class indices with --classes.
Valid tiles: 16k + 12 pixels, from 188, for a U-Net of depth 4; multiples of 32 for fcn8s; another
size names the nearest ones.
Ctrl-C once saves the run, to be resumed; twice quits at once.

Presets, which single options override:
${presetLines().join("\n")}

Examples:
  ${invocation} train
  ${invocation} train my-data --max-minutes 10
  ${invocation} train --images em/image --labels em/label --validation "2?" --base 32
  ${invocation} train more-data --from runs/<run> --learning-rate 0.0003
  ${invocation} train --resume runs/<run> --steps 4000`;
}

/** One or more lines per preset: the options that it sets. */
function presetLines(): string[] {
  return Object.entries(RUN_PRESETS).flatMap(([name, preset]) => {
    const [usual, own] = [RUN_DEFAULTS.data, preset].map(
      ({ model, training }) => ({ ...model, ...training }) as Readonly<Record<string, unknown>>,
    );
    const words = Object.keys(own)
      .filter((key) => own[key] !== usual[key])
      .map((key) => `${flagOf(key)} ${own[key]}`);
    return wrapped(words, 91).map((line, i) => `  ${(i === 0 ? name : "").padEnd(5)}  ${line}`);
  });
}

/** The words in lines of at most that many characters. */
function wrapped(words: readonly string[], width: number): string[] {
  const lines = [""];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
