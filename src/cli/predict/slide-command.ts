// `micrograph predict` of a slide: chunk by chunk, with bounded memory, into a store of OME-Zarr.

import { CACHE_BYTES, type ChunkSource } from "../../data/chunk-source.js";
import { givenScales } from "../../data/normalise.js";
import { classFieldsOf } from "../../data/task.js";
import type { Slide } from "../../formats/slide/slide-types.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { weightsDigest } from "../../node/digest.js";
import { finishSlide } from "../../node/finish-slide.js";
import {
  predictSlide,
  type SlideDone,
  type SlideStep,
  shardChunks,
  slideStatistics,
} from "../../node/predict-slide.js";
import { ensureFolder, removeEmptyFolders } from "../../node/run-files.js";
import { openSlideAt, slideStem } from "../../node/slide-file.js";
import { type SlideJob, type SlidePlan, startJob } from "../../node/slide-job.js";
import { writeClassesTiff } from "../../node/slide-tiff.js";
import { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import type { OptionValues } from "../../options/rules.js";
import type { Predictor } from "../../predict/predictor.js";
import type { Shard } from "../../predict/tiling.js";
import type { Checkpoint } from "../../train/training-types.js";
import { openExamined } from "../doctor/doctor-command.js";
import { exitCodeOf, TEMPORARY, TemporaryFailure } from "../exit-codes.js";
import { byteText } from "../format.js";
import { type CellOptions, slideObjects } from "../merge/slide-objects.js";
import { ownModels } from "../options/own-model.js";
import { checkRanges } from "../options/parse-numbers.js";
import type { SlideOptions } from "../options/slide-options.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context } from "../services.js";

export interface SlideCommandOptions
  extends SlideOptions,
    CellOptions,
    OptionValues<typeof PREDICTION_OPTIONS> {
  readonly checkpoint: string;
  readonly input: string;
  readonly output: string;
  readonly model?: string;
  /** Whether the objects are found and measured after the prediction; the two options mean the same of slides. */
  readonly objects?: boolean;
  readonly measure?: boolean;
  readonly json?: boolean;
}

/** A part of the work, and what stops it. */
export interface SlidePart {
  readonly shard?: Shard | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Side of a chunk of work: four tiles of the usual size. */
const SIDE = 1024;
/** Chunks of work of a slide: 17 terapixels of the usual side. A byte and an index are kept of each. */
const MOST_CHUNKS = 2 ** 24;

/**
 * Predicts a slide; returns what was done, undefined for `--statistics`. Without a shard the store is completed at the end,
 * else, with its objects, by `merge`. Run again after it was killed, it predicts the chunks that are missing.
 */
export async function runSlide(
  options: SlideCommandOptions,
  context: Context,
  { shard, signal }: SlidePart = {},
): Promise<Record<string, unknown> | undefined> {
  checkRanges({ ...PREDICTION_OPTIONS, ...SEPARATION_OPTIONS }, options);
  if (wantsObjects(options) && shard) {
    throw new Error(
      `--${options.objects ? "objects" : "measure"}: not with --shard: merge finds and measures the objects of a slide ` +
        "when its shards are done",
    );
  }
  if (options.tiff && shard) {
    throw new Error("--tiff: not with --shard: run predict --tiff without it after merge");
  }
  const models = await ownModels(options.model);
  const checkpoint = await loadCheckpoint(options.checkpoint, { models });
  const slide = await openSlideAt(options.input);
  const plan = planOf(slide, checkpoint, options);
  const { level, channels, z, t } = plan;
  const chunks = await slide.chunks({ level, channels, z, t });
  const job = await startJob(options.output, slideStem(options.input), plan);
  const made = await ensureFolder(options.output);
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  for (const remark of slide.remarks) progress.line(`${slide.name}: ${remark}`);
  const tell = (step: SlideStep, done: number, total: number) =>
    progress.update(done, total, `${job.name}: ${step}, chunk ${done} of ${total}`);
  try {
    if (options.statistics) {
      await slideStatistics({ job, chunks, signal, onProgress: tell });
      progress.line(`${job.folder}: the statistics of the whole are in statistics.json`);
      return undefined;
    }
    const run = { options, checkpoint, job, chunks, shard, signal, progress, tell };
    const done = await predictAndFinish(run, context);
    const tiff = options.tiff ? await writeClassesTiff(job) : undefined;
    if (tiff) progress.line(`${tiff}: the classes`);
    return { ...done, ...(tiff ? { tiff } : {}) };
  } finally {
    progress.stop();
    await removeEmptyFolders(made);
  }
}

interface Run extends SlidePart {
  readonly options: SlideCommandOptions;
  readonly checkpoint: Checkpoint;
  readonly job: SlideJob;
  readonly chunks: ChunkSource;
  readonly progress: Progress;
  readonly tell: (step: SlideStep, done: number, total: number) => void;
}

/** Predicts what is missing; without a shard the store is then completed, with its objects if they are wanted. */
async function predictAndFinish(run: Run, context: Context): Promise<Record<string, unknown>> {
  const { options, job, shard, signal, progress } = run;
  const { plan, final } = job;
  const place = { input: plan.input, width: plan.width, height: plan.height };
  const isComplete = job.isComplete();
  const done = isComplete
    ? { predicted: 0, before: job.grid.count }
    : await predictMissing(run, context);
  if (shard) return { ...place, store: isComplete ? final : job.partial, shard, ...done };
  if (wantsObjects(options)) {
    const { csv, count } = await slideObjects(job, options, progress, signal);
    return { ...place, store: final, ...done, csv, objects: count };
  }
  if (isComplete) progress.line(`${final}: it is complete, nothing is left to do`);
  else {
    await finishSlide(job);
    progress.line(`${final}: probabilities, and class indices in labels/classes`);
  }
  return { ...place, store: final, ...done };
}

/** Predicts the chunks that are missing; opens the GPU only if there are some. */
async function predictMissing(
  run: Run,
  context: Context,
): Promise<SlideDone & { readonly seconds?: number }> {
  const { options, checkpoint, job, chunks, shard, signal, progress, tell } = run;
  const known = await job.done();
  const own = shardChunks(job, chunks, shard ?? { index: 0, count: 1 });
  if (own.every((chunk) => known.has(chunk))) {
    const result = await predictSlide({ job, chunks, shard, cacheBytes: options.cache });
    progress.line(`${result.before} chunks were done before, nothing is left to predict`);
    return result;
  }
  const device = await openExamined(context, progress.line);
  try {
    const { tile, symmetries } = options;
    const opened = await context.services.createPredictor(device, checkpoint, { tile, symmetries });
    const predictor = opened as unknown as Predictor;
    try {
      await tellMemory(predictor, run);
      const cacheBytes = options.cache;
      const started = performance.now();
      const exitCode = async (error: unknown) =>
        (await context.services.lossOf(device)) ? TEMPORARY : exitCodeOf(error);
      const how = { cacheBytes, signal, exitCode, onProgress: tell };
      const done = await predictSlide({ job, chunks, predictor, shard, ...how });
      const seconds = (performance.now() - started) / 1000;
      const { predicted, before } = done;
      progress.line(
        `${predicted} chunks predicted in ${seconds.toFixed(1)} s` +
          (before > 0 ? `, ${before} were done before` : ""),
      );
      return { ...done, seconds };
    } finally {
      predictor.close();
    }
  } catch (error) {
    const loss = await context.services.lossOf(device);
    if (loss === undefined) throw error;
    throw new TemporaryFailure(`the GPU was lost: ${loss}`, { cause: error });
  } finally {
    device.close();
  }
}

const wantsObjects = ({ objects, measure }: SlideCommandOptions) => Boolean(objects || measure);

/** States how much memory the prediction takes, whatever the size of the slide. */
async function tellMemory(predictor: Predictor, { job, options, progress }: Run): Promise<void> {
  const { grid, plan } = job;
  const { width, height } = grid.area(0);
  const { tile, side, plan: gpu, release } = await predictor.tiles({ width, height }, plan.input);
  release();
  const { classes, channels } = plan;
  // Two chunks are predicted while one is written, by two tiles each.
  const ofChunk = width * height * (8 * classes + 3 * (2 * classes + 1));
  const ofTiles = 16 * (channels.length * tile * tile + classes * side * side);
  progress.line(
    `${plan.width} x ${plan.height} pixels in ${grid.count} chunks of ${grid.side}, tiles of ${tile}. Memory, ` +
      `whatever the size: ${byteText(options.cache ?? CACHE_BYTES)} of chunks that were read, ` +
      `${byteText(ofChunk + ofTiles)} of results, ${byteText(gpu.memory.totalBytes)} on the GPU`,
  );
}

function planOf(
  slide: Slide,
  { metadata, tensors }: Checkpoint,
  options: SlideCommandOptions,
): SlidePlan {
  const { level = 0, z = 0, t = 0, chunk: side = SIDE } = options;
  const channels = options.channels ?? slide.channelNames.map((_, index) => index);
  const { model } = metadata;
  if (channels.length !== model.channels) {
    const names = slide.channelNames.map((name, index) => `${index} (${name})`).join(", ");
    throw new Error(
      `${slide.name}: ${channels.length} of its channels are chosen, and the network of ${options.checkpoint} ` +
        `expects ${model.channels}: choose by --channels from ${names}`,
    );
  }
  if (side % 16 !== 0) throw new Error(`--chunk ${side}: expected a multiple of 16, such as 1024`);
  const found = slide.levels[level];
  if (found === undefined) {
    throw new Error(
      `${slide.name}: there is no level ${level}, it has ${slide.levels.length}, counted from 0`,
    );
  }
  const { width, height, factor } = found;
  const count = Math.ceil(width / side) * Math.ceil(height / side);
  if (count > MOST_CHUNKS) {
    throw new Error(
      `${slide.name}: ${width} x ${height} pixels are ${count} chunks of ${side}, expected at most ${MOST_CHUNKS}: choose ` +
        "a larger --chunk, or a smaller resolution by --level",
    );
  }
  const { pixelSize } = slide;
  return {
    input: options.input,
    width,
    height,
    level,
    channels,
    z,
    t,
    side,
    classes: model.classes,
    network: weightsDigest({ tensors }),
    symmetries: options.symmetries,
    tile: options.tile ?? null,
    threshold: options.threshold,
    version: options.zarr ?? (slide.version === "0.5" ? "0.5" : "0.4"),
    pixelSize: pixelSize ? { x: pixelSize.x * factor, y: pixelSize.y * factor } : null,
    classFields: classFieldsOf(metadata),
    objects: metadata.task?.objects ?? null,
    normalisation: normalisationOf(metadata, options),
  };
}

function normalisationOf(
  { normalisation = { kind: "image" } }: Checkpoint["metadata"],
  { input, mean, deviation }: SlideCommandOptions,
): SlidePlan["normalisation"] {
  if ((mean === undefined) !== (deviation === undefined)) {
    throw new Error("--mean and --deviation: give both, or neither");
  }
  if (mean && deviation) return { mean, deviation };
  const scales = givenScales(normalisation, input);
  if (scales === undefined) return "image";
  return {
    mean: scales.map((scale) => scale.mean),
    deviation: scales.map((scale) => scale.deviation),
  };
}
