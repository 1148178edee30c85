// Opens image files of all formats, detected by their first bytes and not by their names: used in
// Node and in pages.

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

/** Formats of images that are read. */
export type ImageFormat = "png" | "tiff" | "jpeg";

/** An opened file. Its images are decoded when requested. */
export interface ImageFileContent {
  /** Recognised by content, whatever the file is called. */
  readonly format: ImageFormat;
  /** 1, except for a TIFF file with several images. */
  readonly pageCount: number;
  /** What users should know about the file: sentences that name it. */
  readonly remarks: readonly string[];
  /** Pixels of the largest image, by the file's header. */
  pixels(): Promise<number>;
  /** Decodes an image, counted from 0. Throws one sentence that names the file and the page. */
  page(index: number): Promise<RawImage>;
}

/** The decoders that differ between Node and pages. */
export interface Decoders {
  /** Decodes a PNG file; `name` is for errors. */
  png(bytes: Uint8Array, name: string): RawImage;
}

/** How a file is opened. */
export interface OpenOptions {
  /** Aborts pending work with the signal's reason, between two steps. */
  readonly signal?: AbortSignal | undefined;
  /** For TIFF files: whether the pages are the channels of one image, or images; see `openTiff`. */
  readonly pages?: PageMode | undefined;
}

/**
 * The formats of file extensions; others, such as those of microscopes' TIFF files, imply nothing.
 */
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

/** Returns the format by the first bytes; undefined if it is not supported. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (isPng(bytes)) return "png";
  if (isTiff(bytes)) return "tiff";
  if (isJpeg(bytes)) return "jpeg";
  return undefined;
}

/**
 * Opens a file. Throws one sentence that names the file; for anything that is not an image of a
 * supported format it says what the file seems to be, and what to do.
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
    const { pageCount } = stack;
    return {
      ...{ format, remarks: [...remarks, ...said], pageCount, page },
      pixels: async () => stack.pixels,
    };
  }
  return {
    format,
    pageCount: 1,
    remarks,
    pixels: () => pixelsOf(format, source),
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

/** Pixels of a PNG or JPEG file. */
async function pixelsOf(format: ImageFormat, source: ByteSource): Promise<number> {
  if (format === "png") {
    const { buffer, byteOffset, byteLength } = await source.read(16, 24);
    if (byteLength < 8) return 0; // decoding says what is wrong
    const view = new DataView(buffer, byteOffset, byteLength);
    return view.getUint32(0) * view.getUint32(4);
  }
  // So small a file is no large image.
  if (source.size < 2 ** 16) return 0;
  const { readJpegHeader } = await import("./jpeg/header.js");
  const { width, height } = readJpegHeader(await source.read(0, source.size));
  return width * height;
}

async function remarksOf(format: ImageFormat, source: ByteSource, name: string) {
  if (format !== "png") return [];
  return (await pngRemarks(source)).map((remark) => `${name}: ${remark}`);
}

function misnamed(name: string, format: ImageFormat): string[] {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1] ?? "";
  const said = ENDINGS[ending.toLowerCase()];
  if (said === undefined || said === format) return [];
  return [`${name}: it is ${WORDS[format]}, and read as such in spite of its name`];
}
