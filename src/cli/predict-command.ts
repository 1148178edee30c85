// `micrograph predict`: a mask and a probability picture for each image.

import { existsSync, realpathSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { classLegend } from "../data/classes.js";
import { connectedComponents } from "../data/components.js";
import { imageFromRaw } from "../data/labels.js";
import { outlines } from "../data/outlines.js";
import type { Colour, Image } from "../data/types.js";
import { predictedClasses } from "../metrics/pixels.js";
import { loadCheckpoint } from "../node/checkpoint.js";
import { writeClasses } from "../node/class-file.js";
import { ensureFolder, writeFileAtomic } from "../node/files.js";
import { createReader, findImages, type ImageFile, type ImageReader } from "../node/image-files.js";
import { encodePalettePng, encodePng, picturePng } from "../node/png.js";
import { outlinePicture, tintedPicture } from "../pictures/views.js";
import type { Checkpoint, Prediction } from "../train/types.js";
import { checkNumber } from "./numbers.js";
import { createProgress } from "./progress.js";
import { checkTile } from "./resolve-run.js";
import type { Context, Predictor } from "./services.js";

export interface PredictOptions {
  checkpoint: string;
  input: string;
  output: string;
  tile?: number;
  symmetries: number;
  threshold: number;
  components?: boolean;
  outlines?: boolean;
  overlay?: boolean;
  json?: boolean;
}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runPredict(options: PredictOptions, context: Context): Promise<number> {
  for (const option of ["tile", "symmetries", "threshold"] as const) {
    checkNumber(option, options[option]);
  }
  const checkpoint = await loadCheckpoint(options.checkpoint);
  const { model } = checkpoint.metadata;
  const { classes } = model;
  const { colours } = classLegend(model);
  if (options.tile !== undefined) checkTile("--tile", options.tile, model, "prediction");
  if (options.threshold !== 0.5 && classes !== 2) {
    throw new Error(
      `--threshold ${options.threshold}: the network of ${options.checkpoint} tells ${classes} ` +
        "classes apart, and a threshold needs two",
    );
  }
  const inputs = await findImages(options.input);
  const skipped = await countOthers(options.input, inputs);
  await ensureFolder(options.output);
  const extras = EXTRAS.filter((extra) => options[extra]);
  refuseOverwriting(inputs, options.output, classes, extras);

  const progress = createProgress(options.json ? context.stderr : context.stdout);
  if (skipped > 0) {
    const files = skipped === 1 ? "file that is no image" : "files that are no images";
    progress.line(`${options.input}: skipping ${skipped} ${files}`);
  }
  const device = await context.services.openDevice(progress.line);
  let predictor: Predictor | undefined;
  try {
    const { tile, symmetries } = options;
    predictor = await context.services.createPredictor(device, checkpoint, { tile, symmetries });
    const written: unknown[] = [];
    const read = createReader();
    for (const [index, input] of inputs.entries()) {
      progress.update(index, inputs.length, `${input.image} (${index + 1} of ${inputs.length})`);
      const image = await loadFor(read, input, checkpoint, options);
      const prediction = await predictor.predict(image, input.name);
      const { threshold, output } = options;
      const indices = predictedClasses(prediction.probabilities, prediction.classes, threshold);
      const { width, height } = prediction;
      written.push({
        input: input.image,
        ...(input.page === undefined ? {} : { page: input.page }),
        width,
        height,
        ...(await writePrediction(prediction, indices, colours, join(output, input.name))),
        ...(await writeExtras(extras, image, { indices, colours }, join(output, input.name))),
      });
    }
    await writeClasses(options.output, { ...model, ignore: checkpoint.metadata.ignore });
    progress.stop();
    const count = `${inputs.length} image${inputs.length === 1 ? "" : "s"}`;
    progress.line(`${count} predicted: masks and probabilities are in ${options.output}`);
    if (options.json) {
      context.stdout.write(`${JSON.stringify({ images: written, skipped }, null, 2)}\n`);
    }
    return 0;
  } finally {
    progress.stop();
    predictor?.close();
    device.close();
  }
}

/** The image, where it has the channels of the network. */
async function loadFor(
  read: ImageReader,
  input: ImageFile,
  { metadata }: Checkpoint,
  options: PredictOptions,
): Promise<Image> {
  const image = imageFromRaw(await read(input));
  const { channels } = metadata.model;
  if (image.channels !== channels) {
    const names: Record<number, string> = { 1: "1 channel (grey)", 3: "3 channels (colour)" };
    const kind = (count: number) => names[count] ?? `${count} channels`;
    throw new Error(
      `${input.image}: it has ${kind(image.channels)}, but the network of ${options.checkpoint} was ` +
        `trained on images of ${kind(channels)}`,
    );
  }
  return image;
}

/**
 * Writes the mask and the probabilities of one prediction, with more than two classes the mask in
 * colours too; returns the files. `stem`: their path without what is added to it.
 */
async function writePrediction(
  { width, height, classes, probabilities }: Prediction,
  indices: Uint8Array,
  palette: readonly Colour[],
  stem: string,
): Promise<{ mask: string; probability: string[]; colours?: string }> {
  const data = classes === 2 ? indices.map((index) => 255 * index) : indices;
  const [mask, ...probability] = outputNames(stem, classes);
  const grey = { width, height, channels: 1 } as const;
  await writeFileAtomic(mask, encodePng({ ...grey, bitDepth: 8, data }));
  const colours = classes === 2 ? undefined : probability.pop();
  if (colours) {
    await writeFileAtomic(colours, encodePalettePng({ width, height, indices, palette }));
  }
  for (const [i, path] of probability.entries()) {
    const index = classes === 2 ? 1 : i;
    const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
    // In 64 bits: the rounding to 1/65535 is the only one.
    const data = Float64Array.from(plane, (value) => 65535 * value);
    await writeFileAtomic(path, encodePng({ ...grey, bitDepth: 16, data }));
  }
  return { mask, probability, ...(colours ? { colours } : {}) };
}

/** Pictures that are written where an option asks for them. */
const EXTRAS = ["components", "outlines", "overlay"] as const;
type Extra = (typeof EXTRAS)[number];

/** Writes what was asked for beside the mask; returns the files, and the number of objects. */
async function writeExtras(
  extras: readonly Extra[],
  image: Image,
  { indices, colours }: { readonly indices: Uint8Array; readonly colours: readonly Colour[] },
  stem: string,
): Promise<Record<string, string | number>> {
  const { width, height } = image;
  const result: Record<string, string | number> = {};
  for (const extra of extras) {
    const file = `${stem}-${extra}.png`;
    let png: Uint8Array;
    if (extra === "overlay") {
      const draw = colours.length === 2 ? outlinePicture : tintedPicture;
      png = picturePng(draw(image, { width, height, data: indices }, colours));
    } else if (extra === "outlines") {
      const data = outlines(indices, width, height).map((edge) => 255 * edge);
      png = encodePng({ width, height, channels: 1, bitDepth: 8, data });
    } else {
      const { labels, count } = connectedComponents(indices, width, height);
      if (count > 65535) {
        throw new Error(`${file}: ${count} objects were found, and 16 bits number 65535`);
      }
      result.objects = count;
      png = encodePng({ width, height, channels: 1, bitDepth: 16, data: labels });
    }
    await writeFileAtomic(file, png);
    result[extra] = file;
  }
  return result;
}

function outputNames(name: string, classes: number, extras: readonly Extra[] = []): string[] {
  if (extras.length > 0) {
    return [...outputNames(name, classes), ...extras.map((extra) => `${name}-${extra}.png`)];
  }
  if (classes === 2) return [`${name}.png`, `${name}-probability.png`];
  const each = Array.from({ length: classes }, (_, i) => `${name}-probability-${i}.png`);
  return [`${name}.png`, ...each, `${name}-colours.png`];
}

/** Throws when a result would replace an input, or another input's result. */
function refuseOverwriting(
  inputs: readonly ImageFile[],
  output: string,
  classes: number,
  extras: readonly Extra[],
): void {
  const folder = realpathSync(output);
  const sources = new Set(inputs.map(({ image }) => realPath(image)));
  const results = new Map<string, string>();
  for (const { name, image } of inputs) {
    for (const file of outputNames(name, classes, extras)) {
      const path = join(folder, file);
      if (sources.has(realPath(path))) {
        throw new Error(
          `--output ${output}: ${file} would overwrite an input; name another folder`,
        );
      }
      const other = results.get(path);
      if (other !== undefined) {
        throw new Error(`${image} and ${other} would both be written as ${join(output, file)}`);
      }
      results.set(path, image);
    }
  }
}

/** The path with links resolved, in the folder as well as in the file where that exists. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(resolve(dirname(path)), basename(path));
}

/** Files of the folder beside its images; hidden ones and folders do not count. */
async function countOthers(input: string, images: readonly ImageFile[]): Promise<number> {
  if (!(await stat(input)).isDirectory()) return 0;
  const taken = new Set(images.map(({ image }) => basename(image)));
  const entries = await readdir(input, { withFileTypes: true });
  return entries.filter(
    (entry) => !entry.isDirectory() && !entry.name.startsWith(".") && !taken.has(entry.name),
  ).length;
}
