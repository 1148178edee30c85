// Large images as the pages of a file: regions that are small enough to be held one by one, in the order of
// planes, rows and columns.

import type { RawImage } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import type { ImageFileContent } from "../formats/image-file.js";
import type { Size } from "../predict/tiling.js";

/** About how long the sides of a region are, in pixels. */
const REGION_SIDE = 1024;

/**
 * How far a page looks past its region into the image by default, in pixels: what a U-Net of the paper, of depth 4, sees
 * around a pixel.
 */
export const CONTEXT = 96;

/** What is read of an image file. */
export type PagedFile = Pick<ImageFileContent, "pageCount" | "remarks" | "page">;

/** An image, or several of one size, that are read area by area. */
export interface AreaFile extends Size {
  readonly path: string;
  /** The images: slices, times, pages. */
  readonly planes: number;
  readonly remarks: readonly string[];
  /** The pixels of an area of a plane. */
  read(plane: number, area: Tile): Promise<RawImage>;
}

/** How an image is cut. */
export interface RegionOptions {
  /** Pixels around a region. */
  readonly context?: number | undefined;
  /** Images of at most so many pixels are not cut. By default all are, except those of one region. */
  readonly most?: number | undefined;
}

/**
 * Returns a page for each region of each plane, with `context` pixels of the image around it, as far as there are, which
 * do not count.
 */
export function regionPages(
  file: AreaFile,
  { context = CONTEXT, most = 0 }: RegionOptions = {},
): PagedFile {
  const { path, width, height, planes, remarks } = file;
  const isWhole = width * height <= most;
  const regions = isWhole ? [{ x: 0, y: 0, width, height }] : regionsOf(width, height);
  const pageCount = planes * regions.length;
  return {
    pageCount,
    remarks,
    async page(index) {
      if (!(Number.isSafeInteger(index) && index >= 0 && index < pageCount)) {
        throw new Error(`${path}, page ${index}: it has ${pageCount} pages, counted from 0`);
      }
      const region = regions[index % regions.length];
      const area = withContext(region, file, context);
      const page = await file.read(Math.floor(index / regions.length), area);
      const core = { ...region, x: region.x - area.x, y: region.y - area.y };
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

function withContext({ x, y, width, height }: Tile, whole: Size, context: number): Tile {
  const [left, top] = [Math.max(0, x - context), Math.max(0, y - context)];
  const right = Math.min(whole.width, x + width + context);
  const bottom = Math.min(whole.height, y + height + context);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function borders(size: number): (readonly [number, number])[] {
  const count = Math.max(1, Math.round(size / REGION_SIDE));
  const at = (i: number) => Math.floor((i * size) / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)] as const);
}
