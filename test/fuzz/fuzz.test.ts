import { test } from "uvu";
import * as assert from "uvu/assert";
import { fuzzKinds, runCases } from "./cases.js";

/** A few seconds in all; `npm run fuzz` tries a hundred thousand. */
const RUNS = 40;

for (const kind of fuzzKinds()) {
  test(`${kind.name}: right values or one sentence, within bounds of time and memory`, async () => {
    assert.is(await runCases(kind, { seed: 1, runs: RUNS }), undefined);
  });
}

test.run();
