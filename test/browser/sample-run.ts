// The run that Node and a page are compared by: the network and tile of the embedded sample.

import type { Device, TrainOptions } from "../../src/index.js";
import { modelConfig, syntheticSample, train, trainingConfig } from "../../src/index.js";

export const STEPS = 20;

/** Trains on two drawn pictures; resolves with the loss of every step. */
export async function sampleLosses(
  device: Device,
  { steps = STEPS, ...options }: TrainOptions & { readonly steps?: number } = {},
): Promise<number[]> {
  const training = [1, 2].map((seed) => ({
    name: `sample ${seed}`,
    ...syntheticSample({ seed, width: 128, height: 128 }),
  }));
  const losses: number[] = [];
  await train(
    device,
    { training, validation: [] },
    modelConfig({ base: 8, depth: 2 }),
    trainingConfig({ tile: 124, steps, learningRate: 0.005, seed: 1 }),
    {
      ...options,
      onEvent(event) {
        if (event.type === "step") losses.push(event.loss);
        return options.onEvent?.(event);
      },
    },
  );
  return losses;
}
