// One call of WebGPU fails, in the middle of a training, a prediction, a tuning: see trial.ts for what
// must hold. A sample; `npm run faults` tries every call.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { KINDS, type Kind, openFaulty } from "./faulty-gpu.js";
import { tryFault, undisturbed } from "./trial.js";
import { anyCheckpoint, worksOf } from "./works.js";

/** Trials of each work. A loss costs the most time, since every pipeline is compiled again. */
const TRIALS: Readonly<Record<Kind, number>> = {
  lost: 3,
  "out of memory": 2,
  validation: 4,
  map: 1,
};

/** Spreads over 0 to 1; MICROGRAPH_TEST_SEED chooses other numbers. */
const share = (index: number) => {
  const seed = Number(process.env.MICROGRAPH_TEST_SEED ?? 1);
  return ((index + seed * 7) * 0.618034) % 1;
};

test("whatever call fails, work ends with the same result or a clear error, and nothing is left open", async () => {
  const faulty = await openFaulty();
  const works = worksOf(await anyCheckpoint(faulty.device));
  let drawn = 0;
  for (const [name, work] of Object.entries(works)) {
    const { result, counts } = await undisturbed(faulty, work);
    for (const kind of KINDS) {
      const count = counts.get(kind) ?? 0;
      assert.ok(count > 0, `${name} makes no call that can fail by ${kind}`);
      for (let i = 0; i < TRIALS[kind]; i++) {
        const call = 1 + Math.floor(share(++drawn) * count);
        const { problems } = await tryFault(faulty, work, result, { kind, call });
        assert.equal(problems, [], `${name}, ${kind} at call ${call} of ${count}`);
      }
    }
  }
  faulty.device.close();
});

test.run();
