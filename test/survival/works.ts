// The work of which each call fails in turn: a training, a prediction, a tuning.

import { syntheticSample } from "../../src/data/synthetic.js";
import type { Device } from "../../src/gpu/device.js";
import { tune } from "../../src/gpu/tune.js";
import { input } from "../../src/graph/tensor.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { many } from "../gpu/many-op.js";

/** Does something on a device, and returns what must not depend on faults. */
export type Work = (device: Device) => Promise<unknown>;

const sampleOf = (seed: number, side: number) => {
  return { name: `cells ${seed}`, ...syntheticSample({ seed, width: side, height: side }) };
};

const MODEL = modelConfig({ base: 1, depth: 1, dropout: 0.2 });

const training: Work = async (device) => {
  const found: unknown[] = [];
  await train(
    device,
    { training: [sampleOf(1, 40)], validation: [sampleOf(2, 12)] },
    MODEL,
    trainingConfig({ tile: 20, steps: 4, validateEvery: 2 }),
    {
      onEvent(event) {
        if (event.type === "step") found.push([event.step, event.loss]);
        if (event.type === "validation") found.push([event.step, event.wrongPixels]);
      },
      onCheckpoint(kind, { tensors, metadata }) {
        found.push([kind, metadata.progress?.step, [...tensors]]);
      },
    },
  );
  return found;
};

/** A checkpoint of random weights, drawn by a training of one step. */
export async function anyCheckpoint(device: Device): Promise<Checkpoint> {
  let found: Checkpoint | undefined;
  const data = { training: [sampleOf(1, 40)], validation: [] };
  await train(device, data, MODEL, trainingConfig({ tile: 20, steps: 1 }), {
    onCheckpoint(_kind, checkpoint) {
      found = checkpoint;
    },
  });
  return found as Checkpoint;
}

/** The works by name, for a checkpoint to predict with. */
export function worksOf(checkpoint: Checkpoint): Readonly<Record<string, Work>> {
  return {
    training,
    async prediction(device) {
      const predictor = await createPredictor(device, checkpoint, { tile: 28 });
      try {
        return await predictor.predict(sampleOf(3, 24).image, "cells");
      } finally {
        predictor.close();
      }
    },
    async tuning(device) {
      // Adapters in software have a single kernel of most ops.
      const outputs = [many(input("x", [1, 8, 8, 8]), ["buffer", "other", "third"])];
      const { layers } = await tune(device, [{ name: "layer", outputs }]);
      // Which kernel is the fastest depends on time.
      return layers.map(({ key, candidates }) => [key, candidates.map(({ kernel }) => kernel)]);
    },
  };
}
