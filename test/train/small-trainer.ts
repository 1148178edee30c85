// The smallest network, the options and a batch of a trainer, for tests of a trainer's other
// functions.

import type { Batch } from "../../src/data/tiles.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig } from "../../src/train/config.js";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/step.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";

export const config = modelConfig({ base: 4, depth: 1 });
export const model = unet(config);
/** Sides of a tile and of its prediction. */
export const [TILE, OUT] = [28, 12];
export const options: TrainerOptions = {
  tile: TILE,
  batch: 1,
  optimizer: "adam",
  learningRate: 1e-3,
  momentum: 0.9,
  seed: 1,
};
export const batch: Batch = {
  image: noise(TILE * TILE, 1),
  label: Float32Array.from({ length: OUT * OUT }, (_, i) => i % 2),
  weight: new Float32Array(OUT * OUT).fill(1),
};

/** The values with another one at an index. */
export function changed(
  values: Float32Array,
  at: number,
  value: number,
): Float32Array<ArrayBuffer> {
  const result = values.slice();
  result[at] = value;
  return result;
}

export async function withTrainer(
  changes: Partial<TrainerOptions>,
  work: (trainer: Trainer) => unknown,
): Promise<void> {
  using trainer = await createTrainer(await testDevice(), model, { ...options, ...changes });
  await work(trainer);
}
