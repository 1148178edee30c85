// Image files to the integers that they store.

import type { RawImage } from "../../../src/index.js";
import { decodePng } from "./png.js";

/**
 * The images of a file: the pages of a TIFF stack, else one; of PNG and TIFF as they are stored, of
 * what else the browser reads 8 bits of grey or RGB. Errors name the file.
 */
export async function readImages(file: Blob, name: string): Promise<RawImage[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (String.fromCharCode(...bytes.subarray(1, 4)) === "PNG") return [decodePng(bytes, name)];
  // A module of its own: who has no such file need not load it.
  const { isTiff, openTiff } = await import("../../../src/tiff/index.js");
  if (!isTiff(bytes)) return [await readPicture(file, name)];
  const stack = await openTiff(bytes, name);
  const pages: RawImage[] = [];
  for (let page = 0; page < stack.pageCount; page++) pages.push(await stack.page(page));
  return pages;
}

async function readPicture(file: Blob, name: string): Promise<RawImage> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name}: this browser cannot read it as an image`);
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  const rgba = context?.getImageData(0, 0, width, height).data ?? [];
  const count = width * height;
  const data = new Uint8Array(3 * count);
  for (let i = 0; i < data.length; i++) data[i] = rgba[4 * (i % count) + Math.floor(i / count)];
  const isGrey = data.every((value, i) => value === data[i % count]);
  const channels = isGrey ? 1 : 3;
  return { width, height, channels, maximum: 255, data: data.subarray(0, channels * count) };
}
