// In a page or a Worker: what a network says of a picture, an element, a video or a camera, drawn on a
// canvas over it. Pixels go in and out on the GPU; nothing is read back.

import { type Canvas, createCanvasPredictor, type PictureSource } from "micrograph/canvas";
import { createPredictor, useDevice } from "micrograph/core";
import { decodeSafetensors } from "micrograph/files";

/** Draws the cells of a picture half transparent, by the checkpoint in `file`, on the app's device. */
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

/** Draws the probabilities of frame after frame of a video until `signal` aborts. */
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
    await device.idle(); // no frame waits behind another
    await new Promise(requestAnimationFrame);
  }
}
