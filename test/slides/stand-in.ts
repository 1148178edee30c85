// A predictor of the real interface whose network is a threshold: for tests and benchmarks without a GPU.

import type { Predictor } from "../../src/predict/predictor.js";
import { runTiles } from "../../src/predict/run-tiles.js";
import type { TilePlan } from "../../src/predict/tile-plans.js";
import { tileOrigins } from "../../src/predict/tiling.js";

/** Its answer for a pixel: class 1 with probability 0.9 if its value is above the mean, else 0.1. */
export function standIn({ tile = 604, side: outer = 516, gridStep = 8 } = {}): Predictor {
  const classes = 2;
  let image = new Float32Array();
  const plan = {
    memory: { totalBytes: 0 },
    run: (inputs: { image: Float32Array<ArrayBuffer> }) => {
      image = inputs.image;
    },
    async read() {
      const margin = (tile - outer) / 2;
      const answer = new Float32Array(classes * outer * outer);
      for (let i = 0; i < outer * outer; i++) {
        const from = (Math.floor(i / outer) + margin) * tile + (i % outer) + margin;
        answer[i] = image[from] > 0 ? 0.1 : 0.9;
        answer[outer * outer + i] = 1 - answer[i];
      }
      return answer;
    },
  };
  const probabilities = { shape: [1, classes, outer, outer] };
  const ready = { plan, probabilities } as unknown as TilePlan;
  const originStep = Math.floor(outer / gridStep) * gridStep;
  const tiles: Predictor["tiles"] = async (size) => {
    const origins = tileOrigins(size, outer, gridStep);
    return { ...ready, tile, side: outer, originStep, gridStep, origins, release() {} };
  };
  return {
    tiles,
    runTiles: (source, output, how) => runTiles({ tiles }, source, output, how),
    surviving: (work) => work(),
    channels: 1,
    classes,
    normalisation: { kind: "image" },
    symmetries: 1,
    predict: () => Promise.reject(new Error("only tiles are predicted here")),
    close() {},
    [Symbol.dispose]() {},
  };
}
