// The checks for every runtime, on one device: a short training and a prediction, whose numbers are
// compared.

import { createPredictor, type Device, requestDevice, syntheticSample } from "../../src/index.js";
import { syntheticCheckpoint } from "../browser/canvas-checkpoint.js";
import { sampleLosses } from "../browser/sample-run.js";

/** Milliseconds and result of some work. */
export interface Timed<T> {
  readonly ms: number;
  readonly result: T;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}

/** Losses of a short training, each step as a whole and in parts. */
export async function losses(device?: Device) {
  const opened = device ?? (await requestDevice());
  const whole = await timed(() => sampleLosses(opened));
  const parts = await timed(() => sampleLosses(opened, {}, { submits: 8 }));
  opened.check();
  return { whole, parts };
}

/** Probabilities of a drawn picture in tiles, by random weights. */
export async function probabilities(device?: Device): Promise<Timed<number[]>> {
  const opened = device ?? (await requestDevice());
  const { image } = syntheticSample({ seed: 3, width: 300, height: 260 });
  using predictor = await createPredictor(opened, syntheticCheckpoint(1, 2), { tile: 76 });
  await predictor.predict(image, "the picture"); // compiles
  return await timed(async () => [
    ...(await predictor.predict(image, "the picture")).probabilities,
  ]);
}

/** Describes the runtime's WebGPU. */
export async function description() {
  using device = await requestDevice();
  const { adapter, features } = device.describe();
  return { adapter, features, capabilities: device.capabilities };
}
