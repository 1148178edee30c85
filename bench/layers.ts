// Single layers of the U-Net, forward and backward, and the updates of its parameters.

import type { Engine, LayerRunner } from "./engines/types.js";
import { type LayerCase, layerCases } from "./layer-cases.js";
import { timeInTurn } from "./measure.js";
import { createNetwork, relativeDifference } from "./network.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";
import type { Size } from "./step.js";

const TOLERANCE = 1e-4;

export async function benchLayers(session: Session, size: Size, rounds = 3): Promise<void> {
  const { count } = createNetwork(size.width, size.tile).model.parameters;
  const cases = layerCases(size, count);
  for (const [i, layer] of cases.entries()) {
    if (session.isLate()) {
      session.remarks.push(`there was no time for ${cases.length - i} of ${cases.length} layers`);
      return;
    }
    await benchLayer(session, layer, size, rounds);
  }
}

async function benchLayer(session: Session, layer: LayerCase, size: Size, rounds: number) {
  session.say(layer.work);
  const runners: { engine: Engine; runner: LayerRunner; difference: number | undefined }[] = [];
  let expected: Float32Array | undefined;
  for (const engine of session.engines) {
    try {
      const runner = await engine.layer?.(layer);
      if (!runner) continue;
      const result = await runner.result();
      const difference = expected && relativeDifference(result, expected);
      if (difference !== undefined && !(difference <= TOLERANCE)) {
        throw new Error(`the result differs by ${difference} from micrograph's`);
      }
      if (engine.name === "micrograph") expected = result;
      runners.push({ engine, runner, difference });
    } catch (error) {
      session.remarks.push(`${engine.name}, ${layer.work}: ${lineOf(error)}`);
    }
  }
  const works = runners.map(({ runner }) => runner);
  const times = await timeInTurn(works, rounds, session.measurePeak);
  for (const [i, { engine, runner, difference }] of runners.entries()) {
    const row = rowOf(layer.work, engine.name, size, times[i], layer.multiplyAdds);
    const shareOfPeak = layer.multiplyAdds > 0 ? row.gflops / session.peak() : undefined;
    session.rows.push({ ...row, difference, shareOfPeak });
    runner.close();
  }
}
