// Stores of Zarr as image files: the pages of one are regions of its image, small enough to be decoded one by
// one, in the order of time, slice, row and column.

import { type ChunkedSource, cachedSource } from "../data/chunk-source.js";
import type { RawImage } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import type { ImageFileContent } from "../formats/image-file.js";
import type { Size } from "../predict/tiling.js";
import { openSlideAt } from "./slide-file.js";

/** About how long the sides of a region are, in pixels. */
const REGION_SIDE = 1024;

/**
 * How far a page looks past its region into the image, in pixels: what a U-Net of the paper, of depth 4, sees around a
 * pixel.
 */
const CONTEXT = 96;

/** Bytes of decoded chunks that are kept for the next region. */
const KEPT_BYTES = 2 ** 27;

/**
 * Opens a store as a file with a page for each region of each plane, with what is around the region in the image. Only its
 * full resolution is read, with all
 * channels. Throws one sentence that names the store.
 */
export async function openSlidePages(path: string): Promise<Omit<ImageFileContent, "format">> {
  const slide = await openSlideAt(path);
  const { sizeZ, sizeT, pixelSize, remarks } = slide;
  const [{ width, height }] = slide.levels;
  const regions = regionsOf(width, height);
  const pageCount = sizeT * sizeZ * regions.length;
  let last: { readonly plane: number; readonly source: ChunkedSource } | undefined;
  return {
    pageCount,
    remarks: remarks.map((remark) => `${path}: ${remark}`),
    async page(index): Promise<RawImage> {
      if (!(Number.isSafeInteger(index) && index >= 0 && index < pageCount)) {
        throw new Error(`${path}, page ${index}: it has ${pageCount} pages, counted from 0`);
      }
      const plane = Math.floor(index / regions.length);
      if (last?.plane !== plane) {
        const chunks = await slide.chunks({ z: plane % sizeZ, t: Math.floor(plane / sizeZ) });
        last = { plane, source: cachedSource(chunks, { bytes: KEPT_BYTES }) };
      }
      const { channels, chunks } = last.source;
      const region = regions[index % regions.length];
      const area = withContext(region, { width, height });
      const data = await last.source.read(area);
      const { maximum } = chunks;
      const core = { ...region, x: region.x - area.x, y: region.y - area.y };
      const page = { width: area.width, height: area.height, channels, maximum, data, pixelSize };
      return regions.length === 1 ? page : { ...page, core };
    },
  };
}

/**
 * The regions of an image, row by row. They differ by a pixel at most in each direction, so that none is a
 * narrow rest, and depend only on the image's size: an image and its label are cut alike.
 */
export function regionsOf(width: number, height: number): Tile[] {
  const columns = borders(width);
  return borders(height).flatMap(([y, bottom]) =>
    columns.map(([x, right]) => ({ x, y, width: right - x, height: bottom - y })),
  );
}

function withContext({ x, y, width, height }: Tile, whole: Size): Tile {
  const [left, top] = [Math.max(0, x - CONTEXT), Math.max(0, y - CONTEXT)];
  const right = Math.min(whole.width, x + width + CONTEXT);
  const bottom = Math.min(whole.height, y + height + CONTEXT);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function borders(size: number): (readonly [number, number])[] {
  const count = Math.max(1, Math.round(size / REGION_SIDE));
  const at = (i: number) => Math.floor((i * size) / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)] as const);
}
