// General ops, forward with the gradients of all inputs.

import type { Engine, OpRunner } from "./engines/types.js";
import { timeInTurn } from "./measure.js";
import { relativeDifference } from "./network.js";
import { budgets, type GeneralCase, generalCases } from "./op-cases.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";

/** What gradients of two engines may differ by. */
const TOLERANCE = 1e-4;

export async function benchOps(session: Session, rounds = 3): Promise<void> {
  for (const one of generalCases()) await benchOp(session, one, rounds);
  await benchBudgets(session, rounds);
}

/** Times what has a budget and what it is a share of in turns. */
async function benchBudgets(session: Session, rounds: number): Promise<void> {
  const own = session.engines.find(({ name }) => name === "micrograph");
  if (!own?.op) return;
  for (const { what, share, of, one } of budgets()) {
    session.say(`${what}, as a share of ${of.name}`);
    const runners = [await own.op(one), await own.op(of)];
    const [time, whole] = await timeInTurn(runners, 3 * rounds, session.measurePeak);
    for (const runner of runners) runner.close();
    const shares = [time.medianMs / whole.medianMs, time.minMs / whole.minMs];
    session.rows.push(rowOf(one.name, own.name, { width: 64, tile: 128 }, time, one.multiplyAdds));
    session.remarks.push(
      `${what}: ${shares.map((value) => value.toFixed(2)).join(" (of the shortest times ")}) of ${of.name}, ` +
        `forward and backward; the budget is ${share}`,
    );
  }
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
