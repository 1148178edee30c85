// `micrograph compare`: trains several networks the same way on the same data, and evaluates them the same way.

import { type Command, Option } from "commander";
import { imageSize } from "../../data/survey.js";
import { type ClassFields, classFieldsOf } from "../../data/task.js";
import {
  type ComparisonSettings,
  readProgress,
  writeComparison,
} from "../../node/comparison-folder.js";
import type { RunKind } from "../../train/recipes.js";
import { openExamined } from "../doctor/doctor-command.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { contextFor } from "../train/region-context.js";
import {
  checkSampleClasses,
  drawNuclei,
  drawSample,
  loadFolders,
  type RunData,
  runKind,
  withFoundClasses,
} from "../train/train-data.js";
import { addDataOptions, addTrainingOptions, type TrainOptions } from "../train/train-options.js";
import { judgeAll } from "./compare-judge.js";
import { ownFiles, resolveContenders } from "./compare-networks.js";
import { comparisonLines, standingJson } from "./compare-report.js";
import { describeComparison, trainAll } from "./compare-train.js";
import { variantOption, withVariants } from "./compare-variants.js";

export interface CompareOptions extends Omit<TrainOptions, "model" | "output"> {
  models: string;
  variant?: string[];
  output: string;
}

/** Adds the command; `done` gets its exit code. */
export function addCompare(program: Command, context: Context, done: (code: number) => void): void {
  const compare = program
    .command("compare")
    .summary("train several networks on the same data and compare them")
    .description(
      "Trains each network with the same data, split, augmentation and seed, until it has seen as many\n" +
        "label pixels as the first one; then evaluates all of them on the held-out images, with the\n" +
        "metrics of `evaluate`. Writes compare.json, a run folder per network and side-by-side pictures\n" +
        "into the folder. Run the same command again to continue a comparison that was stopped.",
    )
    .argument("[folder]", "folder that holds images/ and labels/ (instead of --images, --labels)")
    .addOption(
      new Option(
        "--models <NAMES>",
        "comma-separated networks, as for train --model; to set one's tile size: fcn8s@160",
      ).default("unet,fcn8s"),
    )
    .addOption(variantOption())
    .requiredOption("-o, --output <DIR>", "folder to write into; created if it is missing")
    .option("--json", "print the result as JSON; progress goes to standard error");
  addDataOptions(compare);
  compare.optionsGroup(
    "Networks (--depth applies to U-Nets and your own; --tile is rounded to a size that each can take):",
  );
  addTrainingOptions(compare);
  compare
    .action(async (folder: string | undefined, options: CompareOptions) =>
      done(await runCompare(folder, options, context)),
    )
    .addHelpText(
      "after",
      "\n--steps and --max-minutes apply to the first network; the others run for as many steps as it\n" +
        `takes them to see as many pixels.\n\nExample:\n  ${context.invocation} compare my-data ` +
        "--models unet,fcn8s --max-minutes 10 -o comparison\n" +
        `  ${context.invocation} compare my-data --models unet --steps 600 -o ablation \\\n` +
        '    --variant "no elastic: --elastic none" --variant "mean of 7: --symmetries 7"',
    );
}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runCompare(
  folder: string | undefined,
  { output, models, variant = [], ...options }: CompareOptions,
  context: Context,
): Promise<number> {
  const kind = runKind(folder, options);
  const files = await ownFiles(models);
  // Checked before the data are read, which may take a while.
  const compared = (given: TrainOptions, channels: number) =>
    withVariants(resolveContenders(models, given, kind, channels, files), variant, given, kind);
  const planned = compared(options, 1);
  const first = classFieldsOf(planned[0]);
  if (kind === "sample") checkSampleClasses(first);
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  const data = await comparedData(
    kind,
    folder,
    options,
    first,
    contextFor(
      planned,
      planned.flatMap(({ models }) => models),
    ),
  );
  for (const remark of data.remarks) progress.line(remark);
  const { classNames = options.classNames, classColours = options.classColours } = data;
  const { channels } = imageSize(data.training[0]);
  const known = withFoundClasses(options, data);
  const contenders = compared({ ...known, classNames, classColours }, channels);
  const { instances, labelThreshold, labelChannel } = options;
  const settings: ComparisonSettings = {
    data: data.source,
    training: data.training.map(({ name }) => name),
    validation: data.validation.map(({ name }) => name),
    digests: data.digests,
    ignore: options.ignore,
    reading:
      instances || labelChannel || labelThreshold !== undefined
        ? { instances, labelThreshold, labelChannel }
        : undefined,
    networks: contenders.map(({ name, model, task, training, symmetries }) => {
      return { name, model, ...(task ? { task } : {}), config: training, symmetries };
    }),
  };
  const before = await readProgress(output, settings);
  const device = await openExamined(context, progress.line);
  try {
    const { workers } = options;
    const shared = { data, device, progress, context, workers };
    const work = { folder: output, settings, contenders, ...shared };
    const trained = await trainAll(work, before);
    if (!trained) return 130;
    const standings = await judgeAll(work, trained);
    const results = Object.fromEntries(standings.map((one) => [one.name, standingJson(one)]));
    const comparison = { ...describeComparison(work), progress: trained, results };
    await writeComparison(output, comparison);
    progress.stop();
    if (options.json) context.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
    for (const line of ["", ...comparisonLines(standings)]) progress.line(line);
    progress.line(`\n${output}: compare.json, pictures/ and a run folder per network`);
    return 0;
  } finally {
    progress.stop();
    device.close();
  }
}

async function comparedData(
  kind: RunKind,
  folder: string | undefined,
  options: TrainOptions,
  fields: ClassFields,
  margin: number | undefined,
): Promise<RunData> {
  if (kind === "data") return loadFolders(folder, options, fields, margin);
  return kind === "nuclei" ? drawNuclei(options.objects ?? "gap") : drawSample(fields);
}
