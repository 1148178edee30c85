import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { batchWorkers } from "../../src/node/batch-workers.js";
import { type BatchRequest, cutBatches, prepareSamples } from "../../src/train/batches.js";

function request(first = 0, end = 7): BatchRequest {
  const samples = [1, 2, 3].map((seed) => ({
    name: `${seed}`,
    ...syntheticSample({ seed, width: 96, height: 80 }),
  }));
  return {
    prepared: prepareSamples({ samples, output: 36, classWeights: "balanced", w0: 10, sigma: 5 }),
    tiles: { input: 76, output: 36, augmentation: AUGMENTATIONS.paper, seed: 3 },
    size: 2,
    first,
    end,
  };
}

test("any number of threads cuts the tiles that the loop itself would cut", async () => {
  const own = cutBatches(request());
  const expected = Array.from({ length: 7 }, (_, step) => own.next(step));
  for (const count of [1, 2, 3]) {
    const batches = batchWorkers(count)(request());
    for (let step = 0; step < 7; step++) assert.equal(await batches.next(step), expected[step]);
    batches.close();
  }
  const resumed = batchWorkers(2)(request(5));
  assert.equal(await resumed.next(5), expected[5]);
  assert.equal(await resumed.next(6), expected[6]);
  resumed.close();
});

test("threads are ahead of the steps: a step finds its batch, and waits for none", async () => {
  const batches = batchWorkers(1)(request());
  await batches.next(0);
  for (const step of [1, 2, 3]) {
    // A step of 200 ms, in which a thread cuts these small tiles many times.
    await new Promise((resolve) => setTimeout(resolve, step === 1 ? 1000 : 200));
    const late = new Promise((resolve) => setTimeout(resolve, 0, "late"));
    assert.is.not(await Promise.race([batches.next(step), late]), "late", `step ${step}`);
  }
  batches.close();
});

test("what a thread cannot cut is an error of the step that asks for it", async () => {
  const { prepared, ...rest } = request();
  const [{ sample }] = prepared.places;
  const broken = { ...prepared, places: [{ sample: sample + 99 }] };
  const batches = batchWorkers(1)({ ...rest, prepared: broken });
  try {
    await batches.next(0);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /undefined/);
  }
  batches.close();
  assert.throws(() => batchWorkers(0), /batchWorkers: got 0, expected a whole number from 1/);
});

test("a thread that cannot start is an error too", async () => {
  const { tiles, ...rest } = request();
  const batches = batchWorkers(1)({ ...rest, tiles: { ...tiles, output: 35 } });
  try {
    await batches.next(0);
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /a thread that cuts tiles failed: .*expected an even margin/,
    );
  }
  batches.close();
});

test.run();
