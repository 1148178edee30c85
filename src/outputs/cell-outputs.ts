// The outputs of single cells: numbered, measured, outlined for other programs.

import { encodeTiff } from "../formats/tiff/write-tiff.js";
import { cellProbability } from "../objects/cells-of-classes.js";
import { measureObjects } from "../objects/measure.js";
import { type MeasuredImage, measurementsCsv } from "../objects/measurement-table.js";
import type { ObjectLabels } from "../objects/object-labels.js";
import { geoJsonOf, roiSetOf } from "../objects/outline-files.js";
import {
  DEFAULT_SEPARATION,
  DEFAULT_THRESHOLD,
  separateObjects,
} from "../objects/separate-objects.js";
import { cellPicture } from "../pictures/cell-picture.js";
import type { PredictedImage, PredictionOutput } from "./output-types.js";

/** Single cells by number, to measure and to look at. */
const objects: PredictionOutput = {
  name: "objects",
  help:
    "also <name>-objects.tif: touching cells separated, a number for each, 16 bits (32 above 65,535 cells), " +
    "and <name>-objects-colours.png to look at",
  suffixes: () => ["-objects.tif", "-objects-colours.png"],
  encode(predicted, encoders) {
    const { image, classes, cells = {}, pixelSize } = predicted;
    const { width, height } = image;
    const found = cellsOf(predicted);
    const numbered = { ...found, data: withNumbers(found.data, numbersOf(predicted)) };
    const isWide = (numbersOf(predicted)?.at(-1) ?? found.count) >= 2 ** 16;
    const data = isWide ? Uint32Array.from(numbered.data) : Uint16Array.from(numbered.data);
    const maximum = isWide ? 2 ** 32 - 1 : 2 ** 16 - 1;
    const bytes = encodeTiff({ width, height, channels: 1, maximum, data, pixelSize });
    const picture = encoders.picturePng(cellPicture(image, numbered));
    const [labels, colours] = objects.suffixes(classes);
    return {
      files: [
        { key: "objectLabels", suffix: labels, bytes },
        { key: "objectColours", suffix: colours, bytes: picture },
      ],
      facts: {
        objectCount: found.count,
        separation: cells.separation ?? DEFAULT_SEPARATION,
        cellThreshold: cells.threshold ?? DEFAULT_THRESHOLD,
      },
    };
  },
};

/** Single cells as a table. */
const measure: PredictionOutput = {
  name: "measure",
  help: "also <name>-objects.csv: size, shape, place and brightness of each cell (docs/objects.md)",
  suffixes: () => ["-objects.csv"],
  encode(predicted) {
    const measured = measuredCells(predicted);
    const bytes = new TextEncoder().encode(measurementsCsv([measured]));
    const [suffix] = measure.suffixes(predicted.classes);
    return {
      files: [{ key: "measurements", suffix, bytes }],
      facts: { objectCount: measured.objects.length },
    };
  },
};

/** The outlines of single cells for Fiji. */
const rois: PredictionOutput = {
  name: "rois",
  help: "also <name>-rois.zip: the outlines of the cells for the ROI Manager of Fiji",
  suffixes: () => ["-rois.zip"],
  encode(predicted) {
    const found = cellsOf(predicted);
    const [suffix] = rois.suffixes(predicted.classes);
    return {
      files: [{ key: "rois", suffix, bytes: roiSetOf(found, { numbers: numbersOf(predicted) }) }],
      facts: { objectCount: found.count },
    };
  },
};

/** The outlines of single cells for QuPath, with their measurements. */
const geojson: PredictionOutput = {
  name: "geojson",
  help: "also <name>.geojson: the outlines of the cells for QuPath, with their measurements",
  suffixes: () => [".geojson"],
  encode(predicted) {
    const found = cellsOf(predicted);
    const numbers = numbersOf(predicted);
    const text = geoJsonOf(found, { numbers, measured: measuredCells(predicted) });
    const [suffix] = geojson.suffixes(predicted.classes);
    return {
      files: [{ key: "geojson", suffix, bytes: new TextEncoder().encode(text) }],
      facts: { objectCount: found.count },
    };
  },
};

/** The outputs of single cells, in the order in which they are written. */
export const CELL_OUTPUTS: readonly PredictionOutput[] = [objects, measure, rois, geojson];

/** The cells of a prediction, separated once for all outputs that need them. */
const cellsOfPredictions = new WeakMap<PredictedImage, ObjectLabels>();

function cellsOf(predicted: PredictedImage): ObjectLabels {
  if (predicted.found) return predicted.found.labels;
  const known = cellsOfPredictions.get(predicted);
  if (known) return known;
  const { image, classes, probabilities, cells = {} } = predicted;
  const { width, height } = image;
  const { kind, ...options } = cells;
  const plane = cellProbability({ width, height, classes, probabilities }, kind);
  const found = separateObjects(plane, options);
  cellsOfPredictions.set(predicted, found);
  return found;
}

/** What was measured of the cells, once for all outputs that need it. */
const measuredOfPredictions = new WeakMap<PredictedImage, MeasuredImage>();

function measuredCells(predicted: PredictedImage): MeasuredImage {
  if (predicted.found) return predicted.found.measured;
  const known = measuredOfPredictions.get(predicted);
  if (known) return known;
  const { image, stored = image, file = "", pixelSize } = predicted;
  const objects = measureObjects(cellsOf(predicted), { image: stored, pixelSize });
  const measured = { file, objects, pixelSize };
  measuredOfPredictions.set(predicted, measured);
  return measured;
}

/** The numbers of the cells in files, if they are not 1, 2, 3 ... */
const numbersOf = ({ found }: PredictedImage) => found?.numbers;

function withNumbers(data: Int32Array, numbers: readonly number[] | undefined): Int32Array {
  return numbers ? data.map((index) => (index > 0 ? numbers[index - 1] : 0)) : data;
}
