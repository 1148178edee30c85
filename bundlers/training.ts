// Trains a few steps in a page and predicts with the checkpoint: what is run is the same whatever
// built the page.

import { gzipSync } from "node:zlib";
import * as core from "../src/core.js";
import { openServed } from "../test/browser/page.js";
import type { Built } from "./builds.js";

const CORE = Object.keys(core).join(", ");

/** A module that makes the core the global `it`. */
export const coreModule = (from: string) =>
  `import { ${CORE} } from "${from}";\nglobalThis.it = { ${CORE} };\n`;

export interface Outcome {
  /** Bytes after gzip -9 of the scripts that the page loads at first. */
  readonly firstBytes: number;
  /** Those that it loads while it trains and predicts. */
  readonly laterBytes: number;
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** [classes][height][width] */
  readonly probabilities: readonly number[];
  /** What the page's console calls an error, and what nobody caught. */
  readonly problems: readonly string[];
}

declare const it: typeof core;

export async function trainIn(built: Built): Promise<Outcome> {
  const opened = await openServed(built);
  const bytes = () => {
    const scripts = new Set(opened.requests.filter((path) => path.endsWith(".js")));
    const each = [...scripts].map((path) => gzipSync(built[path] ?? "", { level: 9 }).length);
    return each.reduce((sum, of) => sum + of, 0);
  };
  try {
    const firstBytes = bytes();
    const results = await opened.run(trainAndPredict);
    const laterBytes = bytes() - firstBytes;
    return { firstBytes, laterBytes, ...results, problems: opened.problems };
  } finally {
    await opened.close();
  }
}

/** Runs in the page, by its text: it may use nothing of this file. */
async function trainAndPredict(): Promise<Pick<Outcome, "losses" | "probabilities">> {
  const side = 64;
  // Light cells, 12 pixels wide, with dark borders of 4 pixels.
  const label = new Uint8Array(side * side).map((_, pixel) =>
    (pixel % side) % 16 < 12 && Math.floor(pixel / side) % 16 < 12 ? 1 : 0,
  );
  const data = Float32Array.from(label, (cell, pixel) => 0.3 + 0.4 * cell + 0.01 * (pixel % 7));
  const image = { width: side, height: side, channels: 1, data };
  const sample = {
    name: "cells",
    image,
    label: { width: side, height: side, classes: 2, data: label },
  };
  const losses: number[] = [];
  let checkpoint: core.Checkpoint | undefined;
  const device = await it.requestDevice();
  await it.train(
    device,
    { training: [sample], validation: [sample] },
    it.modelConfig({ base: 2, depth: 1 }),
    it.trainingConfig({ tile: 60, steps: 6, learningRate: 0.01, seed: 1 }),
    {
      onEvent(event) {
        if (event.type === "step") losses.push(event.loss);
      },
      onCheckpoint(_kind, made) {
        checkpoint = made;
      },
    },
  );
  if (!checkpoint) throw new Error("no checkpoint was made");
  const predictor = await it.createPredictor(device, checkpoint);
  const { probabilities } = await predictor.predict(image, "cells");
  device.close();
  return { losses, probabilities: [...probabilities] };
}
