// The pages of canvas.test.ts for input: every kind of picture.

import type { PictureSource } from "../../src/canvas/index.js";
import type { Kernels } from "../../src/canvas/kernels.js";
import { copyPicture } from "../../src/canvas/picture-source.js";
import { normalise, spread } from "../../src/data/normalise.js";
import { imageFromRaw, readImage, requestDevice } from "../../src/index.js";
import { throughIdentity } from "../canvas/identity.js";
import {
  canvasOf,
  element,
  greyFrame,
  opened,
  paint,
  pixelsOf,
  type Size,
  videoOf,
} from "./canvas-pictures.js";

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Size and colours of a picture, and the channels of the model. */
type Given = readonly [Size, readonly number[], number];

/**
 * The largest difference between the probabilities through the GPU and through `readImage`, for
 * each kind of picture.
 */
export async function compareKinds([size, colours, channels]: Given) {
  const pixels = pixelsOf(size, colours);
  const canvas = paint(element(size), pixels);
  const picture = new Image();
  picture.src = canvas.toDataURL();
  await picture.decode();
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const kinds: Record<string, PictureSource> = {
    ImageData: pixels,
    HTMLCanvasElement: canvas,
    OffscreenCanvas: paint(new OffscreenCanvas(size.width, size.height), pixels),
    ImageBitmap: await createImageBitmap(pixels),
    HTMLImageElement: picture,
    VideoFrame: frame,
    HTMLVideoElement: await videoOf(canvas, pixels),
  };
  return differencesOf(kinds, size, channels);
}

/** The same for the kinds that Firefox refuses, in a browser that simulates the refusal. */
export async function compareRefusedKinds([size, colours, channels]: Given) {
  const pixels = pixelsOf(size, colours);
  const opaque = pixelsOf(
    size,
    colours.map((value, i) => (i % 4 === 3 ? 255 : value)),
  );
  const canvas = paint(element(size), opaque);
  const kinds = {
    ImageData: pixels,
    VideoFrame: new VideoFrame(canvas, { timestamp: 0 }),
    HTMLVideoElement: await videoOf(canvas, opaque),
  };
  const { prototype } = GPUQueue;
  const copy = prototype.copyExternalImageToTexture;
  prototype.copyExternalImageToTexture = function (...copied) {
    const { source } = copied[0];
    if ([ImageData, VideoFrame, HTMLVideoElement].some((kind) => source instanceof kind)) {
      throw new TypeError("'source' could not be converted");
    }
    copy.apply(this, copied);
  };
  try {
    const differences = await differencesOf(kinds, size, channels);
    const isPicture = ([kind]: [string, number]) => !kind.startsWith("Image of");
    return Object.fromEntries(Object.entries(differences).filter(isPicture));
  } finally {
    prototype.copyExternalImageToTexture = copy;
  }
}

async function differencesOf(
  kinds: Readonly<Record<string, PictureSource>>,
  size: Size,
  channels: number,
) {
  return opened({ channels }, async ({ predictor, canvases }) => {
    const found: Record<string, number> = {};
    for (const [kind, source] of Object.entries(kinds)) {
      const image = imageFromRaw(await readImage(source, kind));
      const expected = await predictor.predict(image, kind);
      const predicting = canvases.predict(source, kind);
      if (source instanceof VideoFrame) source.close(); // it has been copied
      using onGpu = await predicting;
      const { width, height, probabilities } = await onGpu.read();
      if (width !== size.width || height !== size.height)
        throw new Error(`${kind}: ${width}x${height}`);
      found[kind] = largestDifference(probabilities, expected.probabilities);
      using ofImage = await canvases.predict(image, kind);
      found[`Image of ${kind}`] = largestDifference(
        (await ofImage.read()).probabilities,
        expected.probabilities,
      );
    }
    return found;
  });
}

/**
 * For pictures that the browser converts: the largest difference between the network's input
 * through the GPU and through `readImage`, in steps of 8 bits.
 */
export async function compareConverted() {
  using device = await requestDevice();
  const frame = greyFrame();
  const p3 = (x: number, y: number) => `color(display-p3 ${x / 15} ${y / 15} 0.3)`;
  const clear = (x: number, y: number) => `rgb(${16 * x} ${255 - 9 * y} 77 / ${(y + 1) / 16})`;
  const kinds: Record<string, [PictureSource, number]> = {
    "a canvas of display-p3": [canvasOf(p3, "display-p3"), 3],
    "a half transparent canvas": [canvasOf(clear), 3],
    "a frame of YUV": [frame, 1],
  };
  const found: Record<string, number> = {};
  for (const [kind, [picture, channels]] of Object.entries(kinds)) {
    const image = imageFromRaw(await readImage(picture, kind));
    const expected = normalise(image);
    const sourceOf = (kernels: Kernels) => copyPicture(device.gpu, kernels, picture, kind);
    const how = { channels, tile: 16, side: 16, symmetries: 1 };
    const got = await throughIdentity(device, sourceOf, how);
    found[kind] = 0;
    for (let c = 0; c < channels; c++) {
      const plane = (values: Float32Array) => values.subarray(256 * c, 256 * (c + 1));
      const steps = 255 * spread(plane(image.data)).deviation;
      const difference = largestDifference(plane(got), plane(expected.data));
      found[kind] = Math.max(found[kind], steps * difference);
    }
  }
  frame.close();
  return found;
}

/** The difference for the mean over eight views. */
export async function compareSymmetries([size, colours]: readonly [Size, number[]]) {
  return opened({ symmetries: 8 }, async ({ predictor, canvases }) => {
    const pixels = pixelsOf(size, colours);
    const image = imageFromRaw(await readImage(pixels, "pixels"));
    const expected = await predictor.predict(image, "pixels");
    using onGpu = await canvases.predict(pixels, "pixels");
    const { probabilities } = await onGpu.read();
    return largestDifference(probabilities, expected.probabilities);
  });
}
