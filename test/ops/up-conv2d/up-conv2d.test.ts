import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  upConv2dGradientReference,
  upConv2dReference,
} from "../../../src/check/references/up-conv2d-reference.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import { imagesInHalves } from "../../../src/ops/elementwise/cast.js";
import { relu, upConv2d } from "../../../src/ops/index.js";
import { checkSample, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

interface Case {
  readonly x: Shape;
  readonly outs: number;
  readonly bias?: boolean;
  /** Compare with the adjoint in 64 bits instead of central differences. */
  readonly real?: boolean;
}

function caseOf({ x, outs, bias = true, real }: Case): OpCase {
  const sizes = { x, outs };
  return {
    name: `up-conv2d ${x} to ${outs}${bias ? "" : ", no bias"}`,
    inputs: {
      x: { shape: x },
      weight: { shape: [x[1], outs, 2, 2], layout: "dense" },
      ...(bias ? { bias: { shape: [outs] } } : {}),
    },
    build: (t) => upConv2d(t.x, t.weight, t.bias),
    reference: (a) => upConv2dReference(sizes, a.x, a.weight, a.bias),
    ...(real
      ? { referenceGradients: (a, dy) => upConv2dGradientReference(sizes, a.x, a.weight, dy) }
      : {}),
  };
}

test("up-conv2d equals the reference at odd sizes, forward and gradients", async () => {
  await checkSample(
    caseOf({ x: [2, 3, 3, 5], outs: 5 }),
    caseOf({ x: [1, 1, 1, 1], outs: 1 }),
    caseOf({ x: [1, 9, 2, 2], outs: 2 }),
    caseOf({ x: [2, 2, 5, 17], outs: 3 }),
    caseOf({ x: [1, 2, 2, 34], outs: 4 }),
  );
});

// The texture kernels read the weight as a texture without repacking: 16 output channels at a time.
test("up-conv2d equals the reference at odd sizes with 16 and more output channels", async () => {
  await checkSample(
    caseOf({ x: [2, 3, 3, 5], outs: 16, real: true }),
    caseOf({ x: [1, 1, 1, 1], outs: 16, real: true }),
    caseOf({ x: [2, 35, 5, 17], outs: 32, real: true }),
    caseOf({ x: [1, 9, 2, 34], outs: 48, real: true }),
  );
});

/** The gradient of the ReLU in front is a mask that the kernels of the input gradient apply. */
function behindRelu(x: Shape, outs: number): OpCase {
  const sizes = { x, outs };
  const positive = (values: Float64Array) => values.map((value) => Math.max(value, 0));
  return {
    ...caseOf({ x, outs }),
    name: `up-conv2d of relu ${x} to ${outs}`,
    build: (t) => upConv2d(relu(t.x), t.weight, t.bias),
    reference: (a) => upConv2dReference(sizes, positive(a.x), a.weight, a.bias),
    referenceGradients: (a, dy) => {
      const gradients = upConv2dGradientReference(sizes, positive(a.x), a.weight, dy);
      return { ...gradients, x: gradients.x.map((value, i) => (a.x[i] > 0 ? value : 0)) };
    },
  };
}

test("up-conv2d masks its input gradient after a ReLU", async () => {
  await checkSample(
    behindRelu([2, 5, 3, 7], 3),
    behindRelu([2, 5, 3, 7], 16),
    behindRelu([1, 20, 5, 35], 32),
  );
});

test("up-conv2d and its gradients read what lies in 16 bits, at odd sizes and channels", async () => {
  const pack = imagesInHalves;
  await checkSample(
    { ...caseOf({ x: [2, 3, 3, 5], outs: 16, real: true }), pack },
    { ...caseOf({ x: [1, 9, 2, 34], outs: 48, real: true }), pack },
    { ...behindRelu([2, 5, 3, 7], 16), pack },
  );
});

test("up-conv2d works without a bias", async () => {
  await checkSample(
    caseOf({ x: [2, 4, 3, 6], outs: 3, bias: false }),
    caseOf({ x: [1, 3, 7, 6], outs: 16, bias: false, real: true }),
  );
});

test("up-conv2d equals the reference at the sizes of a U-Net's layers", async () => {
  await checkSample(
    caseOf({ x: [1, 64, 28, 28], outs: 32, real: true }),
    caseOf({ x: [1, 32, 52, 52], outs: 16, real: true }),
    caseOf({ x: [2, 16, 50, 50], outs: 8, real: true }),
  );
});

test("up-conv2d names both shapes when they do not fit", () => {
  const x = input("x", [2, 3, 9, 7]);
  const weightOf = (shape: Shape) => input("weight", shape, "dense");
  assert.is(
    messageOf(() => upConv2d(x, weightOf([4, 2, 2, 2]))),
    "up-conv2d: input has 3 channels but weight expects 4 (input [2,3,9,7], weight [4,2,2,2])",
  );
  assert.is(
    messageOf(() => upConv2d(x, weightOf([3, 2, 3, 3]))),
    "up-conv2d: weight must be a dense [I,O,2,2], got dense [3,2,3,3]",
  );
  assert.is(
    messageOf(() => upConv2d(x, input("weight", [3, 2, 2, 2]))),
    "up-conv2d: weight must be a dense [I,O,2,2], got image [3,2,2,2]",
  );
  assert.is(
    messageOf(() => upConv2d(x, weightOf([3, 2, 2, 2]), input("bias", [3]))),
    "up-conv2d: bias must be a dense [2], got dense [3]",
  );
  assert.is(
    messageOf(() => upConv2d(input("x", [3, 9, 7]), weightOf([3, 2, 2, 2]))),
    "up-conv2d: input must be an image tensor [N,C,H,W], got a dense [3,9,7]",
  );
});

test.run();
