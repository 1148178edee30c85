// General ops, forward with the gradients of all inputs.

import type { Engine, OpRunner } from "./engines/types.js";
import { timeInTurn } from "./measure.js";
import { relativeDifference } from "./network.js";
import { type GeneralCase, generalCases } from "./op-cases.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";

/** What gradients of two engines may differ by. */
const TOLERANCE = 1e-4;

export async function benchOps(session: Session, rounds = 3): Promise<void> {
  for (const one of generalCases()) await benchOp(session, one, rounds);
}

async function benchOp(session: Session, one: GeneralCase, rounds: number): Promise<void> {
  session.say(one.name);
  const runners: { engine: Engine; runner: OpRunner; difference: number | undefined }[] = [];
  let expected: readonly Float32Array[] | undefined;
  for (const engine of session.engines) {
    if (!engine.op) continue;
    try {
      const runner = await engine.op(one);
      const results = await runner.results();
      const difference = expected && differenceOf(results, expected);
      if (difference !== undefined && !(difference <= TOLERANCE)) {
        throw new Error(`the result or a gradient differs by ${difference} from micrograph's`);
      }
      if (engine.name === "micrograph") expected = results;
      runners.push({ engine, runner, difference });
    } catch (error) {
      session.remarks.push(`${engine.name}, ${one.name}: ${lineOf(error)}`);
    }
  }
  const works = runners.map(({ runner }) => runner);
  const times = await timeInTurn(works, rounds, session.measurePeak);
  const [, , , side = 0] = one.inputs[0].shape;
  for (const [i, { engine, runner, difference }] of runners.entries()) {
    const size = { width: one.inputs[0].shape[1], tile: side };
    const row = rowOf(one.name, engine.name, size, times[i], one.multiplyAdds);
    const shareOfPeak = one.multiplyAdds > 0 ? row.gflops / session.peak() : undefined;
    session.rows.push({ ...row, difference, shareOfPeak });
    runner.close();
  }
}

/** The largest relative difference of a result or a gradient. */
function differenceOf(got: readonly Float32Array[], expected: readonly Float32Array[]): number {
  return Math.max(...expected.map((values, i) => relativeDifference(got[i] ?? [], values)));
}
