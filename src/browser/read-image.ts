// Reads images in a page: files, pictures, canvases, video frames.

import { checkKeys } from "../arguments/keys.js";
import type { RawImage } from "../data/image-types.js";
import { blobSource } from "../formats/byte-source.js";
import type { ImageFileContent, OpenOptions } from "../formats/image-file.js";

/**
 * A file (`File`, `Blob`), or something that a canvas can draw: a picture, a canvas, a video frame.
 */
export type ImageSource = Blob | ImageData | CanvasImageSource;

/**
 * Opens an image file: PNG, JPEG and the pages of TIFF, by content and not by name, exactly as in
 * Node. Throws one sentence that names the file.
 */
export async function openImage(
  file: Blob,
  name: string,
  options?: OpenOptions,
): Promise<ImageFileContent> {
  if (options) checkKeys("openImage", options, { signal: 1, pages: 1 });
  const { openImageFile } = await import("../formats/image-file.js");
  const { decodePng } = await import("../formats/png/index.js");
  return openImageFile(blobSource(file), name, { png: decodePng }, options);
}

/**
 * Returns the integers of an image: for PNG, TIFF and JPEG files those that are stored, as in Node;
 * for anything else 8 bits of grey or RGB, without alpha. As in Node, `imageFromRaw` converts it to
 * an image and `labelFromImage` to a label. Throws for anything that is not an image, a file with
 * several images, a picture that is not loaded, and a canvas that other hosts drew on; errors begin
 * with `name`.
 */
export async function readImage(source: ImageSource, name: string): Promise<RawImage> {
  if (source instanceof Blob) return readFile(source, name);
  if (source instanceof ImageData) return rawImage(source);
  try {
    return drawn(source);
  } catch (error) {
    throw new Error(`${name}: its pixels cannot be read: ${(error as Error).message}`);
  }
}

async function readFile(file: Blob, name: string): Promise<RawImage> {
  const { imageFormat } = await import("../formats/image-file.js");
  const source = blobSource(file);
  // A browser would return 8 bits for a file of 16, and colours of another colour space.
  if (imageFormat(await source.read(0, 16)) !== undefined) {
    const { pageCount, page } = await openImage(file, name);
    if (pageCount === 1) return page(0);
    throw new Error(`${name}: it holds ${pageCount} images, expected one: open it with openImage`);
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch {
    const { describeUnread } = await import("../formats/unread.js");
    throw new Error(`${name}: ${await describeUnread(source)}`);
  }
  try {
    return drawn(bitmap);
  } finally {
    bitmap.close();
  }
}

function drawn(source: CanvasImageSource): RawImage {
  const { width, height } = sizeOf(source);
  if (!(width > 0 && height > 0)) {
    throw new Error(`it has ${width}x${height} pixels, expected a loaded picture`);
  }
  return rawImage(drawnOnCanvas(source).getImageData(0, 0, width, height));
}

/**
 * Returns a canvas of the size of a picture with the picture on it. Pixels (`ImageData`) are made
 * opaque, since a canvas keeps no colour where alpha is 0.
 */
export function drawnOnCanvas(
  source: CanvasImageSource | ImageData,
): OffscreenCanvasRenderingContext2D {
  const pixels = source instanceof ImageData ? opaque(source) : undefined;
  const { width, height } = pixels ?? sizeOf(source as CanvasImageSource);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  if (pixels) context.putImageData(pixels, 0, 0);
  else if ("readyState" in source && source.readyState < 2) {
    throw new Error("the video has no frame yet: wait for its event loadeddata");
  } else context.drawImage(source as CanvasImageSource, 0, 0);
  return context;
}

function opaque(pixels: ImageData): ImageData {
  const copy = structuredClone(pixels);
  const { data } = copy;
  const most = data instanceof Uint8ClampedArray ? 255 : 1;
  for (let at = 3; at < data.length; at += 4) data[at] = most;
  return copy;
}

/** Returns the size of an image in its own resolution. */
export function sizeOf(source: CanvasImageSource): { width: number; height: number } {
  if ("displayWidth" in source) {
    return { width: source.displayWidth, height: source.displayHeight };
  }
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  if ("naturalWidth" in source) {
    return { width: source.naturalWidth, height: source.naturalHeight };
  }
  const { width, height } = source;
  if (typeof width === "number" && typeof height === "number") return { width, height };
  throw new Error("an SVG image has no size in pixels: draw it on a canvas");
}

/** Converts red, green, blue, alpha by pixel to planes: one if all pixels are grey, else three. */
function rawImage({ width, height, data }: ImageData): RawImage {
  const count = width * height;
  let channels = 1;
  for (let at = 0; at < data.length && channels === 1; at += 4) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) channels = 3;
  }
  const planes = new Uint8Array(channels * count);
  for (let i = 0; i < planes.length; i++) {
    planes[i] = data[4 * (i % count) + Math.floor(i / count)];
  }
  return { width, height, channels, maximum: 255, data: planes };
}
