import { test } from "uvu";
import { elementCount, type Layout, type Shape } from "../../../src/graph/tensor.js";
import { expression, type FormulaGradient } from "../../../src/ops/formula/expression.js";
import { checkOp, type OpCase } from "../../check-op.js";

/** The values of an array at each place of the full shape it broadcasts to. */
export function spread(values: ArrayLike<number>, shape: Shape, full: Shape): Float64Array {
  const padded = [...new Array(full.length - shape.length).fill(1), ...shape];
  return Float64Array.from({ length: elementCount(full) }, (_, i) => {
    let [rest, index, stride] = [i, 0, 1];
    for (let axis = full.length - 1; axis >= 0; axis--) {
      if (padded[axis] > 1) index += (rest % full[axis]) * stride;
      stride *= padded[axis];
      rest = Math.floor(rest / full[axis]);
    }
    return values[index];
  });
}

const PRODUCT: Record<string, FormulaGradient> = { a: "dy * b", b: "dy * a + dy" };

/** (a + 1) * b, whose value at 0 is not 0. */
const product = (a: Shape, b: Shape, full: Shape, layouts: [Layout, Layout]): OpCase => ({
  name: `expression of ${layouts[0]} ${a} and ${layouts[1]} ${b}`,
  inputs: { a: { shape: a, layout: layouts[0] }, b: { shape: b, layout: layouts[1] } },
  build: (t) => expression(t, { value: "a * b + b + 1.0", gradient: PRODUCT }),
  reference: (t) => {
    const [x, y] = [spread(t.a, a, full), spread(t.b, b, full)];
    return x.map((value, i) => value * y[i] + y[i] + 1);
  },
});

test("an expression broadcasts images and dense tensors in any combination", async () => {
  const full = [2, 3, 3, 37];
  await checkOp(product(full, full, full, ["image", "image"]));
  await checkOp(product(full, [3, 1, 1], full, ["image", "dense"]));
  await checkOp(product([2, 1, 3, 37], [1, 3, 1, 1], full, ["image", "image"]));
  await checkOp(product([1, 3, 1, 37], [2, 1, 3, 1], full, ["image", "image"]));
  await checkOp(product([2, 3, 1, 1], [3, 37], full, ["image", "dense"]));
  await checkOp(product([1], full, full, ["dense", "image"]));
  await checkOp(product(full, full, full, ["dense", "image"]));
  await checkOp(product([1, 1, 1, 1], [5], [1, 1, 1, 5], ["image", "dense"]));
});

test("an expression broadcasts dense tensors of any rank", async () => {
  await checkOp(product([7], [7], [7], ["dense", "dense"]));
  await checkOp(product([4, 1, 3], [5, 1], [4, 5, 3], ["dense", "dense"]));
  await checkOp(product([1], [2, 3], [2, 3], ["dense", "dense"]));
  await checkOp(
    product([2, 3, 1, 2, 1, 2], [1, 1, 4, 2, 1, 2], [2, 3, 4, 2, 1, 2], ["dense", "dense"]),
  );
});

test.run();
