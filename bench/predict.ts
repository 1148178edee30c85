// Prediction of one tile, read back; and of one large image by overlapping tiles.

import { createPredictor } from "../src/train/predict.js";
import type { Checkpoint } from "../src/train/types.js";
import type { Engine, PredictRunner } from "./engines/types.js";
import { summarise, timeInTurn } from "./measure.js";
import { createNetwork, noise, relativeDifference } from "./network.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";
import { multiplyAddsOf, type Size } from "./step.js";

const TOLERANCE = 1e-4;

export async function benchPrediction(session: Session, size: Size, rounds = 4): Promise<void> {
  const network = createNetwork(size.width, size.tile);
  const runners: { engine: Engine; runner: PredictRunner; difference: number | undefined }[] = [];
  let expected: Float32Array | undefined;
  for (const engine of session.engines) {
    if (!engine.predict) continue;
    session.say(`prediction, width ${size.width}, tile ${size.tile}: ${engine.name} computes`);
    try {
      const runner = await engine.predict(network);
      const result = await runner.run();
      const difference = expected && relativeDifference(result, expected);
      if (difference !== undefined && !(difference <= TOLERANCE)) {
        throw new Error(`the probabilities differ by ${difference} from micrograph's`);
      }
      if (engine.name === "micrograph") expected = result;
      runners.push({ engine, runner, difference });
    } catch (error) {
      session.remarks.push(`${engine.name}, prediction: ${lineOf(error)}`);
    }
  }
  const works = runners.map(({ runner }) => runner);
  const times = await timeInTurn(works, rounds, session.measurePeak);
  const { forward } = multiplyAddsOf(network);
  for (const [i, { engine, runner, difference }] of runners.entries()) {
    const row = rowOf("predict", engine.name, size, times[i], forward);
    session.rows.push({ ...row, shareOfPeak: row.gflops / session.peak(), difference });
    runner.close();
  }
}

/** A whole image of `side` pixels square, by Micrograph alone: once to warm up on a part, once timed. */
export async function benchLargeImage(session: Session, width: number, side: number) {
  const { model, weights } = createNetwork(width, 188);
  const checkpoint: Checkpoint = {
    tensors: new Map(weights),
    metadata: {
      model: model.config,
      normalisation: { kind: "image" },
      progress: { step: 0, best: undefined },
    },
  };
  const predictor = await createPredictor(session.device, checkpoint);
  const imageOf = (size: number) => {
    return { width: size, height: size, channels: 1, data: noise([size, size], 9) };
  };
  await predictor.predict(imageOf(1024), "warm-up");
  session.say(`prediction of ${side} x ${side} pixels: micrograph computes`);
  const start = performance.now();
  await predictor.predict(imageOf(side), "large");
  const times = summarise([performance.now() - start]);
  session.rows.push(
    rowOf(`predict ${side} x ${side}`, "micrograph", { width, tile: side }, times, 0),
  );
  predictor.close();
}
