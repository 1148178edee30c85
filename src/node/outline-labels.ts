// Label images from files of outlines: ROI sets of Fiji and GeoJSON. Such files do not say how large the image
// is.

import { readFile } from "node:fs/promises";
import type { RawImage } from "../data/image-types.js";
import { fillOutlines } from "../objects/fill-outlines.js";
import { readOutlines } from "../objects/outline-files.js";
import { explainReason } from "./run-files.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws a file of outlines as a label image of 32 bits; errors name the file. */
export async function readOutlineLabels(
  path: string,
  size: Size | undefined,
): Promise<{ image: RawImage; remarks: readonly string[] }> {
  if (size === undefined) {
    throw new Error(
      `${path}: outlines have no size of their own, expected the image that they belong to`,
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new Error(`${path}: ${explainReason(error)}`);
  }
  return fillOutlines(readOutlines(bytes, path), size, path);
}
