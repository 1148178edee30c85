// Data for the pages of canvas.test.ts: a picture, and the script of a Worker.

import { random, randomInteger } from "../../src/data/random.js";

/** Larger than the output of a tile in both directions, and not a multiple of anything. */
export const PICTURE_SIZE = { width: 53, height: 41 };

/** Smooth patches with noise, opaque: red, green, blue and alpha of each pixel. */
export function drawnPicture(channels: number, seed: number): number[] {
  const { width, height } = PICTURE_SIZE;
  const next = random(seed, 1);
  return Array.from({ length: width * height }, (_, i) => {
    const patch = 90 * Math.sin(i / 7) * Math.cos(i / (3 * width)) + 128;
    const values = [0, 1, 2].map((c) => Math.round(patch / (c + 1)) + randomInteger(next, 30));
    return [...(channels === 3 ? values : [values[0], values[0], values[0]]), 255];
  }).flat();
}

/**
 * A module script without a bundler. It draws twice on a canvas that returns its context only once,
 * like a transferred one in Firefox 153.
 */
export const WORKER = `
import { createPredictor, decodeSafetensors, requestDevice } from "/dist/micrograph.min.js";
import { createCanvasPredictor } from "/dist/src/canvas/index.js";

onmessage = async ({ data: { offscreen, width, height, colours } }) => {
  try {
    let asked = 0;
    offscreen.getContext = (...kind) => {
      if (asked++ > 0) throw new DOMException("it was asked for before", "InvalidStateError");
      return OffscreenCanvas.prototype.getContext.apply(offscreen, kind);
    };
    const file = await (await fetch("/checkpoint.safetensors")).arrayBuffer();
    const device = await requestDevice();
    const predictor = await createPredictor(device, decodeSafetensors(new Uint8Array(file), "file"));
    const canvases = await createCanvasPredictor(device, predictor);
    const prediction = await canvases.predict(new ImageData(colours, width, height), "pixels");
    prediction.draw(offscreen, { kind: "probability" });
    await new Promise((done) => setTimeout(done, 50));
    prediction.draw(offscreen, { kind: "mask" });
    const { probabilities } = await prediction.read();
    postMessage({ probabilities: [...probabilities] });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
`;
