// `micrograph measure`: a table of the objects in label images, and their outlines for other programs.

import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { foldName } from "../../data/file-names.js";
import type { PixelSize } from "../../data/image-types.js";
import type { PageMode } from "../../formats/image-file.js";
import { findLabelled, type Labelled, loadLabelled, MEASURED } from "../../node/labelled-files.js";
import { ensureFolder, writeFileAtomic } from "../../node/run-files.js";
import { measureObjects } from "../../objects/measure.js";
import {
  type MeasuredImage,
  measurementColumns,
  measurementsCsv,
} from "../../objects/measurement-table.js";
import { countText } from "../format.js";
import { pagesOption } from "../options/image-options.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { checkMeasurePlaces, MEASURE_FILES, type MeasureFileOptions } from "./measure-files.js";

export interface MeasureCommandOptions extends MeasureFileOptions {
  images?: string;
  pixelSize?: PixelSize;
  pages?: PageMode;
  csv?: string;
  json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addMeasure(program: Command, context: Context, done: (code: number) => void): void {
  const measure = program
    .command("measure")
    .summary("measure the objects in label images")
    .description(
      "Prints a table as CSV: a row per object, with area, perimeter, diameters, axes, roundness, place,\n" +
        "neighbours, and the brightness in each channel of the images, paired with the labels by name.\n" +
        "Labels are images in which 0 is background and each number an object (PNG, TIFF of 8 to 32\n" +
        "bits), masks (each connected piece is an object), or outlines: ROI sets of Fiji (.zip, .roi)\n" +
        "and GeoJSON of QuPath (.geojson). docs/objects.md defines each column.",
    )
    .argument("<labels...>", "label files, a folder of them, or one that holds images/ and labels/")
    .option("--images <FILE|DIR>", "images to measure the brightness in; outlines need them")
    .addOption(
      new Option(
        "--pixel-size <UM>",
        "width of a pixel in micrometres, or width and height: 0.5 or 0.5,0.4 (default: as the files say)",
      ).argParser(parsePixelSize),
    )
    .addOption(pagesOption())
    .option("--csv <FILE>", "write the table into a file")
    .option("-o, --output <DIR>", "folder for objects.csv and the files of the next options");
  for (const { flag, help } of MEASURE_FILES) measure.option(flag, help);
  measure
    .option("--json", "print the measurements as JSON; progress goes to standard error")
    .action(async (labels: string[], options: MeasureCommandOptions) => {
      const problem = checkMeasurePlaces(options);
      if (problem !== undefined) measure.error(problem);
      done(await runMeasure(labels, options, context));
    })
    .addHelpText(
      "after",
      `\nExamples:\n  ${context.invocation} measure labels > objects.csv\n  ${context.invocation} ` +
        "measure labels --images images --pixel-size 0.325 --rois -o measured",
    );
}

function parsePixelSize(text: string): PixelSize {
  const [x, y = x, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? NaN : Number(part)));
  const isSize = (value: number) => value > 0 && Number.isFinite(value);
  if (isSize(x) && isSize(y) && more.length === 0) return { x, y };
  throw new InvalidArgumentError("expected micrometres above 0, such as 0.5, or 0.5,0.4.");
}

/** The measurements of one label file, and the files written for it. */
interface Measured extends MeasuredImage {
  readonly width: number;
  readonly height: number;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs the command; returns the exit code. Files that cannot be read are reported, the others are measured,
 * and the code is 1. Throws one line for wrong input.
 */
export async function runMeasure(
  labels: readonly string[],
  options: MeasureCommandOptions,
  context: Context,
): Promise<number> {
  const { output, csv = output === undefined ? undefined : join(output, "objects.csv") } = options;
  const isPrinted = options.json || csv === undefined;
  const progress = createProgress(isPrinted ? context.stderr : context.stdout);
  try {
    const found = await findLabelled(labels, options.images, {
      ...MEASURED,
      pages: options.pages,
    });
    for (const remark of found.remarks) progress.line(remark);
    refuseOverwriting(found.files, options, csv);
    if (output !== undefined) await ensureFolder(output);
    const failed: { file: string; error: string }[] = [];
    const measured = await measureAll(found.files, options, failed, progress);
    const table = measurementsCsv(measured);
    if (csv !== undefined) await writeFileAtomic(csv, table);
    progress.stop();
    const objects = measured.reduce((sum, one) => sum + one.objects.length, 0);
    const where = csv === undefined ? "" : `: the table is in ${csv}`;
    const counts = `${countText(objects, "object")} in ${countText(measured.length, "image")}`;
    progress.line(`${counts} measured${where}`);
    if (options.json) {
      const result = { images: measured.map(jsonOf), ...(csv ? { csv } : {}), failed };
      context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    } else if (csv === undefined) context.stdout.write(table);
    return failed.length > 0 ? 1 : 0;
  } finally {
    progress.stop();
  }
}

async function measureAll(
  files: readonly Labelled[],
  options: MeasureCommandOptions,
  failed: { file: string; error: string }[],
  progress: Progress,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const load = loadLabelled({ ...MEASURED, pages: options.pages });
  for (const [i, file] of files.entries()) {
    progress.update(i, files.length, `${file.shown} (${i + 1} of ${files.length})`);
    try {
      const { labels, numbers, image, pixelSize: stored, remarks } = await load(file);
      for (const remark of remarks) progress.line(remark);
      const pixelSize = options.pixelSize ?? stored;
      const objects = measureObjects(labels, { numbers, image, pixelSize });
      const { width, height } = labels;
      const one = { file: file.shown, objects, pixelSize, width, height };
      const made: Record<string, string> = {};
      for (const { key, path, encode } of filesOf(file, options)) {
        await writeFileAtomic(path, encode({ labels, numbers, measured: one }));
        made[key] = path;
      }
      measured.push({ ...one, files: made });
    } catch (error) {
      const { message } = error as Error;
      failed.push({ file: file.shown, error: message });
      progress.line(message);
      if (failed.length === files.length) throw error;
    }
  }
  return measured;
}

/** The files to write for a label file. */
function filesOf({ name }: Labelled, options: MeasureCommandOptions) {
  return MEASURE_FILES.filter(({ key }) => options[key]).map((file) => {
    return { ...file, path: join(options.output as string, `${name}${file.suffix}`) };
  });
}

/** Throws if a result would overwrite an input, or the result of another file. */
function refuseOverwriting(
  files: readonly Labelled[],
  options: MeasureCommandOptions,
  csv: string | undefined,
): void {
  const inputs = files.flatMap(({ label, image }) => [
    label.image,
    ...(image ? [image.image] : []),
  ]);
  const taken = new Set(inputs.map((path) => foldName(resolve(path))));
  const results = new Map<string, string>();
  const add = (path: string, of: string) => {
    const key = foldName(resolve(path));
    if (taken.has(key))
      throw new Error(`${path}: it would overwrite an input; name another folder`);
    const other = results.get(key);
    if (other !== undefined) {
      throw new Error(`${other} and ${of} would both be written as ${path}: rename one`);
    }
    results.set(key, of);
  };
  if (csv !== undefined) add(csv, "the table");
  for (const file of files) for (const { path } of filesOf(file, options)) add(path, file.shown);
}

/** An image in the JSON; the fields of its objects are named like the table's columns. */
function jsonOf(image: Measured): Record<string, unknown> {
  const { file, width, height, pixelSize, files, objects } = image;
  const columns = measurementColumns([image]).slice(1);
  const rows = objects.map((object) => {
    const cells = columns.map(({ name, value }) => [name, value(object, image)]);
    // NaN becomes null.
    return Object.fromEntries(cells);
  });
  return { file, width, height, ...(pixelSize ? { pixelSize } : {}), ...files, objects: rows };
}
