// The ROI sets of ImageJ's ROI Manager: zip archives of ROI files.

import type { Outline, OutlineFile } from "./outline.js";
import { type Roi, readRoi, writeRoi } from "./roi.js";
import { readZip, writeZip } from "./zip.js";

/** The most bytes that a set may unpack to: enough for the outlines of a million objects. */
const MOST_BYTES = 2 ** 29;

/** A set of outlines as RoiSet.zip: a file per outline, with its name. Equal outlines give equal bytes. */
export function writeRoiSet(outlines: readonly Outline[]): Uint8Array {
  const files = outlines.map((outline) => {
    return { path: `${outline.name}.roi`, bytes: writeRoi(outline), compress: true };
  });
  return writeZip(files, { undated: true });
}

/** Whether a file is a single ROI by its first bytes; sets are zip archives. */
export function isRoi(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === "Iout";
}

/**
 * The outlines of a set, or of a single ROI file, in the file's order; `fileName` begins every error. Outlines
 * have the names of their files in the archive. ROIs without an area are left out, and a remark counts them.
 * Throws if the file is not an archive or is damaged, has no ROIs, unpacks to more than half a gigabyte, or has
 * ROIs of several slices or frames, which are the objects of several images.
 */
export function readRoiSet(bytes: Uint8Array, fileName: string): OutlineFile {
  const rois = isRoi(bytes) ? [readRoi(bytes, fileName)] : unpacked(bytes, fileName);
  const positions = [...new Set(rois.map(({ position }) => position))].filter((one) => one !== "");
  if (positions.length > 1) {
    throw new Error(
      `${fileName}: its ROIs lie on several slices or frames (${positions.slice(0, 3).join(", ")}), ` +
        "expected those of one image: save a set for each",
    );
  }
  const outlines = rois.flatMap(({ name, polygons }) => (polygons ? [{ name, polygons }] : []));
  const left = rois.length - outlines.length;
  if (outlines.length === 0) {
    throw new Error(`${fileName}: none of its ${rois.length} ROIs has an area, expected outlines`);
  }
  const remarks =
    left > 0
      ? [`${left} of its ${rois.length} ROIs are points, lines or texts, and are left out`]
      : [];
  return { outlines, remarks };
}

function unpacked(bytes: Uint8Array, fileName: string): Roi[] {
  const isWanted = (path: string) => /\.roi$/i.test(path) && !/(^|\/)__MACOSX\//.test(path);
  const files = Object.entries(readZip(bytes, fileName, { isWanted, mostBytes: MOST_BYTES }));
  if (files.length === 0) {
    throw new Error(
      `${fileName}: it holds no ROI (.roi), expected a set saved by the ROI Manager of Fiji`,
    );
  }
  return files.map(([path, content]) => {
    const roi = readRoi(content, `${fileName}, ${path}`);
    return { ...roi, name: path.replace(/^.*\//, "").replace(/\.roi$/i, "") };
  });
}
