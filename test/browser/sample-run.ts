// The run for comparing Node with a page: small enough that a driver in software compiles it in seconds.

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

/** Trains on two drawn pictures; resolves with the loss of every step. */
export async function sampleLosses(
  device: Device,
  changes: Partial<TrainingConfig> = {},
  options: TrainOptions = {},
): Promise<number[]> {
  const training = [1, 2].map((seed) => ({
    name: `sample ${seed}`,
    ...syntheticSample({ seed, width: 128, height: 128 }),
  }));
  const losses: number[] = [];
  await train(
    device,
    { training, validation: [] },
    modelConfig({ base: 4, depth: 1 }),
    trainingConfig({ tile: 92, steps: STEPS, learningRate: 0.005, seed: 1, ...changes }),
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
