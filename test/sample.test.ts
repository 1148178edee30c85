import { test } from "uvu";
import * as assert from "uvu/assert";
import { isInSample } from "./sample.js";

const names = Array.from({ length: 600 }, (_, i) => `conv2d (as a GPU), kernel ${i}`);

/** Returns those in the sample with these environment variables. */
function sampleWith(variables: Readonly<Record<string, string>>): string[] {
  const before = { ...process.env };
  for (const name of ["MICROGRAPH_TEST_ALL", "MICROGRAPH_TEST_SEED"]) delete process.env[name];
  Object.assign(process.env, variables);
  try {
    return names.filter((name) => isInSample(name));
  } finally {
    process.env = before;
  }
}

test("a sample has about a third, the same for the same seed and others for another one", () => {
  const sample = sampleWith({});
  assert.ok(Math.abs(sample.length - 200) < 40, `${sample.length} of 600`);
  assert.equal(sampleWith({ MICROGRAPH_TEST_SEED: "1" }), sample);
  assert.not.equal(sampleWith({ MICROGRAPH_TEST_SEED: "2" }), sample);
  assert.is(sampleWith({ MICROGRAPH_TEST_ALL: "1" }).length, 600);
});

test.run();
