// Pictures, and a small network opened on a page's GPU, for the pages of canvas.test.ts.

import { type CanvasPredictor, createCanvasPredictor } from "../../src/canvas/index.js";
import { createPredictor, type Device, type Predictor, requestDevice } from "../../src/index.js";
import { syntheticCheckpoint } from "./canvas-checkpoint.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Opened {
  readonly device: Device;
  readonly predictor: Predictor;
  readonly canvases: CanvasPredictor;
}

export async function opened<R>(
  how: { channels?: number; classes?: number; symmetries?: number },
  work: (opened: Opened) => Promise<R>,
): Promise<R> {
  const { channels = 1, classes = 2, symmetries = 1 } = how;
  using device = await requestDevice();
  const options = { tile: 36, symmetries };
  using predictor = await createPredictor(device, syntheticCheckpoint(channels, classes), options);
  using canvases = await createCanvasPredictor(device, predictor);
  const result = await work({ device, predictor, canvases });
  await device.idle();
  device.check();
  return result;
}

/** A picture of these colours, [height][width][red, green, blue, alpha]. */
export function pixelsOf({ width, height }: Size, colours: readonly number[]): ImageData {
  return new ImageData(Uint8ClampedArray.from(colours), width, height);
}

export function paint<C extends HTMLCanvasElement | OffscreenCanvas>(
  canvas: C,
  pixels: ImageData,
): C {
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.putImageData(pixels, 0, 0);
  return canvas;
}

export const element = (size: Size) => Object.assign(document.createElement("canvas"), size);

/** A video that shows one picture. */
export async function videoOf(
  canvas: HTMLCanvasElement,
  pixels: ImageData,
): Promise<HTMLVideoElement> {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = canvas.captureStream();
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  // A canvas that is not drawn to may deliver no frames.
  const drawing = setInterval(() => paint(canvas, pixels), 30);
  await video.play();
  await shown;
  clearInterval(drawing);
  video.pause();
  return video;
}

/** Grey of all values as the planes of a video, with half the resolution of its colours. */
export function greyFrame(): VideoFrame {
  const luma = Array.from({ length: 256 }, (_, i) => 16 + ((i * 53) % 220));
  const planes = Uint8Array.from([...luma, ...new Array(128).fill(128)]);
  const size = { codedWidth: 16, codedHeight: 16 };
  return new VideoFrame(planes, { format: "I420", ...size, timestamp: 0 });
}

/** 16 x 16 pixels of these colours, on a canvas of a colour space. */
export function canvasOf(
  colourOf: (x: number, y: number) => string,
  colorSpace: PredefinedColorSpace = "srgb",
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(16, 16);
  const context = canvas.getContext("2d", { colorSpace }) as OffscreenCanvasRenderingContext2D;
  for (let i = 0; i < 256; i++) {
    context.fillStyle = colourOf(i % 16, i >> 4);
    context.fillRect(i % 16, i >> 4, 1, 1);
  }
  return canvas;
}
