// In a page or a Worker: a network's prediction for a picture, an element, a video or a camera,
// drawn on a canvas over it. Everything stays on the GPU; nothing is read back.

import { type Canvas, createCanvasPredictor, type PictureSource } from "micrograph/canvas";
import { createPredictor, useDevice } from "micrograph/core";
import { decodeSafetensors } from "micrograph/files";

/**
 * Draws the cells of a picture half transparent, with the checkpoint in `file`, on the app's
 * device.
 */
export async function drawCells(
  file: Uint8Array,
  picture: PictureSource,
  canvas: Canvas,
  gpu: GPUDevice,
): Promise<void> {
  using device = useDevice(gpu);
  using predictor = await createPredictor(device, decodeSafetensors(file, "checkpoint"));
  using canvases = await createCanvasPredictor(device, predictor);
  using prediction = await canvases.predict(picture, "picture");
  prediction.draw(canvas, { kind: "overlay", opacity: 0.5 });
}

/** Draws the probabilities of each frame of a video until `signal` aborts. */
export async function followVideo(
  file: Uint8Array,
  video: HTMLVideoElement,
  canvas: Canvas,
  gpu: GPUDevice,
  signal: AbortSignal,
): Promise<void> {
  using device = useDevice(gpu);
  using predictor = await createPredictor(device, decodeSafetensors(file, "checkpoint"));
  using canvases = await createCanvasPredictor(device, predictor);
  while (!signal.aborted) {
    using prediction = await canvases.predict(video, "frame");
    prediction.draw(canvas, { kind: "probability" });
    await device.idle(); // frames do not queue up
    await new Promise(requestAnimationFrame);
  }
}
