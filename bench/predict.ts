// Prediction of one tile, read back.

import type { Engine, PredictRunner } from "./engines/types.js";
import { timeInTurn } from "./measure.js";
import { createNetwork, relativeDifference } from "./network.js";
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
