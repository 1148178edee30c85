// The images of `predict`, one after the other: read, predicted, written.

import { basename, join } from "node:path";
import { classLegend } from "../../data/classes.js";
import { applyColour, type ColourSurvey, colourFor, surveyColour } from "../../data/colour-rule.js";
import type { Image, RawImage } from "../../data/image-types.js";
import { imageFromRaw } from "../../data/labels.js";
import { classFieldsOf } from "../../data/task.js";
import { predictedClasses } from "../../metrics/pixels.js";
import { writeClasses } from "../../node/class-file.js";
import { createReader, type ImageFile, type ImageReader } from "../../node/image-files.js";
import { labelName } from "../../node/label-files.js";
import type { PredictedImage } from "../../outputs/output-types.js";
import { PREDICTION_OUTPUTS } from "../../outputs/prediction-outputs.js";
import type { Checkpoint } from "../../train/training-types.js";
import { exitCodeOf, TEMPORARY, TemporaryFailure } from "../exit-codes.js";
import type { Progress } from "../progress-bar.js";
import type { Predictor } from "../services.js";
import type { PredictOptions } from "./predict-options.js";
import { encodePrediction, writeOutputs } from "./predict-outputs.js";
import type { ShardJob } from "./predict-shard.js";

/** The outputs that are always written, and those that are requested. */
export const wantedOutputs = (options: PredictOptions) =>
  PREDICTION_OUTPUTS.filter(({ name, help }) => help === undefined || options[name] === true);

/** An image that was not predicted, and why. */
export interface Failure {
  readonly input: string;
  readonly page?: number;
  readonly error: string;
}

/** The task of one call, and what is known about its images. */
export interface Work {
  readonly options: PredictOptions;
  readonly checkpoint: Checkpoint;
  readonly images: readonly ImageFile[];
  readonly failed: Failure[];
  readonly progress: Progress;
  readonly surveys: ColourSurvey[];
  /** If only a shard is predicted. */
  readonly job: ShardJob | undefined;
}

/**
 * Predicts the images; returns what was written for each. An image that fails is noted, unless the next would fail
 * too. `lossOf`: the message of the GPU's loss.
 */
export async function predictEach(
  work: Work,
  predictor: Predictor,
  lossOf: () => Promise<string | undefined>,
): Promise<Record<string, unknown>[]> {
  const { options, images, failed, progress, job } = work;
  const read = createReader({ pages: options.pages });
  const total = images.length;
  const written: Record<string, unknown>[] = [];
  let failedBefore: Stage | undefined;
  let classes: Promise<void> | undefined;
  const describe = () => (classes ??= describeMasks(work));
  for (const [index, input] of images.entries()) {
    const { image, page } = input;
    const place = { input: image, ...(page === undefined ? {} : { page }) };
    progress.update(index, total, `${image} (${index + 1} of ${total})`);
    const at: Course = { stage: "read", describe };
    try {
      const result = await predictOne(work, predictor, read, input, at);
      if (result) written.push({ ...place, ...result });
      failedBefore = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (job) refuseToGoOn(job, at.stage === "predict" ? await lossOf() : undefined, error);
      await job?.failed(input, message);
      // If one file cannot be written, neither can the next, and an engine that fails twice in a row fails
      // for all images; a single failure may be an image that is too large.
      const isHopeless =
        at.stage === "write" || (at.stage === "predict" && failedBefore === "predict");
      if (isHopeless || total === 1) throw error;
      failedBefore = at.stage;
      failed.push({ ...place, error: message });
      progress.line(message);
    }
  }
  return written;
}

type Stage = "read" | "predict" | "write";

/** Of one image. */
interface Course {
  stage: Stage;
  /** Writes once what the masks mean: before the first mask, and not if none is written. */
  describe(): Promise<void>;
}

function describeMasks({ options, checkpoint: { metadata } }: Work): Promise<void> {
  const threshold = metadata.model.classes === 2 ? { threshold: options.threshold } : {};
  const { ignore } = metadata;
  return writeClasses(options.output, { ...classFieldsOf(metadata), ignore, ...threshold });
}

/** Throws if an image of a shard failed for a reason that is not its own. */
function refuseToGoOn(job: ShardJob, loss: string | undefined, error: unknown): void {
  job.signal.throwIfAborted();
  if (loss !== undefined) throw new TemporaryFailure(`the GPU was lost: ${loss}`, { cause: error });
  if (exitCodeOf(error) === TEMPORARY) throw error;
}

/** Reads, predicts and writes an image; `at` is told what is being done. Undefined if it has a receipt. */
async function predictOne(
  work: Work,
  predictor: Predictor,
  read: ImageReader,
  input: ImageFile,
  at: Course,
): Promise<Record<string, unknown> | undefined> {
  const { options, checkpoint, job } = work;
  job?.signal.throwIfAborted();
  const { image, stored } = await loadFor(read, input, work);
  if (await job?.isSame(input, stored)) return undefined;
  const { pixelSize } = stored;
  at.stage = "predict";
  const prediction = await predictor.predict(image, input.name);
  const { width, height, classes, probabilities } = prediction;
  const indices = predictedClasses(probabilities, classes, options.threshold);
  const { colours } = classLegend(classFieldsOf(checkpoint.metadata));
  const stem = join(options.output, input.name);
  const cells = cellOptions(options, checkpoint);
  const file = labelName({ ...input, image: basename(input.image) });
  const drawn = { image, probabilities, classes, indices, colours };
  const predicted = { ...drawn, cells, pixelSize, stored, file };
  const outputs = encodePrediction(predicted, wantedOutputs(options), stem);
  at.stage = "write";
  await at.describe();
  await writeOutputs(outputs);
  await job?.done(input, stored, outputs.files);
  return { width, height, ...outputs.report };
}

/** How single cells are separated: by the options, else as chosen in training, else at the threshold of the mask. */
function cellOptions(
  { separation, cellThreshold, holes, smallest, threshold }: PredictOptions,
  { metadata: { task } }: Checkpoint,
): PredictedImage["cells"] {
  const { objects } = task ?? {};
  return {
    kind: objects?.kind,
    separation: separation ?? objects?.separation,
    threshold: cellThreshold ?? objects?.threshold ?? threshold,
    holes,
    smallest,
  };
}

/** The image with the channels that the network expects. */
async function loadFor(
  read: ImageReader,
  input: ImageFile,
  { checkpoint, options, surveys }: Work,
): Promise<{ image: Image; stored: RawImage }> {
  const raw = await read(input);
  const { channels } = checkpoint.metadata.model;
  const survey = surveyColour(raw, input.image);
  const rule = colourFor(survey, channels, `the network of ${options.checkpoint}`);
  surveys.push(survey);
  return { image: imageFromRaw(applyColour(raw, rule)), stored: raw };
}
