// Stores of Zarr and other large images as files whose pages are regions.

import { type ChunkedSource, cachedSource } from "../data/chunk-source.js";
import type { RawImage, Samples } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import type { Slide } from "../formats/slide/slide-types.js";
import { type AreaFile, type PagedFile, type RegionOptions, regionPages } from "./region-pages.js";
import { openSlideAt } from "./slide-file.js";

/** Bytes of decoded chunks that are kept for the next region. */
const KEPT_BYTES = 2 ** 27;

/**
 * Opens a store as a file with a page for each region of each plane, with what is around the region in the image. Only
 * its full resolution is read, with all channels. Throws one sentence that names the store.
 */
export async function openSlidePages(path: string, options?: RegionOptions): Promise<PagedFile> {
  return regionPages(areasOf(path, await openSlideAt(path)), options);
}

/**
 * Opens an image file in regions: those of TIFF files are read by ranges where the file allows it; of other files the
 * last page is decoded and kept. The regions depend on the size of the pages only. `content`: the opened file.
 */
export async function openRegions(
  path: string,
  content: PagedFile,
  { isByRanges, context }: { readonly isByRanges: boolean; readonly context?: number | undefined },
): Promise<PagedFile> {
  // Palettes and turned images cannot be read by ranges; what else is wrong with a file decoding tells.
  const slide = isByRanges ? await openSlideAt(path).catch(() => undefined) : undefined;
  const { remarks } = content;
  if (slide && slide.sizeZ * slide.sizeT === content.pageCount) {
    return regionPages({ ...areasOf(path, slide), remarks }, { context });
  }
  return regionPages(await decodedAreas(path, content), { context });
}

function areasOf(path: string, slide: Slide): AreaFile {
  const { sizeZ, sizeT, pixelSize, remarks } = slide;
  const [{ width, height }] = slide.levels;
  let last: { readonly plane: number; readonly source: ChunkedSource } | undefined;
  return {
    ...{ path, width, height, planes: sizeT * sizeZ },
    remarks: remarks.map((remark) => `${path}: ${remark}`),
    async read(plane, area) {
      if (last?.plane !== plane) {
        const chunks = await slide.chunks({ z: plane % sizeZ, t: Math.floor(plane / sizeZ) });
        last = { plane, source: cachedSource(chunks, { bytes: KEPT_BYTES }) };
      }
      const { channels, chunks, read } = last.source;
      const { maximum, inverted } = chunks;
      const data = await read(area);
      const { width, height } = area;
      return {
        width,
        height,
        channels,
        maximum,
        data,
        pixelSize,
        ...(inverted ? { inverted } : {}),
      };
    },
  };
}

async function decodedAreas(path: string, content: PagedFile): Promise<AreaFile> {
  let last = { plane: 0, image: await content.page(0) };
  const { width, height } = last.image;
  return {
    ...{ path, width, height, planes: content.pageCount, remarks: content.remarks },
    async read(plane, area) {
      if (last.plane !== plane) last = { plane, image: await content.page(plane) };
      const { image } = last;
      if (image.width === width && image.height === height) return cropped(image, area);
      throw new Error(
        `${path}, page ${plane}: it is ${image.width}x${image.height}, the first page is ${width}x${height}: pages that ` +
          "are read in regions must have one size",
      );
    },
  };
}

function cropped(image: RawImage, { x, y, width, height }: Tile): RawImage {
  const cut = <T extends Samples>(data: T, planes: number): T => {
    const Type = data.constructor as new (length: number) => T;
    const part = new Type(planes * width * height);
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < height; row++) {
        const from = (plane * image.height + y + row) * image.width + x;
        part.set(data.subarray(from, from + width), (plane * height + row) * width);
      }
    }
    return part;
  };
  const { data, indices, alpha, channels } = image;
  return {
    ...image,
    ...{ width, height, data: cut(data, channels) },
    ...(indices ? { indices: cut(indices, 1) } : {}),
    ...(alpha ? { alpha: cut(alpha, 1) } : {}),
  };
}
