// Runs cases of a kind with limits of time and memory; a finding says how to repeat it.

import fc from "fast-check";
import { dataKinds } from "./data.js";
import { forgedKinds } from "./forged.js";
import { hostileKinds } from "./hostile/kinds.js";
import { imageKinds } from "./images.js";
import type { FuzzKind } from "./kind.js";
import { labelKinds } from "./labels.js";
import { networkKinds } from "./networks.js";
import { outlineKinds } from "./outlines.js";

/** Of CPU time, since other processes may run at the same time. */
const MOST_MS = 2000;
const MOST_BYTES = 64e6;
const MOST_BYTES_PER_PIXEL = 16;

export const fuzzKinds = (): readonly FuzzKind[] => [
  ...imageKinds,
  ...networkKinds,
  ...hostileKinds,
  ...forgedKinds,
  ...dataKinds(),
  ...labelKinds,
  ...outlineKinds,
];

export interface Batch {
  readonly seed: number;
  readonly runs: number;
  /** The path of one case, or of a smaller one that fast-check derived from it. */
  readonly path?: string | undefined;
}

/**
 * Returns what went wrong, or undefined. `onCase` is called with the number of each case before it
 * runs.
 */
export async function runCases(
  { name, cases, check }: FuzzKind,
  { seed, runs, path }: Batch,
  onCase: (index: number) => void = () => {},
): Promise<string | undefined> {
  let index = 0;
  const property = fc.asyncProperty(cases, async (value) => {
    onCase(index++);
    await measured(() => check(value));
  });
  const result = await fc.check(property, { seed, numRuns: runs, path, endOnFailure: false });
  if (!result.failed) return undefined;
  const { errorInstance, counterexamplePath } = result;
  const said = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const repeat = `--only ${name} --seed ${seed} --path ${counterexamplePath}`;
  return `${name}: ${said}\n  again: npm run fuzz -- ${repeat}`;
}

async function measured(work: () => Promise<number>): Promise<void> {
  const before = process.memoryUsage.rss();
  const peak = process.resourceUsage().maxRSS * 1024;
  const start = process.cpuUsage();
  const pixels = await work();
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  if (ms > MOST_MS) throw new Error(`it took ${Math.round(ms)} ms, expected ${MOST_MS} at most`);
  const highest = process.resourceUsage().maxRSS * 1024;
  if (highest <= peak) return;
  const allowed = MOST_BYTES + MOST_BYTES_PER_PIXEL * pixels;
  if (highest - Math.max(before, 0) <= allowed) return;
  throw new Error(`it took ${highest - before} bytes, expected ${allowed} at most`);
}
