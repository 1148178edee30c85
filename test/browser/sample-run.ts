// The run for comparing Node with a page: the network and tile of the embedded sample.

import type { Device, TrainingConfig, TrainOptions } from "../../src/index.js";
import { modelConfig, syntheticSample, train, trainingConfig } from "../../src/index.js";

export const STEPS = 20;

/** Everything that a page loads only if a run asks for it. */
export const EXTRAS = {
  steps: 3,
  accumulate: 3,
  clipNorm: 1,
  ema: 0.9,
  precision: "f16",
} as const;

/** A network that a driver in software compiles in seconds. */
export const SMALL = modelConfig({ base: 2, depth: 1 });

/** Trains on two drawn pictures; resolves with the loss of every step. */
export async function sampleLosses(
  device: Device,
  changes: Partial<TrainingConfig> = {},
  options: TrainOptions = {},
  model = modelConfig({ base: 8, depth: 2 }),
): Promise<number[]> {
  const training = [1, 2].map((seed) => ({
    name: `sample ${seed}`,
    ...syntheticSample({ seed, width: 128, height: 128 }),
  }));
  const losses: number[] = [];
  await train(
    device,
    { training, validation: [] },
    model,
    trainingConfig({ tile: 124, steps: STEPS, learningRate: 0.005, seed: 1, ...changes }),
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
