// Times several engines in one run, alternating, so that other work on the machine slows all of
// them.

export interface Times {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly count: number;
}

export interface Timed {
  run(): Promise<unknown>;
}

/** The time for one engine in a round: a fast one runs several times. */
const ROUND_MS = 400;
const MOST_A_ROUND = 10;

/**
 * Runs each of `works` once to warm up, then in `rounds` rounds. `between` is called after each.
 */
export async function timeInTurn(
  works: readonly Timed[],
  rounds: number,
  between: () => Promise<void> = async () => {},
): Promise<Times[]> {
  const times: number[][] = works.map(() => []);
  const perRound: number[] = [];
  for (const work of works) {
    const ms = await timeOf(work);
    perRound.push(Math.max(1, Math.min(MOST_A_ROUND, Math.round(ROUND_MS / ms))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, work] of works.entries()) {
      for (let k = 0; k < perRound[i]; k++) times[i].push(await timeOf(work));
    }
    await between();
  }
  return times.map(summarise);
}

async function timeOf(work: Timed): Promise<number> {
  const start = performance.now();
  await work.run();
  return performance.now() - start;
}

export function summarise(times: readonly number[]): Times {
  if (times.length === 0) throw new Error("no time was taken");
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return {
    medianMs: median,
    minMs: sorted[0],
    maxMs: sorted[sorted.length - 1],
    count: sorted.length,
  };
}
