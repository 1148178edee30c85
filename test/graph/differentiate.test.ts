import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { add, gradients, maxPool2d, relu, scale } from "../../src/ops/index.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";

/** The value of each tensor for the given inputs. */
async function values(tensors: readonly Tensor[], inputs: Record<string, number[]>) {
  const plan = await compilePlan(await testDevice(), { name: "gradients", outputs: tensors });
  plan.run(inputs);
  const read: number[][] = [];
  for (const tensor of tensors) read.push([...(await plan.read(tensor))]);
  plan.close();
  return read;
}

test("a tensor that is used several times gets the sum of its gradients", async () => {
  const x = input("x", [3]);
  const y = add(add(scale(x, 2), scale(x, 3)), x);
  const [dx] = gradients(y, [x], input("dy", [3]));
  assert.ok(dx);
  const [gx] = await values([dx], { dy: [1, 10, -1] });
  assert.equal(gx, [6, 60, -6]);
});

test("gradients of an intermediate tensor are complete before they are used", async () => {
  const x = input("x", [2]);
  const h = scale(x, 2);
  const y = add(relu(h), scale(h, 5));
  const [dh, dx, dy] = gradients(y, [h, x, y], input("dy", [2]));
  assert.ok(dh && dx && dy);
  const [gh, gx, gy] = await values([dh, dx, dy], { x: [1, -1], dy: [1, 1] });
  assert.equal(
    [gh, gx, gy],
    [
      [6, 5],
      [12, 10],
      [1, 1],
    ],
  );
});

test("a tensor that the output does not depend on has no gradient", () => {
  const x = input("x", [3]);
  const other = input("other", [3]);
  const behind = scale(x, 2);
  const [dx, dOther, dBehind] = gradients(relu(x), [x, other, behind], input("dy", [3]));
  assert.ok(dx);
  assert.is(dOther, undefined);
  assert.is(dBehind, undefined);
});

test("no node is created for gradients that were not requested", () => {
  const x = input("x", [3]);
  const weight = input("weight", [3]);
  const y = add(scale(x, 2, "on the way to x"), scale(weight, 3, "on the way to the weight"));
  const [dweight] = gradients(y, [weight], input("dy", [3]));
  assert.ok(dweight);
  const made = nodesFor([dweight]).map((node) => node.name);
  assert.equal(made, ["on the way to the weight gradient"]);
});

test("without a seed the output must be a single number", () => {
  const x = input("x", [3]);
  assert.is(
    messageOf(() => gradients(relu(x, "y"), [x])),
    "gradients: y [3] is not a single number: pass a seed of its shape",
  );
  const [dx] = gradients(scale(input("x", [1]), 2), []);
  assert.is(dx, undefined);
});

test("a seed of another shape or order is refused with both", () => {
  const x = input("x", [1, 1, 4, 4]);
  const y = maxPool2d(x, "y");
  assert.is(
    messageOf(() => gradients(y, [x], input("dy", [1, 1, 2, 3]))),
    "gradients: the seed is image [1,1,2,3], but y is image [1,1,2,2]",
  );
  assert.is(
    messageOf(() => gradients(y, [x], input("dy", [1, 1, 2, 2], "dense"))),
    "gradients: the seed is dense [1,1,2,2], but y is image [1,1,2,2]",
  );
});

test.run();
