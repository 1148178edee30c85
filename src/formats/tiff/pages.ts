// Decides which images a file contains: its pages, without copies for display, as stacks and as
// channels.

import { blockOffsets } from "./blocks.js";
import { copiesAmong } from "./copies.js";
import type { Plane, TiffImage } from "./decode-plane.js";
import { type ImageJ, parseImageJ, parseShaped, type Shaped } from "./descriptions.js";
import { type Directories, damaged } from "./directory.js";
import { parseOme } from "./ome.js";
import { omeImages } from "./ome-pages.js";
import { descriptionOf, readLayout, TAGS } from "./page-layout.js";
import { codecOf } from "./served.js";

/** What the pages of a TIFF file are: channels of one image, images each, or as the file says. */
export type PageMode = "auto" | "channels" | "images";

export interface Images {
  readonly images: readonly TiffImage[];
  readonly remarks: readonly string[];
}

/**
 * Returns the images of a file, with its pages arranged by `mode` or by the file's own description.
 */
export async function imagesOf(
  file: Directories,
  fileName: string,
  mode: PageMode,
): Promise<Images> {
  const all = await planesOf(file);
  const remarks: string[] = [];
  const pages = fullPages(all, remarks);
  const description = await descriptionOf(file.reader, file.list[0]);
  if (mode === "auto") {
    const ome = parseOme(description, fileName);
    const found = ome && omeImages(ome, all, remarks);
    if (found) return { images: withoutCopies(found, remarks), remarks };
  }
  const series = await seriesOf(file, pages, description, remarks);
  if (mode === "images")
    return { images: series.flatMap(({ planes }) => planes.map(one)), remarks };
  const images = withoutCopies(
    series.flatMap(({ planes, channelOf }) =>
      mode === "channels" ? planes.map(one) : grouped(planes, channelOf),
    ),
    remarks,
  );
  if (mode === "auto") return { images, remarks };
  return { images: [{ planes: images.flatMap(({ planes }) => planes) }], remarks };
}

const one = (plane: Plane): TiffImage => ({ planes: [plane] });

async function planesOf({ reader, list }: Directories): Promise<Plane[]> {
  const planes: Plane[] = [];
  for (const directory of list) {
    try {
      planes.push({ directory, layout: await readLayout(reader, directory), shift: 0 });
    } catch (error) {
      throw damaged((error as Error).message);
    }
  }
  return planes;
}

/** Removes pages that are smaller copies or masks according to their tags. */
function fullPages(all: readonly Plane[], remarks: string[]): readonly Plane[] {
  const isMask = ({ layout }: Plane) => (layout.kind & 4) !== 0 || layout.photometric === 4;
  const full = all.filter((plane) => (plane.layout.kind & 1) === 0 && !isMask(plane));
  // Keep the only page of a file, whatever it is.
  if (full.length === 0 && all.length === 1) return all;
  if (full.length === 0) throw damaged("it holds no image, only smaller copies and masks");
  if (full.length < all.length) {
    remarks.push(`${all.length - full.length} smaller copies or masks in it are left out`);
  } else if (all.some(({ directory }) => directory.entries.has(TAGS.SubIFDs))) {
    remarks.push("smaller copies in its sub-directories are left out");
  }
  return full;
}

/** Removes smaller copies that have no tags for it. */
function withoutCopies(images: readonly TiffImage[], remarks: string[]): readonly TiffImage[] {
  if (images.length < 2) return images;
  const isCopy = copiesAmong(images.map(({ planes }) => planes[0].layout));
  const left = isCopy.filter(Boolean).length;
  if (left === 0) return images;
  const kept = images.filter((_, i) => !isCopy[i]);
  const [{ width, height }] = kept.map(({ planes }) => planes[0].layout);
  remarks.push(`${left} smaller pages are left out: they look like copies of ${width}x${height}`);
  return kept;
}

/** Planes that belong together, and the channel of each if known. */
interface Series {
  readonly planes: readonly Plane[];
  /** The position of channels among the sizes that number the planes, the fastest first. */
  readonly channelOf: { readonly before: number; readonly channels: number } | undefined;
}

/** Groups planes into images with channels: `before` planes precede the next channel. */
function grouped(planes: readonly Plane[], channelOf: Series["channelOf"]): TiffImage[] {
  if (channelOf === undefined) return planes.map(one);
  const { before, channels } = channelOf;
  const images: Plane[][] = [];
  planes.forEach((plane, i) => {
    const at = Math.floor(i / (before * channels)) * before + (i % before);
    images[at] ??= [];
    images[at].push(plane);
  });
  return images.map((of) => ({ planes: of }));
}

async function seriesOf(
  file: Directories,
  pages: readonly Plane[],
  description: string,
  remarks: string[],
): Promise<Series[]> {
  const imageJ = parseImageJ(description);
  if (imageJ) return [await imageJSeries(file, pages, imageJ, remarks)];
  if (parseShaped(description)) return shapedSeries(file, pages);
  const stk = pages[0].directory.entries.get(TAGS.MetaMorph)?.count ?? 1;
  const planes =
    stk > 1 && pages.length === 1 ? await planesAfter(file, pages[0], stk, "MetaMorph") : pages;
  return [{ planes, channelOf: undefined }];
}

async function imageJSeries(
  file: Directories,
  pages: readonly Plane[],
  { images, channels, slices, frames }: ImageJ,
  remarks: string[],
): Promise<Series> {
  let planes = pages;
  if (images > pages.length) {
    if (pages.length > 1) throw missing(images, pages.length, "ImageJ");
    planes = await planesAfter(file, pages[0], images, "ImageJ");
  }
  if (channels === 1) return { planes, channelOf: undefined };
  if (channels * slices * frames === planes.length) {
    return { planes, channelOf: { before: 1, channels } };
  }
  remarks.push(
    `its ImageJ description has ${channels} channels, which its ${planes.length} pages are not: ` +
      "each page is an image",
  );
  return { planes, channelOf: undefined };
}

/** tifffile writes a description at the beginning of a series of pages. */
async function shapedSeries(file: Directories, pages: readonly Plane[]): Promise<Series[]> {
  const begins: { shaped: Shaped | undefined; planes: Plane[] }[] = [];
  for (const plane of pages) {
    const shaped = parseShaped(await descriptionOf(file.reader, plane.directory));
    if (shaped || begins.length === 0) begins.push({ shaped, planes: [] });
    begins[begins.length - 1].planes.push(plane);
  }
  const series: Series[] = [];
  for (const { shaped, planes } of begins) {
    const [{ layout }] = planes;
    const { shape = [], axes = "", isTruncated } = shaped ?? {};
    const total = shape.reduce((product, size) => product * size, 1);
    const count = total / (layout.width * layout.height * layout.samples);
    const all =
      isTruncated && count > 1 && planes.length === 1
        ? await planesAfter(file, planes[0], count, "tifffile")
        : planes;
    series.push({ planes: all, channelOf: channelsBy(shape, axes, all.length) });
  }
  return series;
}

/**
 * Returns the position of channels among the sizes that number the planes: all before those of a
 * plane.
 */
function channelsBy(shape: readonly number[], axes: string, planes: number): Series["channelOf"] {
  let sizes = 0;
  for (let product = 1; product < planes && sizes < shape.length; sizes++) product *= shape[sizes];
  while (sizes < shape.length && shape[sizes] === 1) sizes++;
  const product = shape.slice(0, sizes).reduce((all, size) => all * size, 1);
  const at = axes.slice(0, sizes).indexOf("C");
  if (product !== planes || at < 0 || shape[at] === 1) return undefined;
  const before = shape.slice(at + 1, sizes).reduce((all, size) => all * size, 1);
  return { before, channels: shape[at] };
}

const missing = (count: number, found: number, by: string) =>
  new Error(
    `its description says ${count} images by ${by}, but its directories name ${found}: save it ` +
      "as smaller stacks",
  );

/**
 * Returns planes stored one after the other from a page on, of which only the first has a
 * directory.
 */
async function planesAfter(
  file: Directories,
  page: Plane,
  count: number,
  by: string,
): Promise<Plane[]> {
  const { directory, layout } = page;
  const { width, height, samples, bits, isTiled, blockWidth, blockHeight, isPlanar } = layout;
  const step = isPlanar ? 1 : samples;
  const rowBytes = Math.ceil((blockWidth * step * bits[0]) / 8);
  const bytes = rowBytes * height * (isPlanar ? samples : 1);
  const offsets = await blockOffsets(file, directory, layout);
  // Strips must follow each other immediately, in the order of rows.
  const rows = (strip: number) => {
    const down = Math.ceil(height / blockHeight);
    return Math.floor(strip / down) * height + Math.min(height, (strip % down) * blockHeight);
  };
  const isOnePiece =
    codecOf(layout) === "none" &&
    !isTiled &&
    offsets.every((offset, i) => offset === offsets[0] + rows(i) * rowBytes);
  if (!isOnePiece || !Number.isSafeInteger(count)) throw missing(count, 1, by);
  const end = offsets[0] + count * bytes;
  if (end > file.reader.size) {
    throw new Error(
      `it ends early: ${count} images of ${width}x${height} by ${by} need ${end} bytes, and it ` +
        `has ${file.reader.size}`,
    );
  }
  return Array.from({ length: count }, (_, i) => ({ ...page, shift: i * bytes }));
}
