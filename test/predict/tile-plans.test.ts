import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Plan } from "../../src/gpu/plan-run.js";
import { input } from "../../src/graph/tensor.js";
import { type TilePlan, tilePlans } from "../../src/predict/tile-plans.js";
import { rejectionOf } from "../errors.js";

/** Plans of this many MiB, and which of them were created and closed. */
function fakes(mebibytes: number) {
  const made: number[] = [];
  const closed: number[] = [];
  const plans = tilePlans(async (tile): Promise<TilePlan> => {
    made.push(tile);
    const plan = { memory: { totalBytes: mebibytes * 2 ** 20 }, close: () => closed.push(tile) };
    return { plan: plan as unknown as Plan, probabilities: input("p", [1]) };
  });
  const use = async (tile: number) => {
    await plans.take(tile);
    plans.release(tile);
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { made, closed, plans, use, settled };
}

test("the least recently used plans are closed if they take more than 256 MiB", async () => {
  const { made, closed, use, settled } = fakes(100);
  for (const tile of [1, 2, 1, 3]) await use(tile);
  await settled();
  assert.equal([made, closed], [[1, 2, 3], [2]]);
  await use(1);
  await use(2);
  await settled();
  assert.equal(
    [made, closed],
    [
      [1, 2, 3, 2],
      [2, 3],
    ],
  );
});

test("small plans stay, and one that is larger than all stays until another is used", async () => {
  const small = fakes(1);
  for (let tile = 0; tile < 200; tile++) await small.use(tile);
  await small.settled();
  assert.equal(small.closed, []);
  const large = fakes(1000);
  await large.use(1);
  await large.use(1);
  await large.settled();
  assert.equal([large.made, large.closed], [[1], []]);
  await large.use(2);
  await large.settled();
  assert.equal(large.closed, [1]);
});

test("a plan in use is only closed by close", async () => {
  const { closed, plans, use, settled } = fakes(200);
  await plans.take(1);
  await plans.take(1);
  await use(2);
  await use(3);
  await settled();
  assert.equal(closed, [2]);
  plans.release(1);
  await settled();
  assert.equal(closed, [2], "it was taken twice");
  plans.release(1);
  await settled();
  assert.equal(closed, [2, 1]);
  await plans.take(4);
  plans.close();
  await settled();
  assert.equal(closed.sort(), [1, 2, 3, 4]);
});

test("a plan that could not be made is tried again", async () => {
  let tries = 0;
  const plans = tilePlans(async () => {
    throw new Error(`no memory, ${++tries}`);
  });
  assert.is(await rejectionOf(plans.take(1)), "no memory, 1");
  plans.release(1);
  assert.is(await rejectionOf(plans.take(1)), "no memory, 2");
});

test.run();
