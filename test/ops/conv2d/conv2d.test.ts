import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  conv2dGradientReference,
  conv2dReference,
  eachProduct,
} from "../../../src/check/references/conv2d-reference.js";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "../../../src/check/references/crop-concat-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import type { ChooseKernel } from "../../../src/graph/choose-kernel.js";
import { elementCount, input, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import { TOLERANCES } from "../../../src/graph/tolerances.js";
import { multiplyAddsOf } from "../../../src/ops/conv2d/conv2d-attributes.js";
import { imagesInHalves } from "../../../src/ops/elementwise/cast.js";
import { conv2d, gradients } from "../../../src/ops/index.js";
import { checkOp, checkSample, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { noise, relativeError } from "../../numbers.js";

interface Case {
  readonly x: Shape;
  readonly outs: number;
  readonly kernel?: number;
  readonly padding?: "valid" | "same" | number;
  readonly relu?: boolean;
  readonly bias?: boolean;
  /** Compare with the adjoint in 64 bits instead of central differences. */
  readonly real?: boolean;
}

function caseOf({ x, outs, kernel = 3, padding = "valid", relu, bias = true, real }: Case): OpCase {
  const weight = [outs, x[1], kernel, kernel];
  const border = padding === "valid" ? 0 : padding === "same" ? (kernel - 1) / 2 : padding;
  const sizes = { x, weight, border };
  return {
    name: `conv2d ${x} to ${outs}, kernel ${kernel}, padding ${padding}${relu ? ", relu" : ""}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      ...(bias ? { bias: { shape: [outs] } } : {}),
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, { padding, activation: relu ? "relu" : "none" }),
    reference: (a) => {
      const y = conv2dReference(sizes, a.x, a.weight, a.bias);
      return relu ? y.map((value) => Math.max(0, value)) : y;
    },
    ...(real
      ? { referenceGradients: (a, dy) => conv2dGradientReference(sizes, a.x, a.weight, dy) }
      : {}),
    epsilon: 1e-6, // away from the kinks of the activation
  };
}

interface SkipCase {
  readonly skip: Shape;
  readonly x: Shape;
  readonly outs: number;
  readonly padding?: "valid" | "same" | number;
  readonly real?: boolean;
}

function skipCase({ skip, x, outs, padding = "valid", real }: SkipCase): OpCase {
  const [n, , h, w] = x;
  const weight = [outs, skip[1] + x[1], 3, 3];
  const whole = [n, weight[1], h, w];
  const border = padding === "same" ? 1 : padding === "valid" ? 0 : padding;
  const sizes = { x: whole, weight, border };
  return {
    name: `conv2d of skip ${skip} and ${x} to ${outs}, padding ${padding}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      bias: { shape: [outs] },
      skip: { shape: skip },
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, { padding, skip: t.skip }),
    reference: (a) =>
      conv2dReference(sizes, cropConcatReference(skip, a.skip, x, a.x), a.weight, a.bias),
    ...(real
      ? {
          referenceGradients: (a, dy) => {
            const both = cropConcatReference(skip, a.skip, x, a.x);
            const { x: dboth, ...rest } = conv2dGradientReference(sizes, both, a.weight, dy);
            return { ...rest, ...cropConcatGradientReference(skip, x, dboth) };
          },
        }
      : {}),
  };
}

test("conv2d 3x3 valid equals the reference at odd sizes, forward and gradients", async () => {
  await checkSample(
    caseOf({ x: [2, 3, 9, 7], outs: 5 }),
    caseOf({ x: [1, 1, 3, 3], outs: 1 }),
    caseOf({ x: [1, 2, 5, 37], outs: 4 }),
    caseOf({ x: [2, 4, 6, 6], outs: 2, bias: false }),
  );
});

test("conv2d 3x3 same and full equal the reference", async () => {
  await checkSample(
    caseOf({ x: [2, 3, 6, 9], outs: 4, padding: "same" }),
    caseOf({ x: [1, 2, 4, 33], outs: 3, padding: 2 }),
  );
});

test("conv2d takes a padding larger than its kernel", async () => {
  await checkSample(
    caseOf({ x: [1, 2, 4, 5], outs: 3, padding: 5 }),
    caseOf({ x: [2, 2, 3, 4], outs: 2, kernel: 1, padding: 3 }),
    caseOf({ x: [1, 3, 6, 7], outs: 4, padding: 100, real: true }),
  );
  assert.throws(
    () =>
      conv2d(input("x", [1, 2, 4, 5]), input("w", [3, 2, 3, 3], "dense"), undefined, {
        padding: 2.5,
      }),
    "padding must be a whole number from 0, got 2.5",
  );
});

test("conv2d with ReLU in its epilogue equals the reference", async () => {
  await checkSample(
    caseOf({ x: [1, 3, 8, 6], outs: 5, relu: true }),
    caseOf({ x: [1, 2, 5, 5], outs: 9, relu: true, padding: "same" }),
  );
});

test("conv2d takes any odd kernel: 1x1, 5x5, 7x7", async () => {
  await checkSample(
    caseOf({ x: [2, 5, 4, 6], outs: 2, kernel: 1 }),
    caseOf({ x: [1, 2, 7, 9], outs: 3, kernel: 5 }),
    caseOf({ x: [1, 2, 5, 6], outs: 2, kernel: 5, padding: "same" }),
    caseOf({ x: [1, 1, 8, 7], outs: 2, kernel: 7, padding: 3 }),
  );
});

test("conv2d equals the reference at the shapes of a U-Net's layers", async () => {
  await checkSample(
    caseOf({ x: [1, 1, 140, 140], outs: 16, real: true }),
    caseOf({ x: [1, 16, 68, 68], outs: 32, real: true }),
    caseOf({ x: [1, 128, 12, 12], outs: 64, real: true }),
    caseOf({ x: [2, 16, 36, 36], outs: 2, kernel: 1, real: true }),
    // Blocks of 32 channels, and input channels that do not fill an iteration of four.
    caseOf({ x: [1, 10, 42, 42], outs: 32, real: true }),
    // Weights whose rows are not whole rows of a copy, without repacking.
    caseOf({ x: [1, 48, 7, 20], outs: 32, padding: "same", real: true }),
  );
});

test("conv2d equals the reference at the limits of tiles and textures", async () => {
  await checkSample(
    caseOf({ x: [1, 3, 7, 13], outs: 20, relu: true }), // 16 channels and 4
    caseOf({ x: [1, 5, 3, 66], outs: 3 }), // one row, more than two blocks
    caseOf({ x: [3, 17, 5, 34], outs: 18, padding: "same", real: true }),
    // More rows than a texture has: two share one row.
    caseOf({ x: [1, 2, 8195, 5], outs: 2, real: true }),
  );
});

test("conv2d and its gradients read what lies in 16 bits, at odd sizes and channels", async () => {
  const cases: SkipCase[] = [
    { skip: [1, 2, 15, 17], x: [1, 3, 7, 9], outs: 4, real: true },
    { skip: [2, 6, 13, 45], x: [2, 1, 5, 37], outs: 9, real: true },
  ];
  for (const sizes of cases) await checkOp({ ...skipCase(sizes), pack: imagesInHalves });
});

test("conv2d reads a skip before its input, cropped to its centre, forward and gradients", async () => {
  await checkSample(
    skipCase({ skip: [1, 2, 15, 17], x: [1, 3, 7, 9], outs: 4 }), // whole groups
    skipCase({ skip: [2, 3, 8, 9], x: [2, 2, 6, 6], outs: 3 }), // half a group
    skipCase({ skip: [1, 2, 6, 6], x: [1, 2, 6, 6], outs: 2, padding: "same" }),
    skipCase({ skip: [1, 2, 7, 6], x: [1, 1, 4, 5], outs: 2, padding: 4 }), // more than the kernel
    skipCase({ skip: [2, 16, 20, 40], x: [2, 20, 12, 32], outs: 18, real: true }),
    skipCase({ skip: [1, 16, 15, 24], x: [1, 32, 7, 16], outs: 16, real: true }),
  );
});

test("conv2d by Winograd in stripes equals the direct kernel, forward and gradients", async () => {
  const { capabilities, ...rest } = await testDevice();
  // Where textures are faster, they are not offered.
  const device = { ...rest, capabilities: { ...capabilities, textureSide: 0 } };
  const x = input("x", [1, 8, 642, 402]);
  const weight = input("weight", [8, 8, 3, 3], "dense");
  const y = conv2d(x, weight);
  const dy = input("dy", y.shape);
  const outputs = [y, ...(gradients(y, [x, weight], dy) as Tensor[])];
  const [x0, w0, d0] = [x, weight, dy].map(({ shape }, i) => noise(elementCount(shape), i + 1));
  const run = async (kernel: string) => {
    const choose: ChooseKernel = (_node, offered) =>
      offered.includes(kernel) ? kernel : offered[0];
    const plan = await compilePlan(device, { name: kernel, outputs, choose });
    plan.run({ x: x0, weight: w0, dy: d0 });
    const values = await Promise.all(outputs.map((tensor) => plan.read(tensor)));
    const stripes = plan.work.filter(({ shader }) => shader === "conv2d-winograd-product").length;
    plan.close();
    return { values, stripes };
  };
  const direct = await run("buffer");
  const winograd = await run("winograd");
  assert.ok(winograd.stripes > 2, `${winograd.stripes} stripes of two convolutions`);
  for (const [i, values] of winograd.values.entries()) {
    const off = relativeError(values, direct.values[i]);
    assert.ok(off <= TOLERANCES.winograd, `output ${i} is off by ${off}`);
  }
});

test("conv2d names both shapes when they do not fit", () => {
  const x = input("x", [2, 3, 9, 7]);
  const weight = input("weight", [2, 4, 3, 3], "dense");
  assert.throws(
    () => conv2d(x, weight),
    "conv2d: input has 3 channels but weight expects 4 (input [2,3,9,7], weight [2,4,3,3])",
  );
  assert.throws(() => conv2d(x, input("w", [2, 3, 2, 2], "dense")), "square and odd, got 2x2");
  assert.throws(() => conv2d(x, input("w", [2, 3, 9, 9], "dense")), "does not fit into 9x7");
  assert.throws(
    () => conv2d(x, input("w", [2, 3, 3, 3], "dense"), input("b", [3])),
    "bias must be a dense [2], got dense [3]",
  );
  assert.throws(() => conv2d(x, input("w", [2, 3, 3, 3])), "weight must be a dense [O,I,K,K]");
});

test("multiply-adds count products with pixels, not with the zeros around them", () => {
  const cases: [Shape, Shape, number, number][] = [
    [[1, 2, 7, 9], [1, 3, 5, 7], 0, 3],
    [[2, 2, 5, 6], [2, 3, 5, 6], 1, 3],
    [[1, 3, 5, 7], [1, 2, 7, 9], 2, 3], // the input gradient of the first
  ];
  for (const [x, y, border, kernel] of cases) {
    let count = 0;
    eachProduct({ x, weight: [y[1], x[1], kernel, kernel], border }, () => count++);
    assert.is(multiplyAddsOf(x, y, border, kernel), count);
  }
});

test("noise is the same for the same seed", () => {
  assert.equal(noise(5, 3), noise(5, 3));
});

test.run();
