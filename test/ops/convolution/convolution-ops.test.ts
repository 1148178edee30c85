import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Arrays } from "../../../src/check/op-case.js";
import {
  type ConvolutionSizes,
  convolutionReference,
  convolutionTransposeReference,
  eachTap,
} from "../../../src/check/references/convolution-reference.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import { defineArchitecture } from "../../../src/model/define-architecture.js";
import { conv2d as plainConv2d } from "../../../src/ops/conv2d/conv2d.js";
import { convTranspose2d } from "../../../src/ops/convolution/conv-transpose2d.js";
import { multiplyAddsOf } from "../../../src/ops/convolution/convolution-attributes.js";
import { type Conv2dOptions, conv2d } from "../../../src/ops/convolution/general-conv2d.js";
import { checkOp, type OpCase } from "../../check-op.js";

type Pair = readonly [number, number];

interface Case extends Omit<Conv2dOptions, "stride" | "dilation" | "padding" | "skip"> {
  readonly x: Shape;
  readonly weight: Shape;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  readonly padding?: readonly [number, number, number, number];
  readonly bias?: boolean;
  /** Compare with the adjoint in 64 bits instead of central differences. */
  readonly real?: boolean;
}

/** The adjoint: gradients of sum(dy * y) for the convolution without activation. */
function adjoint(sizes: ConvolutionSizes, { x, weight }: Arrays, dy: Float64Array) {
  const [dx, dw] = [new Float64Array(x.length), new Float64Array(weight.length)];
  eachTap(sizes, (xAt, wAt, yAt) => {
    dx[xAt] += weight[wAt] * dy[yAt];
    dw[wAt] += x[xAt] * dy[yAt];
  });
  const [, outs, h, w] = sizes.y;
  const db = new Float64Array(outs);
  for (const [i, value] of dy.entries()) db[Math.floor(i / (h * w)) % outs] += value;
  return { x: dx, weight: dw, bias: db };
}

function caseOf({ x, weight, bias = true, real, ...options }: Case): OpCase {
  const { stride = [1, 1], dilation = [1, 1], padding = [0, 0, 0, 0], groups = 1 } = options;
  const along = (axis: 0 | 1) => {
    const padded = x[axis + 2] + padding[axis] + padding[axis + 2];
    return Math.floor((padded - (weight[axis + 2] - 1) * dilation[axis] - 1) / stride[axis]) + 1;
  };
  const y = [x[0], weight[0], along(0), along(1)];
  const sizes: ConvolutionSizes = {
    x,
    weight,
    y,
    stride,
    dilation,
    groups,
    before: [padding[0], padding[1]],
  };
  return {
    name: `convolution ${x} by ${weight}, stride ${stride}, dilation ${dilation}, groups ${groups}, padding ${padding}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      ...(bias ? { bias: { shape: [weight[0]] } } : {}),
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, options),
    reference: (a) => {
      const sums = convolutionReference(sizes, a.x, a.weight, a.bias);
      return options.activation === "relu" ? sums.map((value) => Math.max(0, value)) : sums;
    },
    ...(real ? { referenceGradients: (a, dy) => adjoint(sizes, a, dy) } : {}),
    epsilon: 1e-6, // away from the kinks of the activation
  };
}

interface TransposedCase {
  readonly x: Shape;
  readonly weight: Shape;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  readonly padding?: Pair;
  readonly outputPadding?: Pair;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly real?: boolean;
}

function transposedCase({ x, weight, bias = true, real, ...options }: TransposedCase): OpCase {
  const { stride = [1, 1], dilation = [1, 1], padding = [0, 0], groups = 1 } = options;
  const more = options.outputPadding ?? [0, 0];
  const along = (axis: 0 | 1) =>
    (x[axis + 2] - 1) * stride[axis] -
    2 * padding[axis] +
    (weight[axis + 2] - 1) * dilation[axis] +
    more[axis] +
    1;
  const y = [x[0], weight[1] * groups, along(0), along(1)];
  const sizes = { x: y, y: x, weight, stride, dilation, before: padding, groups };
  return {
    name: `transposed ${x} by ${weight}, stride ${stride}, dilation ${dilation}, groups ${groups}, padding ${padding}, ${more}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      ...(bias ? { bias: { shape: [y[1]] } } : {}),
    },
    build: (t) => convTranspose2d(t.x, t.weight, t.bias, options),
    reference: (a) => convolutionTransposeReference(sizes, a.x, a.weight, a.bias),
    ...(real
      ? {
          referenceGradients: (a, dy) => {
            const back = adjoint({ ...sizes, y: x }, { x: dy, weight: a.weight }, a.x);
            const [, outs, h, w] = y;
            const db = new Float64Array(outs);
            for (const [i, value] of dy.entries()) db[Math.floor(i / (h * w)) % outs] += value;
            return { x: convolutionReference(sizes, dy, a.weight), weight: back.weight, bias: db };
          },
        }
      : {}),
  };
}

test("conv2d with strides, dilation, groups and uneven padding equals the reference", async () => {
  const cases: Case[] = [
    { x: [2, 3, 7, 9], weight: [5, 3, 3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
    { x: [1, 2, 9, 8], weight: [3, 2, 3, 3], dilation: [2, 2], padding: [2, 2, 2, 2] },
    {
      x: [1, 4, 5, 37],
      weight: [6, 2, 2, 3],
      groups: 2,
      padding: [0, 1, 1, 0],
      activation: "relu",
    },
    { x: [1, 3, 6, 7], weight: [3, 1, 3, 3], groups: 3, padding: [1, 1, 1, 1] },
    { x: [2, 2, 5, 34], weight: [4, 1, 1, 5], groups: 2, stride: [1, 3], bias: false },
    {
      x: [1, 2, 11, 6],
      weight: [2, 2, 4, 1],
      stride: [3, 1],
      dilation: [2, 1],
      padding: [3, 0, 5, 2],
    },
  ];
  for (const one of cases) await checkOp(caseOf(one), { each: false });
});

test("convolutions of larger layers equal the reference", async () => {
  const cases: Case[] = [
    {
      x: [1, 12, 21, 70],
      weight: [20, 12, 3, 3],
      stride: [2, 2],
      padding: [1, 1, 1, 1],
      real: true,
    },
    { x: [2, 16, 11, 37], weight: [24, 8, 4, 2], groups: 2, padding: [1, 1, 2, 0], real: true },
    {
      x: [2, 6, 27, 41],
      weight: [6, 6, 3, 3],
      dilation: [2, 3],
      padding: [1, 3, 2, 4],
      real: true,
    },
    { x: [2, 24, 38, 37], weight: [24, 1, 3, 3], groups: 24, padding: [1, 1, 1, 1], real: true },
    {
      x: [1, 16, 77, 50],
      weight: [32, 1, 5, 3],
      groups: 16,
      stride: [2, 1],
      dilation: [1, 2],
      real: true,
    },
    { x: [1, 3, 42, 70], weight: [16, 3, 7, 5], stride: [2, 3], padding: [3, 5, 3, 2], real: true },
    // Rows of x between the windows; half of the kernel's rows at a time; an odd number of channels.
    { x: [1, 10, 47, 60], weight: [20, 10, 2, 3], stride: [4, 1], real: true },
    { x: [1, 4, 40, 70], weight: [16, 4, 6, 3], stride: [1, 2], padding: [2, 1, 3, 1], real: true },
    { x: [1, 7, 31, 58], weight: [18, 7, 3, 3], stride: [2, 2], padding: [1, 1, 1, 1], real: true },
  ];
  for (const one of cases) await checkOp(caseOf(one), { each: false });
  const transposed: TransposedCase[] = [
    { x: [1, 12, 10, 35], weight: [12, 20, 4, 4], stride: [2, 2], padding: [1, 1], real: true },
    { x: [2, 16, 7, 12], weight: [16, 12, 3, 5], stride: [2, 3], groups: 2, real: true },
    { x: [1, 7, 12, 40], weight: [7, 20, 3, 3], stride: [2, 2], padding: [1, 1], real: true },
  ];
  for (const one of transposed) await checkOp(transposedCase(one), { each: false });
});

test("convTranspose2d with strides, dilation, groups and paddings equals the reference", async () => {
  const cases: TransposedCase[] = [
    { x: [2, 3, 4, 5], weight: [3, 2, 4, 4], stride: [2, 2], padding: [1, 1] },
    {
      x: [1, 2, 3, 9],
      weight: [2, 5, 3, 3],
      stride: [2, 2],
      padding: [1, 1],
      outputPadding: [1, 1],
    },
    { x: [1, 4, 3, 4], weight: [4, 1, 3, 2], stride: [3, 2], groups: 4, bias: false },
    { x: [1, 4, 4, 5], weight: [4, 3, 2, 3], dilation: [3, 2], groups: 2, outputPadding: [2, 0] },
    { x: [1, 1, 3, 4], weight: [1, 2, 1, 2], stride: [3, 4], padding: [0, 1] },
  ];
  for (const one of cases) await checkOp(transposedCase(one), { each: false });
});

test("conv2d returns the node of the built-in networks wherever that computes it", () => {
  const x = input("x", [1, 2, 9, 8]);
  const weight = input("weight", [3, 2, 3, 3], "dense");
  for (const padding of ["valid", "same", 0, 1, 5] as const) {
    const [ours, theirs] = [conv2d, plainConv2d].map((op) => op(x, weight, undefined, { padding }));
    assert.is(ours.node?.op, theirs.node?.op);
    assert.equal(ours.node?.attributes, theirs.node?.attributes);
    assert.equal(ours.shape, theirs.shape);
  }
});

test("a dense input gives the image of its convolution", () => {
  const x = input("x", [1, 2, 5, 4], "dense");
  const weight = input("weight", [2, 2, 3, 3], "dense");
  assert.is(conv2d(x, weight, undefined, { stride: 2 }).layout, "image");
  assert.is(convTranspose2d(x, weight).layout, "image");
});

test("conv2d pads by side, and 'same' rounds up", () => {
  const shapeOf = (size: number, kernel: number, options: Conv2dOptions) =>
    conv2d(
      input("x", [1, 1, size, size + 1]),
      input("weight", [1, 1, kernel, kernel], "dense"),
      undefined,
      options,
    ).shape;
  assert.equal(shapeOf(7, 3, { padding: [0, 1, 2, 3] }), [1, 1, 7, 10]);
  assert.equal(shapeOf(7, 3, { padding: "same", stride: 2 }), [1, 1, 4, 4]);
  assert.equal(shapeOf(8, 4, { padding: "same", stride: 1 }), [1, 1, 8, 9]);
  assert.equal(shapeOf(8, 3, { padding: "same", dilation: 3 }), [1, 1, 8, 9]);
});

test("convolutions say which option is wrong", () => {
  const x = input("x", [1, 4, 6, 5]);
  const weight = input("weight", [6, 2, 3, 3], "dense");
  const apply = (options: object) => () => conv2d(x, weight, undefined, options);
  assert.throws(
    apply({ stride: 0 }),
    "the stride must be a whole number from 1, or two of them [y, x], got 0",
  );
  assert.throws(apply({ dilation: [1, 2, 3] }), "the dilation must be");
  assert.throws(apply({ padding: [1, 2] }), "four of them [top, left, bottom, right], got [1,2]");
  assert.throws(apply({ groups: 3 }), "divides the 4 input channels, got 3");
  assert.throws(apply({ groups: 1, stride: 2 }), "input has 4 channels but weight expects 2");
  assert.throws(apply({ groups: 2, dilation: 3 }), "does not fit into 6x5 pixels");
  assert.throws(apply({ grops: 2 }), "did you mean groups?");
  const transposed = (options: object) => () => convTranspose2d(x, weight, undefined, options);
  assert.throws(transposed({}), "input has 4 channels but weight expects 6");
  assert.throws(transposed({ outputPadding: 1 }), "smaller than the stride or the dilation, got 1");
});

test("the halo of a model counts strides and dilation", () => {
  const shapes = { down: [2, 1, 3, 3], middle: [2, 2, 3, 3], wide: [2, 2, 1, 5], up: [2, 2, 4, 4] };
  const halo = (middle: "middle" | "wide") =>
    defineArchitecture({
      name: "lab.strided",
      fields: {},
      gridStep: () => 2,
      smallest: () => 8,
      parameters: () =>
        Object.entries(shapes).map(([name, shape]) => ({ name, shape, init: "he" as const })),
      logits(x, { get }) {
        const down = conv2d(x, get("down"), undefined, { stride: 2, padding: 1 });
        const dilation = middle === "wide" ? 1 : 2;
        const seen = conv2d(down, get(middle), undefined, { padding: "same", dilation });
        return convTranspose2d(seen, get("up"), undefined, { stride: 2, padding: 1 });
      },
    }).model().halo;
  // Row 0 reads rows -1 and 0 at half the size, which depend on rows -3 to 2 there: -7 of the image.
  assert.is(halo("middle"), 7);
  assert.is(halo("wide"), 7, "columns reach as far as the longer side of a kernel");
});

test("multiply-adds of strided convolutions count products with pixels", () => {
  const sizes: ConvolutionSizes = {
    x: [2, 4, 7, 9],
    weight: [6, 2, 3, 2],
    y: [2, 6, 4, 3],
    stride: [2, 3],
    dilation: [2, 1],
    before: [2, 1],
    groups: 2,
  };
  let count = 0;
  eachTap(sizes, () => count++);
  assert.is(multiplyAddsOf(input("x", sizes.x), input("y", sizes.y), sizes, [3, 2]), count);
});

test.run();
