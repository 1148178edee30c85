// Image files: PNG files, TIFF files, and the pages of TIFF stacks.

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { imageFromRaw } from "../data/labels.js";
import { naturalOrder, someNames, stemOf } from "../data/pairs.js";
import type { Image, RawImage } from "../data/types.js";
import { type ImageFileContent, openImageFile } from "../formats/image-file.js";
import type { ByteSource } from "../formats/source.js";
import { fileSource } from "./file-source.js";
import { decodePng } from "./png.js";

/** An image: a file, or one page of a stack. */
export interface ImageFile {
  /** The file's stem; of a page `<stem>-<index>`, the index from 0 with as many digits as the last. */
  readonly name: string;
  readonly image: string;
  /** From 0, where the file is a stack. */
  readonly page?: number;
}

export type ImageReader = (file: Omit<ImageFile, "name">) => Promise<RawImage>;

/**
 * The images that an input names, a PNG or TIFF file or a folder of them, in natural order; a TIFF
 * file of several pages gives each of them.
 */
export async function findImages(input: string): Promise<ImageFile[]> {
  const what = await stat(input).catch(() => undefined);
  if (what === undefined) throw new Error(`${input}: no such file or folder`);
  const paths = what.isDirectory()
    ? (await imageFiles(input)).map((file) => join(input, file))
    : [input];
  const found: ImageFile[] = [];
  for (const image of paths) found.push(...(await pagesOf(image)));
  return found;
}

async function pagesOf(image: string): Promise<ImageFile[]> {
  const name = stemOf(basename(image));
  const { pageCount } = await openFile(image);
  if (pageCount === 1) return [{ name, image }];
  const digits = String(pageCount - 1).length;
  return Array.from({ length: pageCount }, (_, page) => ({
    name: `${name}-${String(page).padStart(digits, "0")}`,
    image,
    page,
  }));
}

/** Reads and decodes an image, by default the file's first page, to 0 .. 1. */
export async function loadImage(path: string, page = 0): Promise<Image> {
  return imageFromRaw(await createReader()({ image: path, page }));
}

/**
 * Reads and decodes images to the integers that the files store. It keeps the last stack, whose
 * pages mostly follow each other. Errors name the file.
 */
export function createReader(): ImageReader {
  let last: { readonly image: string; readonly content: ImageFileContent } | undefined;
  return async ({ image, page = 0 }) => {
    if (last?.image !== image) last = { image, content: await openFile(image) };
    const { content } = last;
    // A single image is read once: its bytes need not wait for another call.
    if (content.pageCount === 1) last = undefined;
    return content.page(page);
  };
}

async function openFile(image: string): Promise<ImageFileContent> {
  return openImageFile(await openSource(image), image, { png: decodePng });
}

async function imageFiles(folder: string): Promise<string[]> {
  const files = (await list(folder)).filter((file) => !file.startsWith("."));
  const images = files.filter((file) => /\.(png|tiff?|jpe?g)$/i.test(file));
  if (images.length > 0) return images.sort(naturalOrder);
  const others = files.length === 0 ? "it is empty" : `it holds ${someNames(files)}`;
  throw new Error(`${folder}: no PNG, TIFF or JPEG file in it (${others})`);
}

/** The names in a folder, in natural order. Errors say what is wrong with the folder. */
export async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort(naturalOrder);
  } catch (error) {
    throw new Error(`${folder}: ${reason(error, "folder")}`);
  }
}

async function openSource(path: string): Promise<ByteSource> {
  try {
    return await fileSource(path);
  } catch (error) {
    throw new Error(`${path}: ${reason(error, "file")}`);
  }
}

function reason(error: unknown, kind: "file" | "folder"): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `no such ${kind}`;
  if (code === "ENOTDIR") return "it is a file, expected a folder";
  if (code === "EISDIR") return "it is a folder, expected a file";
  return `it cannot be read (${code ?? error})`;
}
