// Objects as files of outlines, which other programs read: Fiji's ROI sets and GeoJSON for QuPath.

import { type GeoJsonOptions, readGeoJson, writeGeoJson } from "../formats/geojson.js";
import type { Outline, OutlineFile } from "../formats/outline.js";
import { isRoi, readRoiSet, writeRoiSet } from "../formats/roi-set.js";
import type { MeasuredImage } from "./measurement-table.js";
import { measurementColumns } from "./measurement-table.js";
import type { ObjectLabels } from "./object-labels.js";
import { traceOutlines } from "./trace-outlines.js";

/** How the outlines of objects are written. */
export interface OutlineOptions {
  /** `[count]`: the number of each object in its file, used as its name; by default 1, 2, 3 ... */
  readonly numbers?: ArrayLike<number> | undefined;
}

/** The objects as RoiSet.zip of Fiji's ROI Manager: a ROI per object, named by its number. */
export function roiSetOf(labels: ObjectLabels, options: OutlineOptions = {}): Uint8Array {
  return writeRoiSet(outlinesOf(labels, options));
}

/** How the outlines of objects are written as GeoJSON. */
export interface GeoJsonOutlineOptions extends OutlineOptions, GeoJsonOptions {
  /** Measurements of the objects, in their order: each feature gets its row of the table. */
  readonly measured?: MeasuredImage | undefined;
}

/** The objects as GeoJSON for QuPath: a feature per object, named by its number. */
export function geoJsonOf(labels: ObjectLabels, options: GeoJsonOutlineOptions = {}): string {
  const { measured, objectType } = options;
  const columns = measured ? measurementColumns([measured]).slice(2) : [];
  const objects = outlinesOf(labels, options).map((outline, i) => {
    if (measured === undefined) return outline;
    const entries = columns.flatMap(({ name, value }) => {
      const cell = value(measured.objects[i], measured);
      return typeof cell === "number" ? [[name, cell] as const] : [];
    });
    return { ...outline, measurements: Object.fromEntries(entries) };
  });
  return writeGeoJson(objects, { objectType });
}

function outlinesOf(labels: ObjectLabels, { numbers }: OutlineOptions): Outline[] {
  return traceOutlines(labels).map((polygons, i) => {
    return { name: String(numbers?.[i] ?? i + 1), polygons };
  });
}

/**
 * The outlines of a file, recognised by content: a ROI set, a ROI, or GeoJSON. Throws one sentence that begins
 * with `fileName`.
 */
export function readOutlines(bytes: Uint8Array, fileName: string): OutlineFile {
  if (isRoi(bytes) || (bytes[0] === 0x50 && bytes[1] === 0x4b)) return readRoiSet(bytes, fileName);
  const text = new TextDecoder().decode(bytes);
  if (/^\uFEFF?\s*[{[]/.test(text)) return readGeoJson(text, fileName);
  throw new Error(
    `${fileName}: it holds no outlines, expected a ROI set of Fiji (.zip, .roi) or GeoJSON`,
  );
}
