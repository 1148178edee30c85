// Slides by path or address.

import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { MOST_PIXELS } from "../formats/most-pixels.js";
import { openSlide } from "../formats/slide/open-slide.js";
import type { ReadableStore, Slide } from "../formats/slide/slide-types.js";
import { isUrl } from "../formats/slide/url-source.js";
import { fileSource } from "./file-source.js";
import { folderStore } from "./folder-store.js";
import { explainReason } from "./run-files.js";

/** Endings that are left out of the names of outputs. */
const ENDINGS = /(\.ome)?\.(zarr|ozx|tiff?|btf|tf[28]|svs|ndpi|zip)$/i;

/** TIFF files of more bytes than this are slides: their pixels may not fit into memory. */
const LARGE_TIFF = 2 ** 28;

/**
 * Tells whether `predict` reads an input as a slide, chunk by chunk: an address, a folder with a store of
 * Zarr, a zip file, or a TIFF file of more than 256 MiB or more pixels than are decoded at once; `isWanted`: of any size.
 * Smaller ones are images, whose results are image files.
 */
export async function isSlide(input: string, isWanted = false): Promise<boolean> {
  if (isUrl(input)) return true;
  const found = await stat(input).catch(() => undefined);
  if (found === undefined) return /\.zarr\/?$/i.test(input);
  if (found.isDirectory()) return isStore(input);
  const file = await open(input);
  try {
    const { buffer: head } = await file.read(new Uint8Array(4), 0, 4, 0);
    const isZip = head[0] === 0x50 && head[1] === 0x4b;
    const isTiff = (head[0] === 0x49 && head[1] === 0x49) || (head[0] === 0x4d && head[1] === 0x4d);
    if (isZip || !isTiff) return isZip;
    return isWanted || found.size > LARGE_TIFF || (await hasTooManyPixels(input));
  } finally {
    await file.close();
  }
}

/** Whether a TIFF file is too large for an image, however small its bytes are. */
async function hasTooManyPixels(input: string): Promise<boolean> {
  const slide = await openSlideAt(input).catch(() => undefined); // errors are those of reading it as an image
  return slide !== undefined && slide.levels[0].width * slide.levels[0].height > MOST_PIXELS;
}

/** Whether a path is one of a folder with a store of Zarr. */
export function isStore(path: string): boolean {
  return ["zarr.json", ".zgroup", ".zarray"].some((file) => existsSync(join(path, file)));
}

/** Opens a slide: an address, a folder with a store of Zarr, a zip file of one, or a TIFF file. */
export async function openSlideAt(input: string): Promise<Slide> {
  if (isUrl(input)) return openSlide(input, input.replace(/[?#].*$/, ""));
  const name = input;
  try {
    const found = await stat(input);
    if (found.isDirectory()) return openSlide(folderStore(input) as ReadableStore, name);
    return await openSlide(await fileSource(input), name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Error(`${input}: the slide cannot be read: ${explainReason(error)}`, {
      cause: error,
    });
  }
}

/** Returns what the outputs of a slide are called: "a" for "slides/a.ome.zarr". */
export function slideStem(input: string): string {
  const name = isUrl(input)
    ? decodeURIComponent(new URL(input).pathname.split("/").filter(Boolean).at(-1) ?? "slide")
    : basename(resolve(input));
  return name.replace(ENDINGS, "").replace(/[^\p{L}\p{N}._ -]/gu, "_") || "slide";
}
