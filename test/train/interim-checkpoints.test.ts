import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

const sample = { name: "cells", ...syntheticSample({ seed: 1, width: 64, height: 64 }) };
const STEPS = 4;

/** Returns the checkpoints of a run, by the step at which each was passed on. */
async function run(checkpointEveryMs: number | undefined, resume?: Checkpoint) {
  const given: [step: number | undefined, Checkpoint][] = [];
  await train(
    await testDevice(),
    { training: [sample], validation: [] },
    modelConfig({ base: 2, depth: 1, dropout: 0.2 }),
    trainingConfig({ tile: 28, steps: STEPS, validateEvery: STEPS }),
    {
      checkpointEveryMs,
      resume,
      onCheckpoint: (_kind, checkpoint) => {
        given.push([checkpoint.metadata.progress?.step, checkpoint]);
      },
    },
  );
  return given;
}

test("a run also passes on its last checkpoint after some time, and continues from it to the bit", async () => {
  const plain = await run(undefined);
  assert.equal(
    plain.map(([step]) => step),
    [STEPS],
  );
  const own = Object.getOwnPropertyDescriptor(performance, "now") ?? { value: performance.now };
  let clock = 0;
  // Ten seconds pass between two reads of the clock, whatever the machine does.
  Object.defineProperty(performance, "now", { configurable: true, value: () => (clock += 10_000) });
  const timed = await run(20_000).finally(() =>
    Object.defineProperty(performance, "now", { ...own, configurable: true, writable: true }),
  );
  const steps = timed.map(([step]) => step);
  assert.is(steps.at(-1), STEPS);
  assert.ok(steps.length > 1, `handed over at ${steps}`);
  const [[step, interim]] = timed;
  assert.ok((step ?? STEPS) < STEPS);
  const [[, whole]] = plain;
  const [[, resumed]] = await run(undefined, interim);
  assert.equal(timed.at(-1)?.[1].tensors, whole.tensors);
  assert.equal(resumed.tensors, whole.tensors);
});

test.run();
