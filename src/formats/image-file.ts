// An image file of any of the formats, told by its first bytes, whatever its name says.

import type { RawImage } from "../data/types.js";
import { isPng } from "../png/chunks.js";
import { isTiff } from "../tiff/signature.js";
import type { ByteSource } from "./source.js";

export type ImageFormat = "png" | "tiff" | "jpeg";

/** An opened file: its images are decoded when they are asked for. */
export interface ImageFileContent {
  readonly format: ImageFormat;
  /** 1, but for a TIFF file of several images. */
  readonly pageCount: number;
  /** Decodes an image, from 0. Errors: one sentence that names the file, and the page. */
  page(index: number): Promise<RawImage>;
}

/** What differs between Node and a page. */
export interface Decoders {
  png(bytes: Uint8Array, name: string): RawImage;
}

/** What the pages of a TIFF file are; "auto": what the file says, else images. */
export type Pages = "auto" | "channels" | "images";

export interface OpenOptions {
  readonly pages?: Pages | undefined;
}

/** How the file begins, and what that makes it; undefined for no format that is read here. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (isPng(bytes)) return "png";
  if (isTiff(bytes)) return "tiff";
  return undefined;
}

/** Opens a file. Errors: one sentence that names the file. */
export async function openImageFile(
  source: ByteSource,
  name: string,
  decoders: Decoders,
  _options: OpenOptions = {},
): Promise<ImageFileContent> {
  const format = imageFormat(await source.read(0, 16));
  if (format === "tiff") {
    const { openTiff } = await import("../tiff/index.js");
    const stack = await openTiff(await source.read(0, source.size), name);
    return { format, ...stack };
  }
  const raw = decoders.png(await source.read(0, source.size), name);
  return { format: "png", pageCount: 1, page: async () => raw };
}
