// Time limits, for machines that also do other work.

import * as assert from "uvu/assert";

const ATTEMPTS = 3;

/**
 * Runs work that blocks this thread, and expects that it takes less than `most` milliseconds on a
 * CPU that runs the yardstick in YARDSTICK; a slower one, or one whose core others use, gets
 * proportionally more. If the work took longer it is repeated, at most twice. Returns the result of
 * the work.
 */
export function expectWithin<T>(most: number, work: () => T): T {
  const took: string[] = [];
  for (;;) {
    const before = processorTime(yardstick);
    let result: T | undefined;
    const ms = processorTime(() => {
      result = work();
    });
    const slowness = Math.max(1, (before + processorTime(yardstick)) / 2 / YARDSTICK);
    if (ms < most * slowness) return result as T;
    took.push(`${ms} ms at ${slowness.toFixed(2)}`);
    assert.ok(took.length < ATTEMPTS, `took ${took.join(", ")}, expected less than ${most} ms`);
  }
}

/** Milliseconds of CPU time of the yardstick on an AMD EPYC, for which the limits are. */
const YARDSTICK = 60;

/** Work similar to that of the metrics: numbers at places all over a megabyte. */
function yardstick(): void {
  const cells = new Float32Array(1 << 18);
  let place = 1;
  for (let i = 0; i < 1e7; i++) {
    place = (Math.imul(place, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    cells[place >>> 14] += 0.5 * cells[i & 0x3ffff] + 1;
  }
}

function processorTime(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
