// Shared by the tests of `train`: small data, short runs, and the form of errors.

import { mkdir, writeFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { type Outcome, runCli } from "./run.js";

/** Runs the program and expects an error in one line, before the GPU is opened. */
export async function fails(
  args: readonly string[],
  code: number,
  expected: RegExp,
): Promise<Outcome> {
  const outcome = await runCli(args);
  assert.is(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, expected);
  assert.match(outcome.stderr, /^micrograph: [^\n]+\n$/, "one line");
  assert.is(outcome.log.opened, 0, "said before the GPU is opened");
  return outcome;
}

/** Writes a data set of 32 x 32 pixels into the folder em. */
export async function writePairs(names: readonly string[]): Promise<void> {
  const size = 32;
  const data = Uint8Array.from({ length: size * size }, (_, i) => (i % 7 === 0 ? 0 : 255));
  const png = encodePng({ width: size, height: size, channels: 1, bitDepth: 8, data });
  for (const folder of ["em/images", "em/labels"]) {
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(`${folder}/${name}.png`, png);
  }
}

export const small = ["--steps", "4", "--validate-every", "2"];
