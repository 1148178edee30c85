// An image file of any of the formats, told by its first bytes, whatever its name says: the one way
// to open it, in Node and in a page.

import type { RawImage } from "../data/image-types.js";
import type { ByteSource } from "./byte-source.js";
import { isJpeg } from "./jpeg/header.js";
import type { JpegDecoder } from "./jpeg/index.js";
import { isPng } from "./png/chunks.js";
import { pngRemarks } from "./png-remarks.js";
import type { PageMode } from "./tiff/pages.js";
import { isTiff } from "./tiff/signature.js";
import { describeUnread } from "./unread.js";

export type { PageMode };

export type ImageFormat = "png" | "tiff" | "jpeg";

/** An opened file: its images are decoded when they are asked for. */
export interface ImageFileContent {
  readonly format: ImageFormat;
  /** 1, except of a TIFF file of several images. */
  readonly pageCount: number;
  /** What a person should be told of the file, a sentence each that names it. */
  readonly remarks: readonly string[];
  /** Decodes an image, from 0. Errors: one sentence that names the file, and the page. */
  page(index: number): Promise<RawImage>;
}

/** What differs between Node and a page. */
export interface Decoders {
  png(bytes: Uint8Array, name: string): RawImage;
}

export interface OpenOptions {
  /** Ends what is going on with the signal's reason, between two steps. */
  readonly signal?: AbortSignal | undefined;
  /** Of a TIFF file: whether its pages are the channels of one image, or images; see `openTiff`. */
  readonly pages?: PageMode | undefined;
}

/** What the ends of names say; others, such as that of a microscope's TIFF files, say nothing. */
const ENDINGS: Readonly<Record<string, string>> = {
  png: "png",
  tif: "tiff",
  tiff: "tiff",
  jpg: "jpeg",
  jpeg: "jpeg",
  gif: "gif",
  bmp: "bmp",
  webp: "webp",
};
const WORDS: Readonly<Record<ImageFormat, string>> = {
  png: "a PNG image",
  tiff: "a TIFF file",
  jpeg: "a JPEG image",
};

/** How the file begins, and what that makes it; undefined for no format that is read here. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (isPng(bytes)) return "png";
  if (isTiff(bytes)) return "tiff";
  if (isJpeg(bytes)) return "jpeg";
  return undefined;
}

/**
 * Opens a file. Errors: one sentence that names the file; of what is no image of a format read here
 * it says what it seems to be, and what to do.
 */
export async function openImageFile(
  source: ByteSource,
  name: string,
  decoders: Decoders,
  { signal, pages }: OpenOptions = {},
): Promise<ImageFileContent> {
  signal?.throwIfAborted();
  const format = imageFormat(await source.read(0, 16));
  signal?.throwIfAborted();
  if (format === undefined) throw new Error(`${name}: ${await describeUnread(source)}`);
  const remarks = [...misnamed(name, format), ...(await remarksOf(format, source, name))];
  if (format === "tiff") {
    const { openTiff } = await import("./tiff/index.js");
    const stack = await openTiff(source, name, { signal, pages, decoders: { jpeg: jpegBlocks() } });
    const said = stack.remarks.map((remark) => `${name}: ${remark}`);
    const page = (index: number) => stack.page(index);
    return { format, remarks: [...remarks, ...said], pageCount: stack.pageCount, page };
  }
  return {
    format,
    pageCount: 1,
    remarks,
    async page(index) {
      if (index !== 0) throw new Error(`${name}, page ${index}: it has 1 page, counted from 0`);
      signal?.throwIfAborted();
      const bytes = await source.read(0, source.size);
      signal?.throwIfAborted();
      if (format === "png") return decoders.png(bytes, name);
      const { decodeJpeg } = await import("./jpeg/index.js");
      return decodeJpeg(bytes, name);
    },
  };
}

/** Decodes the JPEG blocks of TIFF files; the decoder is loaded with the first of them. */
function jpegBlocks(): JpegDecoder {
  let decoder: Promise<JpegDecoder> | undefined;
  return async (bytes) => {
    decoder ??= import("./jpeg/index.js").then(({ createJpegDecoder }) => createJpegDecoder());
    return (await decoder)(bytes);
  };
}

async function remarksOf(format: ImageFormat, source: ByteSource, name: string) {
  if (format !== "png") return [];
  return (await pngRemarks(source)).map((remark) => `${name}: ${remark}`);
}

function misnamed(name: string, format: ImageFormat): string[] {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1] ?? "";
  const said = ENDINGS[ending.toLowerCase()];
  if (said === undefined || said === format) return [];
  return [`${name}: it is ${WORDS[format]}, and read as one, whatever its name says`];
}
