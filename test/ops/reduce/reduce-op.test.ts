import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { elementCount, input, type Layout, type Shape } from "../../../src/graph/tensor.js";
import { max, mean, min, type ReduceOptions, sum } from "../../../src/ops/reduce/reduce.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { placeOf } from "../../spread.js";

const OPS = { sum, mean, max, min };

/** The lists of elements that become one, by output. */
function lists(values: ArrayLike<number>, shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const found: number[][] = Array.from({ length: elementCount(kept) }, () => []);
  for (let i = 0; i < values.length; i++) found[placeOf(i, kept, shape)].push(values[i]);
  return found;
}

const add = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
const OF: Record<keyof typeof OPS, (list: number[]) => number> = {
  sum: add,
  mean: (list) => add(list) / list.length,
  max: (list) => Math.max(...list),
  min: (list) => Math.min(...list),
};

function caseOf(
  op: keyof typeof OPS,
  shape: Shape,
  options: ReduceOptions,
  layout: Layout = "image",
): OpCase {
  const axes = [options.axes ?? shape.map((_, i) => i)].flat();
  const from0 = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
  return {
    name: `reduce: ${op} of ${layout} ${shape} over ${axes} ${options.keepDims ?? ""}`,
    inputs: { x: { shape, layout } },
    build: ({ x }) => OPS[op](x, options),
    reference: ({ x }) => lists(x, shape, from0).map(OF[op]),
    epsilon: 1e-6, // away from other elements of nearly the same size
  };
}

test("sums over any axes of an image equal the reference", async () => {
  const shape = [2, 3, 4, 37];
  for (const axes of [[0], [1], [2], [3], [2, 3], [0, 2, 3], [0, 1, -2], undefined]) {
    await checkOp(caseOf("sum", shape, { axes }));
  }
  for (const axes of [[1], [3], [0, 2, 3]]) {
    await checkOp(caseOf("sum", shape, { axes, keepDims: true }));
  }
});

test("reductions of dense tensors equal the reference, also over axes that are not neighbours", async () => {
  await checkOp(caseOf("sum", [7], {}, "dense"));
  await checkOp(caseOf("mean", [3, 5, 2, 4], { axes: [0, 2] }, "dense"));
  await checkOp(caseOf("max", [3, 5, 2, 4], { axes: [1, 3], keepDims: true }, "dense"));
  await checkOp(caseOf("sum", [2, 3, 2, 1, 3], { axes: [-1, 0, 1] }, "dense"));
});

test("mean, max and min equal the reference", async () => {
  await checkOp(caseOf("mean", [2, 3, 4, 5], { axes: [2, 3] }));
  await checkOp(caseOf("max", [2, 3, 4, 37], { axes: [2, 3], keepDims: true }));
  await checkOp(caseOf("max", [2, 3, 4, 5], { axes: 1, keepDims: true }));
  await checkOp(caseOf("min", [2, 3, 4, 5], { axes: [0, 3] }));
});

test("equal largest elements share the gradient evenly", async () => {
  const values = [3, 1, 3, 0, 2, 2];
  await checkOp({
    name: "reduce: max of equal ones",
    inputs: { x: { shape: [2, 3], values } },
    build: ({ x }) => max(x, { axes: 1 }),
    reference: () => [3, 2],
    referenceGradients: (_, [a, b]) => ({ x: [a / 2, 0, a / 2, 0, b / 2, b / 2] }),
  });
});

// Three stages. The values have about 20 significant bits, so that nothing but the sum is rounded.
test("the sum of two million pixels is right to 1e-6, and repeats to the bit", async () => {
  const shape = [1, 2, 1000, 1001];
  const values = Float32Array.from({ length: elementCount(shape) }, (_, i) => (i * 7919) % 1000003);
  const expected = values.reduce((total, value) => total + value, 0);
  const x = input("x", shape);
  const device = await testDevice();
  const [all, flat] = [sum(x), sum(input("flat", [elementCount(shape)]))];
  const plan = await compilePlan(device, { name: "sums", outputs: [all, flat] });
  const results: number[] = [];
  for (let i = 0; i < 2; i++) {
    plan.run({ x: values, flat: values });
    for (const tensor of [all, flat]) results.push((await plan.read(tensor))[0]);
  }
  plan.close();
  for (const result of results) {
    assert.ok(Math.abs(result / expected - 1) < 1e-6, `${result} for ${expected}`);
  }
  assert.equal(results.slice(2), results.slice(0, 2));
});

test("errors of reductions give the axes that there are", () => {
  const x = input("x", [2, 3, 4, 5]);
  const said = (axes: unknown) => messageOf(() => sum(x, { axes: axes as number }));
  assert.is(said(4), "sum: x [2,3,4,5] has the axes -4 to 3, got 4");
  assert.is(said([1, -3]), "sum: the axis -3 is given twice");
  assert.is(said([]), "sum: axes must be an axis or a list of axes, got []");
});

test.run();
