// `micrograph gallery`: draws the data, what training sees of it, and what a network predicts.

import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { ClassFields } from "../../data/classes.js";
import { imageSize } from "../../data/survey.js";
import { classFieldsOf } from "../../data/task.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { dataMemory } from "../../node/data-memory.js";
import { findPairs } from "../../node/find-pairs.js";
import { writeGallery } from "../../node/report/gallery.js";
import { readRunRecord } from "../../node/report/run-record.js";
import { ensureFolder } from "../../node/run-files.js";
import { type LoadOptions, type OpenedSamples, openSamples } from "../../node/samples.js";
import { NETWORK_OPTIONS } from "../../options/network.js";
import type { OptionRow } from "../../options/rules.js";
import { TRAINING_OPTIONS } from "../../options/training.js";
import { DEFAULT_TRAINING, earlierTraining } from "../../train/config.js";
import { optionOf } from "../options/add-rows.js";
import {
  type AugmentationOptions,
  addAugmentationOptions,
  resolveAugmentation,
} from "../options/augmentation-options.js";
import {
  addClassOptions,
  addLabelOptions,
  ignoreOption,
  type LabelReadingOptions,
  labelDeclaration,
  labelReading,
} from "../options/class-options.js";
import { addImageOptions, type ImageOptions, trainingReading } from "../options/image-options.js";
import { ownModels } from "../options/own-model.js";
import { checkRanges } from "../options/parse-numbers.js";
import { SAMPLE } from "../options/sample.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { dataName, drawSample, namesData, type RunData } from "../train/train-data.js";
import { modelOption } from "../train/train-options.js";
import { type GalleryNetworkOptions, galleryNetwork } from "./gallery-network.js";

export interface GalleryOptions
  extends AugmentationOptions,
    GalleryNetworkOptions,
    ImageOptions,
    LabelReadingOptions {
  images?: string;
  labels?: string;
  classes?: number;
  classNames?: readonly string[];
  classColours?: readonly string[];
  ignore?: number | string;
  checkpoint?: string;
  output: string;
  w0: number;
  sigma: number;
  json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addGallery(program: Command, context: Context, done: (code: number) => void): void {
  const { base, depth, classes } = NETWORK_OPTIONS;
  const { tile, w0, sigma } = TRAINING_OPTIONS;
  const plain = (key: string, row: OptionRow<number>) => optionOf(key, row, () => undefined);
  const gallery = program
    .command("gallery")
    .summary("draw pictures of a data set and of a network's predictions")
    .description(
      "Writes pictures as PNG files and a page that shows them: images with their labels, overlapping\n" +
        "tiles, augmentation, the weight map, and the layers of the network as a table. With a checkpoint\n" +
        "also predictions next to image and label, errors by kind, and training curves. Without data it\n" +
        "draws the embedded sample.",
    )
    .argument("[folder]", "folder that holds images/ and labels/ (instead of --images, --labels)")
    .option("--images <DIR>", "folder of PNG, TIFF or JPEG images, or a stack")
    .option("--labels <DIR>", "their labels, paired with the images by file name")
    .option("--checkpoint <FILE>", "trained network: best.safetensors of a run folder")
    .requiredOption("-o, --output <DIR>", "folder to write into; created if it is missing")
    .addOption(
      optionOf("classes", classes, () => "default: those of the labels, or the checkpoint's"),
    )
    .addOption(modelOption())
    .addOption(plain("tile", tile))
    .addOption(plain("depth", depth))
    .addOption(plain("base", base))
    // The paper's: with the default w0 of 0 the map would show nothing.
    .addOption(plain("w0", w0).default(10))
    .addOption(plain("sigma", sigma).default(5))
    .option("--json", "print the files as JSON; progress goes to standard error")
    .action(async (folder: string | undefined, options: GalleryOptions) =>
      done(await runGallery(folder, options, context)),
    )
    .addHelpText(
      "after",
      `\nExamples:\n  ${context.invocation} gallery my-data -o gallery\n` +
        `  ${context.invocation} gallery --model fcn8s --base 32 -o gallery`,
    );
  addClassOptions(gallery);
  gallery.addOption(ignoreOption());
  addImageOptions(gallery);
  addLabelOptions(gallery);
  addAugmentationOptions(gallery);
}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runGallery(
  folder: string | undefined,
  options: GalleryOptions,
  context: Context,
): Promise<number> {
  checkRanges({ ...NETWORK_OPTIONS, ...TRAINING_OPTIONS }, options);
  const models = await ownModels(options.model);
  const checkpoint = options.checkpoint
    ? await loadCheckpoint(options.checkpoint, { models })
    : undefined;
  const kind = namesData(folder, options) ? "data" : "sample";
  const { model, task, tile } = galleryNetwork(options, kind, checkpoint, models);
  const { ignore = checkpoint?.metadata.ignore } = options;
  const run =
    options.checkpoint && existsSync(join(dirname(options.checkpoint), "config.json"))
      ? await readRunRecord(dirname(options.checkpoint), { models })
      : undefined;
  const classes = checkpoint ? model.classes : options.classes;
  const isTyped = options.instances || options.labelChannel || options.labelThreshold !== undefined;
  const asTrained = isTyped ? {} : labelReading(run?.config.labels);
  const declared = labelDeclaration(
    { ...asTrained, ...options, classes, ignore },
    classFieldsOf({ model, task }),
  );
  const trained = checkpoint?.metadata.training;
  const { augmentation: usual } = trained ? earlierTraining(trained) : DEFAULT_TRAINING;
  const augmentation = resolveAugmentation(options, usual);
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  const { samples, source, remarks, labels, ...found } = await readData(
    folder,
    options,
    classFieldsOf({ model, task }),
    {
      ...declared,
      ...(checkpoint ? { channels: checkpoint.metadata.model.channels } : {}),
    },
  );
  for (const remark of remarks) progress.line(remark);
  if (kind === "data" && ignore !== undefined && options.ignore === undefined) {
    progress.line(`Ignored, as in the network's training labels: ${ignore}.`);
  }
  if (!checkpoint) {
    progress.line("No predictions and no curves: these need a trained network, --checkpoint FILE.");
  }
  const { channels } = imageSize(samples[0]);
  const device = checkpoint && (await context.services.openDevice(progress.line));
  try {
    const predictor =
      device && checkpoint && (await context.services.createPredictor(device, checkpoint, {}));
    const files = await writeGallery(options.output, {
      source,
      samples,
      model: { ...model, classes: labels?.classes ?? model.classes, channels },
      task: { ...task, ...found },
      models,
      tile,
      augmentation,
      w0: options.w0,
      sigma: options.sigma,
      version: context.version,
      ...(run ? { run } : {}),
      ...(predictor ? { predict: ({ image, name }) => predictor.predict(image, name) } : {}),
    }).finally(() => predictor?.close());
    progress.line(`${files.length} files: open ${join(options.output, "index.html")}`);
    if (options.json) {
      const paths = files.map((file) => join(options.output, file));
      context.stdout.write(`${JSON.stringify({ files: paths }, null, 2)}\n`);
    }
    return 0;
  } finally {
    device?.close();
  }
}

type GalleryData = Omit<OpenedSamples, "labels" | "digests"> &
  Pick<RunData, "classNames" | "labels"> & { readonly source: string };

/** All samples, including those that a run would hold out. */
async function readData(
  folder: string | undefined,
  options: GalleryOptions,
  classes: ClassFields,
  reading: LoadOptions,
): Promise<GalleryData> {
  if (!namesData(folder, options)) {
    const { training, validation, classNames } = drawSample(classes);
    const remarks = ["No data given: pictures of the embedded sample, synthetic images."];
    if (classes.classes > SAMPLE.classNames.length) {
      const [drawn, all] = [SAMPLE.classNames.length, classes.classes];
      remarks.push(`Its labels have ${drawn} of the ${all} classes.`);
    }
    const samples = [...training, ...validation];
    const names = classNames ? { classNames } : {};
    return { samples, source: "Embedded sample", ...names, remarks };
  }
  const { images, labels, output, pages, colour } = options;
  const { pairs, warnings, source } = await findPairs(
    { folder, images, labels },
    trainingReading(pages),
  );
  await ensureFolder(output);
  for (const input of [source.images, source.labels]) {
    if (realpathSync(input) === realpathSync(output)) {
      throw new Error(`--output ${output}: this folder holds the data; choose another`);
    }
  }
  const { remarks, ...loaded } = await openSamples(pairs, {
    ...reading,
    ...{ ...trainingReading(pages), colour },
    memory: dataMemory(),
  });
  const name = dataName({ images: resolve(source.images), labels: resolve(source.labels) });
  return { ...loaded, source: name, remarks: [...warnings, ...remarks] };
}
