import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import {
  elementCount,
  input,
  type Layout,
  type Shape,
  type Tensor,
} from "../../../src/graph/tensor.js";
import {
  add,
  expression,
  gradients,
  leakyRelu,
  mul,
  relu,
  sigmoid,
  sum,
  tanh,
} from "../../../src/operations.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";
import { spread } from "../../spread.js";

/** a * b + b + 1, whose value at 0 is not 0. */
const product = (a: Shape, b: Shape, full: Shape, layouts: [Layout, Layout]): OpCase => ({
  name: `expression of ${layouts[0]} ${a} and ${layouts[1]} ${b}`,
  inputs: { a: { shape: a, layout: layouts[0] }, b: { shape: b, layout: layouts[1] } },
  build: (t) =>
    expression(t, { value: "a * b + b + 1.0", gradient: { a: "dy * b", b: "dy * a + dy" } }),
  reference: (t) => {
    const [x, y] = [spread(t.a, a, full), spread(t.b, b, full)];
    return x.map((value, i) => value * y[i] + y[i] + 1);
  },
});

test("an expression broadcasts images and dense tensors", async () => {
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
  const dense = ["dense", "dense"] as [Layout, Layout];
  await checkOp(product([7], [7], [7], dense));
  await checkOp(product([4, 1, 3], [5, 1], [4, 5, 3], dense));
  await checkOp(product([2, 3, 1, 2, 1, 2], [1, 1, 4, 2, 1, 2], [2, 3, 4, 2, 1, 2], dense));
});

/** x + s * Laplacian(x), where pixels outside are 0; s is a value per channel. */
function sharpen(x: Tensor, s: Tensor): Tensor {
  const laplacian = (t: string) =>
    `(${[
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ]
      .map(([y, x]) => `at_${t}(pn, pc, py + ${y}, px + ${x})`)
      .join(" + ")} - 4.0 * ${t})`;
  return expression(
    { x, s },
    {
      name: "sharpen",
      value: `x + s * ${laplacian("x")}`,
      reach: 1,
      gradient: {
        // The stencil is symmetric.
        x: (dy, { s }) => expression({ dy, s }, { value: `dy + s * ${laplacian("dy")}` }),
        s: `dy * ${laplacian("x")}`,
      },
    },
  );
}

test("a formula reads its neighbours by at_NAME, in images and dense tensors", async () => {
  for (const layout of ["image", "dense"] as const) {
    const [n, c, h, w] = [2, 2, 3, 5];
    await checkOp({
      name: `expression: a stencil on ${layout}`,
      inputs: { x: { shape: [n, c, h, w], layout }, s: { shape: [c, 1, 1] } },
      build: (t) => sharpen(t.x, t.s),
      reference({ x, s }) {
        const at = (i: number, y: number, col: number) =>
          y < 0 || col < 0 || y >= h || col >= w ? 0 : x[(i * h + y) * w + col];
        return x.map((value, index) => {
          const [i, y, col] = [Math.floor(index / h / w), Math.floor(index / w) % h, index % w];
          const around =
            at(i, y - 1, col) + at(i, y + 1, col) + at(i, y, col - 1) + at(i, y, col + 1);
          return value + s[i % c] * (around - 4 * value);
        });
      },
    });
  }
});

test("an expression without inputs has a shape of its own", async () => {
  await checkOp({
    name: "expression of places",
    inputs: { x: { shape: [1], differentiable: false } },
    build: (t) =>
      expression(
        { x: t.x },
        { value: "x + f32(10 * py + px)", shape: [1, 1, 2, 3], layout: "image" },
      ),
    reference: ({ x }) => [0, 1, 2, 10, 11, 12].map((place) => place + x[0]),
  });
});

test("equal formulas share a pipeline whatever their sizes and numbers", async () => {
  const device = await testDevice();
  const [a, b] = [input("a", [1, 2, 3, 5]), input("b", [2, 1, 4, 70])];
  const outputs = [leakyRelu(a, 0.1), leakyRelu(b, 0.3)];
  const plan = await compilePlan(device, { name: "shared", outputs });
  assert.is(plan.dispatchCount, 2);
  assert.is(plan.pipelineCount, 1);
  plan.close();
});

// Two dispatches, since `first` has two readers.
test("a chain of formulas is one dispatch with the same numbers", async () => {
  const device = await testDevice();
  const shape = [1, 3, 4, 37];
  const [x, gain] = [input("x", shape), input("gain", [3, 1, 1])];
  const first = tanh(mul(add(relu(x), 0.5), gain));
  const y = leakyRelu(add(mul(first, sigmoid(mul(first, 3))), mul(gain, x)), 0.2);
  const values = { x: noise(elementCount(shape), 1), gain: noise(3, 2) };
  const results: Float32Array[] = [];
  // With all tensors as outputs nothing is fused.
  const parts = [first, y.node?.inputs[0] as Tensor];
  for (const outputs of [[y], [y, ...parts]]) {
    const plan = await compilePlan(device, { name: "chain", outputs });
    plan.run(values);
    results.push(await plan.read(y));
    assert.ok(outputs.length === 1 ? plan.dispatchCount === 2 : plan.dispatchCount > 2);
    plan.close();
  }
  for (const [i, value] of results[0].entries()) {
    assert.ok(Math.abs(value - results[1][i]) <= 1e-6 * Math.abs(value), `${i}: ${value}`);
  }
});

test("a plan shows the WGSL that runs for a node, by its tensor or its name", async () => {
  const device = await testDevice();
  const x = input("x", [1, 2, 3, 5]);
  const y = expression({ x }, { name: "triple", value: "3.0 * x" });
  const plan = await compilePlan(device, { name: "shown", outputs: [sum(y)] });
  assert.ok(y.node);
  for (const node of [y.node, "triple"]) {
    const [text, ...others] = plan.wgsl(node);
    assert.is(others.length, 0);
    assert.match(text, /return 3\.0 \* x;/);
  }
  assert.match(plan.wgsl("sum")[0], /const KIND: u32 = 0;/);
  assert.is(
    messageOf(() => plan.wgsl("tripel")),
    "plan shown runs no node tripel: it runs triple, sum",
  );
  plan.close();
});

test("an error in a formula gives the node, the formula and the compiler's message", async () => {
  const x = input("x", [1, 2, 3, 5]);
  const y = expression({ x }, { name: "wrong", value: "x + unknown" });
  try {
    await compilePlan(await testDevice(), { name: "plan", outputs: [y] });
    assert.unreachable();
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /^node wrong: shader expression x \+ unknown does not compile/);
    assert.match(message, /unresolved value 'unknown'/);
    assert.match(message, /return x \+ unknown;/);
  }
});

test("mistakes in expressions are errors that say what was expected", () => {
  const x = input("x", [2, 3, 4, 5]);
  const said = (inputs: Record<string, Tensor>, options: object) =>
    messageOf(() => expression(inputs, { value: "x", ...options }));
  assert.is(
    said({ x, b: input("b", [4]) }, { name: "mine" }),
    "mine: b [4] does not broadcast with the others (x [2,3,4,5], b [4]): sizes must be equal or 1, " +
      "aligned at the right",
  );
  assert.match(said({ x }, { vaule: "x" }), /expression has no option vaule, did you mean value/);
  assert.match(said({ px: x }, {}), /px cannot be a name in a formula/);
  assert.match(said({ x }, { value: "" }), /value and functions must be WGSL/);
  assert.match(said({ x }, { numbers: { a: Number.NaN } }), /a must be a finite 32-bit number/);
  assert.match(said({ x }, { gradient: { y: "dy" } }), /the gradient of y has no input/);
  assert.match(said({ x }, { shape: [4, 5] }), /do not broadcast to the shape \[4,5\]/);
  assert.match(said({}, {}), /without inputs it needs a `shape`/);
  const many = Object.fromEntries([..."abcdefgh"].map((name) => [name, x]));
  assert.match(
    said(many, { value: Object.keys(many).join(" + ") }),
    /has 8 inputs, but a kernel can bind 7/,
  );
  assert.match(
    messageOf(() => gradients(sum(expression({ x }, { value: "x" })), [x])),
    /x has no gradient: give its expression a `gradient`/,
  );
});

test.run();
