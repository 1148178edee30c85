// Slow families of checks: `npm test` runs a seeded sample, `npm run test:all` all of them.

import { test } from "uvu";

/**
 * Whether a check, by its name, is in the sample: one of `part` of them. MICROGRAPH_TEST_SEED (default "1") chooses
 * other ones, MICROGRAPH_TEST_ALL all of them.
 */
export function isInSample(name: string, part = 3): boolean {
  const { MICROGRAPH_TEST_ALL: all, MICROGRAPH_TEST_SEED: seed = "1" } =
    globalThis.process?.env ?? {}; // a page has none
  return all !== undefined || hash(`${seed} ${name}`) % part === 0;
}

/** A test of a slow family: left out, and counted as skipped, unless it is in the sample. */
export function sampledTest(name: string, run: () => unknown): void {
  if (isInSample(name)) test(name, run as () => void);
  else test.skip(name, run as () => void);
}

/** FNV-1a, in 32 bits. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (const character of text) {
    result = Math.imul(result ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (result ^ (result >>> 15)) >>> 0;
}
