// Image files: in a folder or by name, and the pages of TIFF stacks.

import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkKeys } from "../arguments/keys.js";
import { joinChannelFiles, type SetFile } from "../data/channel-files.js";
import { foldName, isImageName, isOutlineName, labelStemOf, stemOf } from "../data/file-names.js";
import type { Image, RawImage } from "../data/image-types.js";
import { joinChannels } from "../data/join-channels.js";
import { imageFromRaw } from "../data/labels.js";
import { pageSuffix } from "../data/match-names.js";
import { type FileRemark, gatheredRemarks, someNames } from "../data/pairs.js";
import { labelsAmong, type PassedOver, stemPaths, whyNoImage } from "../data/sort-paths.js";
import type { ByteSource } from "../formats/byte-source.js";
import { type ImageFileContent, openImageFile, type PageMode } from "../formats/image-file.js";
import { type Shard, shardRange } from "../predict/tiling.js";
import { listFolder } from "./data-folder.js";
import { fileSource } from "./file-source.js";
import { readOutlineLabels, type Size } from "./outline-labels.js";
import { decodePng } from "./png-files.js";
import { isStore } from "./slide-file.js";

/** An image: a file, one page of a stack, or several files that are its channels. */
export interface ImageFile {
  /**
   * The file's stem; for a page `<stem>-<index>`, with the index from 0 and as many digits as the
   * last; for channels in several files, the common part of their names.
   */
  readonly name: string;
  /** Path of the file. */
  readonly image: string;
  /** Counted from 0, if the file is a stack. */
  readonly page?: number | undefined;
  /** The files of the channels after those of `image`, in order. */
  readonly channelFiles?: readonly string[] | undefined;
}

/** How image files are read. */
export interface ReadOptions {
  /** The meaning of a TIFF file's pages; by default as the file says. */
  readonly pages?: PageMode | undefined;
  /**
   * Files with images of more pixels than this are read in regions of about 1,024 x 1,024 pixels, each a page. By
   * default none.
   */
  readonly regions?: number | undefined;
  /** Like `regions`, for stores of Zarr: by default all. */
  readonly stores?: number | undefined;
  /** Pixels of the image that are read around a region: what a network sees there. Default 96. */
  readonly context?: number | undefined;
}

/** How a folder is searched. */
export interface FindOptions extends ReadOptions {
  /**
   * Whether a file that cannot be opened is an error, or counts as one image: reading it reports
   * why.
   */
  readonly unreadable?: "error" | "keep" | undefined;
}

/** How images to predict are searched. */
export interface ScanOptions extends FindOptions {
  /**
   * Only the images of this shard, of which only the files are opened: the files are divided in natural order,
   * and if there are fewer files than shards, their pages.
   */
  readonly shard?: Shard | undefined;
}

export interface ImageScan {
  readonly images: ImageFile[];
  /** Images of other shards that have the name of one of these. */
  readonly namesakes: readonly ImageFile[];
  /** Other files of the folder, without hidden ones and folders. */
  readonly passedOver: readonly PassedOver[];
  /** Sentences for the user. */
  readonly remarks: readonly string[];
}

/** `size`: of the image that a label belongs to; outlines are drawn in it. */
export type ImageReader = (file: Omit<ImageFile, "name">, size?: Size) => Promise<RawImage>;

/**
 * Returns the images of an input, a PNG, TIFF or JPEG file or a folder of them, in natural order; a
 * TIFF file with several pages gives each of them. `withResults`: including the files that predict
 * writes next to a mask.
 */
export async function findImages(input: string, options: FindOptions = {}): Promise<ImageFile[]> {
  checkKeys("findImages", options, { pages: 1, regions: 1, stores: 1, context: 1, unreadable: 1 });
  const { files } = await imagesOf(input, (path) =>
    isImageName(path) ? undefined : "it is not an image",
  );
  const found: ImageFile[] = [];
  for (const file of files) found.push(...(await pagesOfFile(file, options)).pages);
  return found;
}

/**
 * Like `findImages`, for labels: stores in the folder count too, and outlines (ROI sets, GeoJSON), except next to an image of
 * their name, which is taken instead.
 */
export async function findLabels(input: string, options: FindOptions = {}): Promise<ImageFile[]> {
  const { files } = await imagesOf(
    input,
    (path) => (isImageName(path) || isOutlineName(path) ? undefined : "it is not a label"),
    true,
  );
  const images = new Set(files.filter((path) => !isOutlineName(path)).map(nameOfLabel));
  const found: ImageFile[] = [];
  for (const file of files) {
    const name = nameOfLabel(file);
    if (files.length > 1 && isOutlineName(file) && images.has(name)) continue;
    found.push(...(await pagesOfFile(file, options, name)).pages);
  }
  return found;
}

const nameOfLabel = (path: string) => labelStemOf(basename(path));

/**
 * Like `findImages`, for prediction: labels next to their images are ignored, and in a folder
 * called imagesTs files such as case_0000, case_0001 are the channels of one image.
 */
export async function scanImages(input: string, options: ScanOptions = {}): Promise<ImageScan> {
  const { files, passedOver } = await imagesOf(input, whyNoImage);
  const labels = labelsAmong(files);
  const folder = basename(resolve(input));
  const asSet = (path: string): SetFile => {
    return { path: `${folder}/${basename(path)}`, group: "", stem: stemOf(basename(path)) };
  };
  const kept = files.filter((path) => !labels.has(path));
  const { images: sets, remarks } = joinChannelFiles(kept.map(asSet), []);
  const place = (path: string) =>
    files.length === 1 && files[0] === input ? input : join(input, basename(path));
  const told: FileRemark[] = [];
  const open = async ({ path, stem, channelFiles }: (typeof sets)[number]) => {
    const image = place(path);
    const found = await pagesOfFile(image, options, stem);
    const channels = channelFiles ? { channelFiles: channelFiles.map(place) } : {};
    told.push(...found.remarks.map((remark) => ({ file: image, remark })));
    return found.pages.map((page): ImageFile => ({ ...page, ...channels }));
  };
  const { shard } = options;
  const isByFile = shard !== undefined && sets.length >= shard.count;
  const [first, end] = isByFile ? shardRange(sets.length, shard) : [0, sets.length];
  const mine = sets.slice(first, end);
  let images: ImageFile[] = [];
  for (const set of mine) images.push(...(await open(set)));
  if (shard && !isByFile) images = images.slice(...shardRange(images.length, shard));
  const stems = new Set(mine.map(({ stem }) => foldName(stem)));
  const namesakes: ImageFile[] = [];
  for (const [i, set] of sets.entries()) {
    if ((i < first || i >= end) && stems.has(foldName(set.stem))) {
      namesakes.push(...(await open(set)));
    }
  }
  const reason = "it is the label of another file here";
  const others = [...passedOver, ...[...labels].map((path) => ({ path: basename(path), reason }))];
  return {
    images,
    namesakes,
    passedOver: others,
    remarks: [...remarks, ...gatheredRemarks(told)],
  };
}

/** Returns the files of an input; those for which `why` returns a reason are passed over. */
async function imagesOf(
  input: string,
  why: (path: string, near: ReadonlySet<string>) => string | undefined,
  withStores = false,
): Promise<{ files: string[]; passedOver: PassedOver[] }> {
  const what = await stat(input).catch(() => undefined);
  if (what === undefined) throw new Error(`${input}: no such file or folder`);
  if (!what.isDirectory() || isStore(input)) return { files: [input], passedOver: [] };
  const { files, folders } = await listFolder(input);
  const stores = withStores ? folders.filter((name) => isStore(join(input, name))) : [];
  const near = stemPaths(files);
  const passedOver: PassedOver[] = [];
  const images = files.filter((path) => {
    const reason = why(path, near);
    if (reason !== undefined) passedOver.push({ path, reason });
    return reason === undefined;
  });
  images.push(...stores);
  if (images.length === 0) {
    const others = files.length === 0 ? "it is empty" : `it holds ${someNames(files)}`;
    throw new Error(`${input}: no PNG, TIFF or JPEG file in it (${others})`);
  }
  return { files: images.map((file) => join(input, file)), passedOver };
}

async function pagesOfFile(
  image: string,
  options: FindOptions,
  name = stemOf(basename(image)),
): Promise<{ pages: ImageFile[]; remarks: readonly string[] }> {
  const found = inspectFile(image, options);
  const { pageCount, remarks } = await (options.unreadable === "keep"
    ? found.catch(() => ({ pageCount: 1, remarks: [] }))
    : found);
  if (pageCount === 1) return { pages: [{ name, image }], remarks };
  const pages = Array.from({ length: pageCount }, (_, page) => {
    return { name: name + pageSuffix(page, pageCount), image, page };
  });
  return { pages, remarks };
}

/**
 * Returns the number of images in a file, 1 except for a TIFF stack, and remarks for the user.
 * Errors name the file.
 */
export async function inspectFile(
  image: string,
  options: ReadOptions = {},
): Promise<Pick<ImageFileContent, "pageCount" | "remarks">> {
  if (isOutlineName(image)) return { pageCount: 1, remarks: [] };
  const { pageCount, remarks } = await openFile(image, options);
  return { pageCount, remarks };
}

/** Reads and decodes an image, by default the file's first page, to 0 .. 1. */
export async function loadImage(path: string, page = 0): Promise<Image> {
  return imageFromRaw(await createReader()({ image: path, page }));
}

/**
 * Returns a function that reads and decodes images to the numbers stored in files. It keeps the
 * last stack open, since pages mostly follow each other. Errors name the file.
 */
export function createReader(
  options: ReadOptions = {},
  tell: (remark: string) => void = () => {},
): ImageReader {
  let last: { readonly image: string; readonly content: OpenedFile } | undefined;
  async function readPage(image: string, page: number): Promise<RawImage> {
    if (last?.image !== image) last = { image, content: await openFile(image, options) };
    const { content } = last;
    // A single image is read once, so its bytes need not be kept.
    if (content.pageCount === 1) last = undefined;
    return content.page(page);
  }
  return async ({ image, page = 0, channelFiles = [] }, size) => {
    if (isOutlineName(image)) {
      const { image: drawn, remarks } = await readOutlineLabels(image, size);
      for (const remark of remarks) tell(remark);
      return drawn;
    }
    const files = [image, ...channelFiles];
    const channels: RawImage[] = [];
    for (const file of files) channels.push(await readPage(file, page));
    return joinChannels(channels, files);
  };
}

type OpenedFile = Pick<ImageFileContent, "pageCount" | "remarks" | "page">;

async function openFile(image: string, options: ReadOptions): Promise<OpenedFile> {
  if (isStore(image)) {
    const { openSlidePages } = await import("./slide-pages.js");
    return openSlidePages(image, { context: options.context, most: options.stores });
  }
  const { pages, regions = Infinity, context } = options;
  const content = await openImageFile(await sourceOf(image), image, { png: decodePng }, { pages });
  if (regions === Infinity || (await content.pixels()) <= regions) return content;
  const { openRegions } = await import("./slide-pages.js");
  const isByRanges = content.format === "tiff" && (pages ?? "auto") === "auto";
  return openRegions(image, content, { isByRanges, context });
}

async function sourceOf(path: string): Promise<ByteSource> {
  try {
    return await fileSource(path);
  } catch (error) {
    throw new Error(`${path}: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "it is a folder, expected a file";
  return `it cannot be read (${code ?? error})`;
}
