// Image files to the integers that they store.

import { openImage, type RawImage, readImage } from "../../../src/index.js";

/**
 * The images of a file, by its content: the pages of a TIFF stack, else one; of PNG, TIFF and JPEG as
 * they are stored, of what else the browser reads 8 bits of grey or RGB. Errors name the file.
 */
export async function readImages(file: Blob, name: string): Promise<RawImage[]> {
  const opened = await openImage(file, name).catch(() => undefined);
  // What is no such file may be one that the browser reads; else it says what is wrong with it.
  if (opened === undefined) return [await readImage(file, name)];
  const pages: RawImage[] = [];
  for (let page = 0; page < opened.pageCount; page++) pages.push(await opened.page(page));
  return pages;
}
