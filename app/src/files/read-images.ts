// Image files to the integers that they store.

import { type RawImage, readImage } from "../../../src/index.js";

/**
 * The images of a file: the pages of a TIFF stack, else one; of PNG and TIFF as they are stored, of
 * what else the browser reads 8 bits of grey or RGB. Errors name the file.
 */
export async function readImages(file: Blob, name: string): Promise<RawImage[]> {
  if (!/\.tiff?$/i.test(name)) return [await readImage(file, name)];
  // A module of its own: who has no such file need not load it.
  const { openTiff } = await import("../../../src/tiff/index.js");
  const stack = await openTiff(new Uint8Array(await file.arrayBuffer()), name);
  const pages: RawImage[] = [];
  for (let page = 0; page < stack.pageCount; page++) pages.push(await stack.page(page));
  return pages;
}
