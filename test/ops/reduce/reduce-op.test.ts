import { test } from "uvu";
import { elementCount, type Layout, type Shape } from "../../../src/graph/tensor.js";
import { max, mean, min, type ReduceOptions, sum } from "../../../src/ops/reduce/reduce.js";
import { checkOp, type OpCase } from "../../check-op.js";

const OPS = { sum, mean, max, min };

/** The lists of elements that become one, by output. */
function lists(values: ArrayLike<number>, shape: Shape, axes: readonly number[]): number[][] {
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const found: number[][] = Array.from({ length: elementCount(kept) }, () => []);
  for (let i = 0; i < values.length; i++) {
    let [rest, index, stride] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (kept[axis] > 1) index += (rest % shape[axis]) * stride;
      stride *= kept[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    found[index].push(values[i]);
  }
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
  for (const keepDims of [true, false]) {
    for (const axes of [[0], [1], [2], [3], [2, 3], [0, 2, 3], [0, 1, -2], [1, 3], undefined]) {
      await checkOp(caseOf("sum", shape, { axes, keepDims }));
    }
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

test.run();
