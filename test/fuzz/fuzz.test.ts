import { test } from "uvu";
import * as assert from "uvu/assert";
import { fuzzKinds, runCases } from "./cases.js";

/** A few seconds in all; `npm run fuzz` tries a hundred thousand. */
const RUNS = 40;
/** Those that were made to do harm are large, and end at the bounds of time. */
const RUNS_OF_HOSTILE = 12;

for (const kind of fuzzKinds()) {
  test(`${kind.name}: right values or one sentence, within bounds of time and memory`, async () => {
    const runs = kind.name.startsWith("hostile") ? RUNS_OF_HOSTILE : RUNS;
    assert.is(await runCases(kind, { seed: 1, runs }), undefined);
  });
}

test.run();
