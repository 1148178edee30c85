// `micrograph predict`: writes a mask and a probability image for each image.

import { basename, join } from "node:path";
import { classLegend } from "../../data/classes.js";
import {
  applyColour,
  type ColourSurvey,
  colourFor,
  fittedRemarks,
  notFiniteRemarks,
  surveyColour,
} from "../../data/colour-rule.js";
import type { Image, RawImage } from "../../data/image-types.js";
import { imageFromRaw } from "../../data/labels.js";
import { someNames } from "../../data/pairs.js";
import { classFieldsOf } from "../../data/task.js";
import type { PageMode } from "../../formats/image-file.js";
import { predictedClasses } from "../../metrics/pixels.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { writeClasses } from "../../node/class-file.js";
import {
  createReader,
  type ImageFile,
  type ImageReader,
  type ImageScan,
  scanImages,
} from "../../node/image-files.js";
import { labelName } from "../../node/label-files.js";
import { ensureFolder } from "../../node/run-files.js";
import { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import type { OptionValues } from "../../options/rules.js";
import type { PredictedImage } from "../../outputs/output-types.js";
import { PREDICTION_OUTPUTS } from "../../outputs/prediction-outputs.js";
import type { Checkpoint } from "../../train/training-types.js";
import { openExamined } from "../doctor/doctor-command.js";
import { ownModels } from "../options/own-model.js";
import { checkRanges } from "../options/parse-numbers.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context, Predictor } from "../services.js";
import { checkTile } from "../train/resolve-run.js";
import { encodePrediction, refuseOverwriting, writeOutputs } from "./predict-outputs.js";

export interface PredictOptions
  extends OptionValues<typeof PREDICTION_OPTIONS>,
    OptionValues<typeof SEPARATION_OPTIONS> {
  checkpoint: string;
  input: string;
  output: string;
  /** A module with the checkpoint's architecture. */
  model?: string;
  pages?: PageMode;
  json?: boolean;
  /** Whether an output of `PREDICTION_OUTPUTS` is requested, by its name. */
  [output: string]: unknown;
}

/** The outputs that are always written, and those that are requested. */
const wanted = (options: PredictOptions) =>
  PREDICTION_OUTPUTS.filter(({ name, help }) => help === undefined || options[name] === true);

/** An image that was not predicted, and why. */
interface Failure {
  readonly input: string;
  readonly page?: number;
  readonly error: string;
}

/**
 * Runs the command; returns the exit code. An image that cannot be read is reported and skipped, the
 * others are predicted, and the last line counts the failures. Throws one line for wrong input.
 */
export async function runPredict(options: PredictOptions, context: Context): Promise<number> {
  checkRanges({ ...PREDICTION_OPTIONS, ...SEPARATION_OPTIONS }, options);
  const models = await ownModels(options.model);
  const checkpoint = await loadCheckpoint(options.checkpoint, { models });
  checkOptions(options, checkpoint);
  const scan = await scanImages(options.input, { pages: options.pages, unreadable: "keep" });
  const { classes } = checkpoint.metadata.model;
  refuseOverwriting(scan.images, options.output, classes, wanted(options));
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  tellPassedOver(options.input, scan, progress);
  const failed: Failure[] = [];
  const work: Work = { options, checkpoint, scan, failed, progress, surveys: [] };
  const written = await predictAll(work, context);
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

/** The task of one call, and what is known about its images. */
interface Work {
  readonly options: PredictOptions;
  readonly checkpoint: Checkpoint;
  readonly scan: ImageScan;
  readonly failed: Failure[];
  readonly progress: Progress;
  readonly surveys: ColourSurvey[];
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

/** Predicts the images one after the other; returns what was written for each. */
async function predictAll(work: Work, context: Context): Promise<Record<string, unknown>[]> {
  const { options, checkpoint, progress } = work;
  const { model, ignore } = checkpoint.metadata;
  await ensureFolder(options.output);
  const device = await openExamined(context, progress.line);
  let predictor: Predictor | undefined;
  try {
    const { tile, symmetries } = options;
    predictor = await context.services.createPredictor(device, checkpoint, { tile, symmetries });
    // Before the first mask, so that masks never exist without the file that explains their values.
    const threshold = model.classes === 2 ? { threshold: options.threshold } : {};
    const classes = classFieldsOf(checkpoint.metadata);
    await writeClasses(options.output, { ...classes, ignore, ...threshold });
    return await predictEach(work, predictor);
  } finally {
    progress.stop();
    predictor?.close();
    device.close();
  }
}

async function predictEach(work: Work, predictor: Predictor): Promise<Record<string, unknown>[]> {
  const { options, scan, failed, progress } = work;
  const read = createReader({ pages: options.pages });
  const total = scan.images.length;
  const written: Record<string, unknown>[] = [];
  let failedBefore: Stage | undefined;
  for (const [index, input] of scan.images.entries()) {
    const { image, page } = input;
    const place = { input: image, ...(page === undefined ? {} : { page }) };
    progress.update(index, total, `${image} (${index + 1} of ${total})`);
    const at: { stage: Stage } = { stage: "read" };
    try {
      written.push({ ...place, ...(await predictOne(work, predictor, read, input, at)) });
      failedBefore = undefined;
    } catch (error) {
      const { message } = error as Error;
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

/** Reads, predicts and writes an image; `at` is told what is being done. */
async function predictOne(
  work: Work,
  predictor: Predictor,
  read: ImageReader,
  input: ImageFile,
  at: { stage: Stage },
): Promise<Record<string, unknown>> {
  const { options, checkpoint } = work;
  const { image, stored } = await loadFor(read, input, work);
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
  const outputs = encodePrediction(predicted, wanted(options), stem);
  at.stage = "write";
  await writeOutputs(outputs);
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
