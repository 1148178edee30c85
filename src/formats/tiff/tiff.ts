// Decodes TIFF files to the numbers that they store: single images and stacks, in Node and in
// pages.

import { checkKeys } from "../../arguments/keys.js";
import type { RawImage } from "../../data/image-types.js";
import { type ByteSource, bytesSource } from "../byte-source.js";
import type { JpegDecoder } from "../jpeg/decode-jpeg.js";
import { decodePlane, type TiffImage } from "./decode-plane.js";
import { type Directories, readDirectories } from "./directory.js";
import { joined } from "./join.js";
import { descriptionOf } from "./page-layout.js";
import { imagesOf, type PageMode } from "./pages.js";
import { pixelSizeOf } from "./pixel-size.js";

/** The images of a file, in its order. */
export interface TiffStack {
  /** Without smaller copies for display and masks that a file may contain besides its images. */
  readonly pageCount: number;
  /** Pixels of the largest image. */
  readonly pixels: number;
  /** Decodes a page, counted from 0. Throws one sentence that names file and page. */
  page(index: number): Promise<RawImage>;
  /** What users of the images should know, in sentences without the file's name. */
  readonly remarks: readonly string[];
}

/** How a TIFF file is read. */
export interface TiffOptions {
  /**
   * What the file's pages are: "channels" of one image, or "images"; by default ("auto") as ImageJ,
   * OME-XML or tifffile say in the file, and otherwise images.
   */
  readonly pages?: PageMode | undefined;
  /** Decoders that only some files need. */
  readonly decoders?: { readonly jpeg?: JpegDecoder } | undefined;
  /** Aborts decoding, between blocks. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the directories of a TIFF or BigTIFF file of either byte order; pixels are read when a page
 * is requested, block by block. Supported: signed and unsigned integers of 1 to 16, 32 and 64 bits,
 * floats of 16 to 64 bits; grey, RGB, palettes and any number of channels; strips and tiles;
 * uncompressed, LZW, deflate, PackBits, ZSTD, and JPEG if `decoders` has it. Images are oriented as
 * the file says they are displayed. Errors name the file and what is not supported.
 */
export async function openTiff(
  source: ByteSource | Uint8Array,
  fileName: string,
  options: TiffOptions = {},
): Promise<TiffStack> {
  checkKeys("openTiff", options, { pages: 1, decoders: 1, signal: 1 });
  const bytes = source instanceof Uint8Array ? bytesSource(source) : source;
  const [file, { images, remarks }, description] = await explained(fileName, async () => {
    const directories = await readDirectories(bytes);
    const found = await imagesOf(directories, fileName, options.pages ?? "auto");
    const { reader, list } = directories;
    return [directories, found, await descriptionOf(reader, list[0])] as const;
  });
  return {
    pageCount: images.length,
    pixels: Math.max(...images.map(({ planes: [{ layout }] }) => layout.width * layout.height)),
    remarks,
    page(index) {
      const where = images.length > 1 ? `${fileName}, page ${index}` : fileName;
      return explained(where, async () => {
        const image = images[index];
        if (image === undefined) throw new Error(`it has ${images.length} pages, counted from 0`);
        return decodeImage(file, image, description, options);
      });
    },
  };
}

async function decodeImage(
  file: Directories,
  { planes }: TiffImage,
  description: string,
  { decoders, signal }: TiffOptions,
): Promise<RawImage> {
  const decoded: RawImage[] = [];
  for (const plane of planes) {
    decoded.push(await decodePlane(file, plane, { jpeg: decoders?.jpeg, signal }));
  }
  const pixelSize = await pixelSizeOf(file.reader, planes[0].directory, description);
  return { ...joined(decoded), ...(pixelSize ? { pixelSize } : {}) };
}

/** Runs `work`, and rethrows its error as a sentence that names the file. */
async function explained<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw new Error(`${where}: ${error instanceof Error ? error.message : error}`);
  }
}
