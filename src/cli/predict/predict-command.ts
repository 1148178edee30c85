// `micrograph predict`: writes a mask and a probability image for each image.

import { existsSync } from "node:fs";
import { fittedRemarks, notFiniteRemarks } from "../../data/colour-rule.js";
import { someNames } from "../../data/pairs.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { type ImageScan, scanImages } from "../../node/image-files.js";
import { taskDigest } from "../../node/image-receipts.js";
import { ensureFolder, removeEmptyFolders } from "../../node/run-files.js";
import { slidesIn } from "../../node/slide-folder.js";
import { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import { PREDICTION_OUTPUTS } from "../../outputs/prediction-outputs.js";
import type { Shard } from "../../predict/tiling.js";
import type { Checkpoint } from "../../train/training-types.js";
import { openExamined } from "../doctor/doctor-command.js";
import { exitCodeOf } from "../exit-codes.js";
import { ownModels } from "../options/own-model.js";
import { checkRanges } from "../options/parse-numbers.js";
import { givenSlideOptions } from "../options/slide-options.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context, Predictor } from "../services.js";
import { checkTile } from "../train/resolve-run.js";
import { predictEach, type Work, wantedOutputs } from "./predict-images.js";
import type { PredictOptions } from "./predict-options.js";
import { refuseOverwriting } from "./predict-outputs.js";
import { type ShardJob, shardJob } from "./predict-shard.js";
import { runSlides } from "./predict-slides.js";
import { shardOf } from "./shard-option.js";
import { stoppable } from "./stoppable.js";

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runPredict(options: PredictOptions, context: Context): Promise<number> {
  const shard = options.shard === undefined ? undefined : shardOf(options.shard);
  const given = givenSlideOptions(options);
  const slides = await slidesIn(options.input, given.length > 0);
  if (slides.length > 0) {
    refuseOutputs(options);
    return stoppable((signal) => runSlides(slides, options, context, { shard, signal }), context);
  }
  if (given.length > 0) {
    if (!existsSync(options.input)) throw new Error(`${options.input}: no such file or folder`);
    throw new Error(
      `--${given[0]}: it is for slides, and ${options.input} is none: expected OME-Zarr or a TIFF file`,
    );
  }
  if (shard === undefined) return predictImages(options, context);
  return stoppable((signal) => predictImages(options, context, { shard, signal }), context);
}

/** Throws for an output that is written of images only. */
function refuseOutputs(options: PredictOptions): void {
  const found = PREDICTION_OUTPUTS.find(
    ({ name, help }) => help && options[name] && name !== "objects" && name !== "measure",
  );
  if (!found) return;
  throw new Error(
    `--${found.name}: it is written of images only. Of a slide, ${options.input}, predict writes probabilities and ` +
      "classes, and with --objects the objects with their measurements",
  );
}

/**
 * An image that cannot be read is reported and skipped, the others are predicted, and the last line
 * counts the failures. Of a shard only the images without a receipt are predicted.
 */
async function predictImages(
  options: PredictOptions,
  context: Context,
  part?: { shard: Shard; signal: AbortSignal },
): Promise<number> {
  checkRanges({ ...PREDICTION_OPTIONS, ...SEPARATION_OPTIONS }, options);
  const models = await ownModels(options.model);
  const checkpoint = await loadCheckpoint(options.checkpoint, { models });
  checkOptions(options, checkpoint);
  const { pages, output } = options;
  const scan = await scanImages(options.input, { pages, unreadable: "keep", shard: part?.shard });
  const outputs = wantedOutputs(options);
  const { classes } = checkpoint.metadata.model;
  refuseOverwriting([...scan.images, ...scan.namesakes], output, classes, outputs);
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  tellPassedOver(options.input, scan, progress);
  const { checkpoint: _, input, output: __, json, shard, ...how } = options;
  const task = () => taskDigest(checkpoint, how, context.version);
  const job = part && shardJob(output, part.shard, task(), part.signal);
  const given = { options, checkpoint, images: scan.images, progress };
  const work: Work = { ...given, failed: [], surveys: [], job };
  const suffixes = outputs.flatMap((one) => one.suffixes(classes));
  const written = await (job
    ? predictRest(work, job, suffixes, context)
    : predictAll(work, context));
  const { failed } = work;
  const remarks = [
    ...scan.remarks,
    ...fittedRemarks(work.surveys, checkpoint.metadata.model.channels),
    ...notFiniteRemarks(work.surveys),
  ];
  for (const remark of remarks) progress.line(remark);
  const count = `${written.length} image${written.length === 1 ? "" : "s"}`;
  progress.line(`${count} predicted: masks and probabilities are in ${options.output}`);
  if (options.json) {
    const skipped = scan.passedOver.length;
    const result = { images: written, failed, skipped, remarks };
    context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  if (failed.length === 0) return 0;
  const of = written.length + failed.length;
  const names = someNames([...new Set(failed.map(({ input }) => input))]);
  throw new Error(`${failed.length} of ${of} images failed (${names}): see above for each`);
}

function checkOptions(options: PredictOptions, { metadata: { model }, models }: Checkpoint): void {
  if (options.tile !== undefined) {
    checkTile("--tile", options.tile, model, {
      use: "prediction",
      models,
      channels: model.channels,
    });
  }
  if (options.threshold === 0.5 || model.classes === 2) return;
  throw new Error(
    `--threshold ${options.threshold}: needs a network of two classes, and that of ${options.checkpoint} has ${model.classes}; ` +
      "leave out --threshold",
  );
}

function tellPassedOver(input: string, { passedOver }: ImageScan, progress: Progress): void {
  const reasons = new Map<string, string[]>();
  for (const { path, reason } of passedOver) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), path]);
  }
  for (const [reason, paths] of reasons) {
    const files = paths.length === 1 ? "1 file" : `${paths.length} files`;
    progress.line(`${input}: ${files} skipped (${someNames(paths)}): ${reason}`);
  }
}

/** Predicts what has no receipt yet, and notes how that ended. */
async function predictRest(
  work: Work,
  job: ShardJob,
  suffixes: readonly string[],
  context: Context,
): Promise<Record<string, unknown>[]> {
  const { index, count } = job.shard;
  try {
    const images = await job.begin(work.images, suffixes);
    const kept = work.images.length - images.length;
    work.progress.line(
      `shard ${index} of ${count}: ${images.length} images to predict, ${kept} done before`,
    );
    const written = images.length === 0 ? [] : await predictAll({ ...work, images }, context);
    await job.end(work.failed.length === 0 ? 0 : 1);
    return written;
  } catch (error) {
    await job.end(exitCodeOf(error), (error as Error).message);
    throw error;
  }
}

/** Predicts the images one after the other; returns what was written for each. What is refused leaves no folder. */
async function predictAll(work: Work, context: Context): Promise<Record<string, unknown>[]> {
  const made = await ensureFolder(work.options.output);
  try {
    return await predictOpened(work, context);
  } finally {
    await removeEmptyFolders(made);
  }
}

async function predictOpened(work: Work, context: Context): Promise<Record<string, unknown>[]> {
  const { options, checkpoint, progress } = work;
  const device = await openExamined(context, progress.line);
  let predictor: Predictor | undefined;
  try {
    const { tile, symmetries } = options;
    const signal = work.job?.signal;
    const how = { tile, symmetries, signal };
    predictor = await context.services.createPredictor(device, checkpoint, how);
    return await predictEach(work, predictor, () => context.services.lossOf(device));
  } finally {
    progress.stop();
    predictor?.close();
    device.close();
  }
}
