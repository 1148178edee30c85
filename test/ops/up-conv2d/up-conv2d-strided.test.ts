import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  upConv2dGradientReference,
  upConv2dReference,
} from "../../../src/check/references/up-conv2d-reference.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import { upConv2dStrided } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

interface Case {
  readonly x: Shape;
  readonly outs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding?: number;
  /** Compare with the adjoint in 64 bits instead of central differences. */
  readonly real?: boolean;
}

function caseOf({ real, ...sizes }: Case): OpCase {
  const { x, outs, kernel, stride, padding = 0 } = sizes;
  return {
    name: `up-conv2d-strided ${x} to ${outs}, kernel ${kernel}, stride ${stride}, padding ${padding}`,
    inputs: {
      x: { shape: x },
      weight: { shape: [x[1], outs, kernel, kernel], layout: "dense" },
    },
    build: (t) => upConv2dStrided(t.x, t.weight, { stride, padding }),
    reference: (a) => upConv2dReference(sizes, a.x, a.weight),
    ...(real
      ? { referenceGradients: (a, dy) => upConv2dGradientReference(sizes, a.x, a.weight, dy) }
      : {}),
  };
}

test("up-conv2d-strided equals the reference at odd sizes, forward and gradients", async () => {
  await checkOp(caseOf({ x: [2, 2, 3, 5], outs: 3, kernel: 4, stride: 2 }));
  await checkOp(caseOf({ x: [1, 1, 1, 1], outs: 1, kernel: 4, stride: 2, padding: 1 }));
  await checkOp(caseOf({ x: [2, 5, 4, 3], outs: 2, kernel: 4, stride: 2, padding: 1 }));
  await checkOp(caseOf({ x: [1, 2, 2, 17], outs: 2, kernel: 4, stride: 2, padding: 1 }));
});

test("up-conv2d-strided takes windows that overlap often, touch, or leave gaps", async () => {
  await checkOp(caseOf({ x: [1, 2, 4, 5], outs: 2, kernel: 7, stride: 1, padding: 2 }));
  await checkOp(caseOf({ x: [1, 3, 3, 4], outs: 2, kernel: 5, stride: 2, padding: 2 }));
  await checkOp(caseOf({ x: [1, 2, 3, 3], outs: 5, kernel: 3, stride: 3 }));
  await checkOp(caseOf({ x: [1, 2, 2, 3], outs: 2, kernel: 2, stride: 5, padding: 1 }));
});

test("up-conv2d-strided equals the reference at the layers of an FCN", async () => {
  await checkOp(caseOf({ x: [1, 2, 9, 9], outs: 2, kernel: 4, stride: 2, padding: 1, real: true }));
  await checkOp(
    caseOf({ x: [2, 2, 24, 20], outs: 2, kernel: 16, stride: 8, padding: 4, real: true }),
  );
  await checkOp(caseOf({ x: [1, 3, 5, 4], outs: 3, kernel: 32, stride: 16, real: true }));
  await checkOp(caseOf({ x: [1, 2, 3, 2], outs: 2, kernel: 64, stride: 32, real: true }));
  await checkOp(caseOf({ x: [1, 21, 6, 6], outs: 21, kernel: 4, stride: 2, real: true }));
});

test("up-conv2d-strided names shapes and numbers when they do not fit", () => {
  const x = input("x", [2, 3, 9, 7]);
  const messageFor = (shape: Shape, stride: number, padding = 0, order?: "image" | "dense") =>
    messageOf(() =>
      upConv2dStrided(x, input("weight", shape, order ?? "dense"), { stride, padding }),
    );
  assert.is(
    messageFor([4, 2, 4, 4], 2),
    "up-conv2d-strided: input has 3 channels but weight expects 4 (input [2,3,9,7], weight [4,2,4,4])",
  );
  assert.is(
    messageFor([3, 2, 4, 3], 2),
    "up-conv2d-strided: weight must be a dense [I,O,K,K], got dense [3,2,4,3]",
  );
  assert.is(
    messageFor([3, 2, 4, 4], 2, 0, "image"),
    "up-conv2d-strided: weight must be a dense [I,O,K,K], got image [3,2,4,4]",
  );
  assert.is(
    messageFor([3, 2, 4, 4], 0),
    "up-conv2d-strided: the stride must be a whole number from 1 and the padding from 0, got 0 and 0",
  );
  assert.is(
    messageFor([3, 2, 4, 4], 2, 8),
    "up-conv2d-strided: a padding of 8 leaves nothing of [2,3,9,7] with a kernel of 4 and stride 2",
  );
});

test.run();
