// The page of images.test.ts.

import { encodePng } from "../../src/formats/png/index.js";
import {
  type ImageSource,
  imageFromRaw,
  labelFromImage,
  openImage,
  readImage,
} from "../../src/index.js";

/** Plain arrays, which can be sent to Node. */
async function read(source: ImageSource, name = "an image") {
  const { data, indices, ...sizes } = await readImage(source, name);
  return { ...sizes, data: [...data], indices: indices && [...indices] };
}

export async function readFetched(path: string) {
  const response = await fetch(path);
  return read(await response.blob(), path);
}

/** The file as the browser's own decoder draws it, upright: red, green, blue by pixel. */
export async function drawFetched(path: string): Promise<number[]> {
  const bitmap = await createImageBitmap(await (await fetch(path)).blob(), {
    colorSpaceConversion: "none",
  });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
  return [...data].filter((_, i) => i % 4 < 3);
}

/** Returns the pages of a file, regardless of its name. */
export async function readPages(path: string) {
  const { format, pageCount, remarks, page } = await openImage(
    await (await fetch(path)).blob(),
    path,
  );
  const pages = await Promise.all(Array.from({ length: pageCount }, (_, index) => page(index)));
  return { format, remarks, pages: pages.map(({ data }) => [...data]) };
}

/** One picture of 5 x 3 pixels in every form that a page can have. */
export async function readDrawn(colours: readonly (readonly number[])[]) {
  const [width, height] = [5, 3];
  const pixels = new ImageData(width, height);
  for (const [i, colour] of colours.entries()) pixels.data.set([...colour, 255], 4 * i);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  const offscreen = new OffscreenCanvas(width, height);
  offscreen.getContext("2d")?.putImageData(pixels, 0, 0);
  const webp = await offscreen.convertToBlob({ type: "image/webp", quality: 1 });
  const picture = new Image();
  picture.src = canvas.toDataURL();
  await picture.decode();
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const results = {
    ImageData: await read(pixels),
    HTMLCanvasElement: await read(canvas),
    OffscreenCanvas: await read(offscreen),
    ImageBitmap: await read(await createImageBitmap(pixels)),
    HTMLImageElement: await read(picture),
    VideoFrame: await read(frame),
  };
  frame.close();
  return { exact: results, webp: await read(webp) };
}

/** Returns the errors for files and pictures that are not images. */
export async function refusals(): Promise<string[]> {
  const sources: [ImageSource, string][] = [
    [new Blob(["hello"], { type: "text/plain" }), "hello.txt"],
    [new File(["II*\0"], "a.tif"), "a.tif"],
    [new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1])]), "cut.png"],
    [new Image(), "empty picture"],
  ];
  const told = sources.map(([source, name]) =>
    readImage(source, name).then(
      () => `${name}: no error`,
      (error: Error) => error.message,
    ),
  );
  return Promise.all(told);
}

/** The bytes of a PNG of 16 bits that the page wrote. */
export function writePng(width: number, height: number, data: readonly number[]): number[] {
  return [...encodePng({ width, height, channels: 1, bitDepth: 16, data })];
}

/** Reads a label and an image in the same way as in Node. */
export async function readPair(image: string, label: string) {
  const fetched = async (path: string) => (await fetch(path)).blob();
  const raw = await readImage(await fetched(label), label);
  return {
    image: [...imageFromRaw(await readImage(await fetched(image), image)).data],
    label: [...labelFromImage(raw, label, { classes: 2 }).label.data],
  };
}
