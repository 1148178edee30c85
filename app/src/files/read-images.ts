// Image files to the numbers that they store.

import { blobSource, imageFormat, openImageFile } from "../../../src/formats/index.js";
import { type RawImage, readImage } from "../../../src/index.js";
import { decodePng } from "../../../src/png/index.js";

export interface ReadOptions {
  /** Called when so many images of a file of several have been read. */
  onPage?(done: number, pages: number): void;
  /** Rejects before the next image of a file. */
  readonly signal?: AbortSignal;
}

/**
 * The images of a file: the pages of a stack, else one. What the file is its first bytes say, whatever
 * it is called: PNG and TIFF are read as they are stored, what else the browser reads as 8 bits of
 * grey or RGB. Errors name the file.
 */
export async function readImages(
  file: Blob,
  name: string,
  { onPage, signal }: ReadOptions = {},
): Promise<RawImage[]> {
  const source = blobSource(file);
  if (imageFormat(await source.read(0, 16)) === undefined) return [await readImage(file, name)];
  const content = await openImageFile(source, name, { png: decodePng });
  const pages: RawImage[] = [];
  for (let page = 0; page < content.pageCount; page++) {
    signal?.throwIfAborted();
    pages.push(await content.page(page));
    if (content.pageCount > 1) onPage?.(page + 1, content.pageCount);
  }
  return pages;
}
