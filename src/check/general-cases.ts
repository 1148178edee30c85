// Ops that no built-in network uses, and storage in 16 bits, for the full examination. Gradients are
// compared with central differences, so the shapes are small.

import { elementCount, type Shape } from "../graph/tensor.js";
import { convTranspose2d } from "../ops/convolution/conv-transpose2d.js";
import { conv2d } from "../ops/convolution/general-conv2d.js";
import { imagesInHalves } from "../ops/elementwise/cast.js";
import { instanceNorm } from "../ops/norm/norm.js";
import type { Sets } from "../ops/norm/norm-sets.js";
import { concat } from "../ops/rearrange/concat.js";
import { permute } from "../ops/rearrange/transpose.js";
import { max, mean, min } from "../ops/reduce/reduce.js";
import { resize } from "../ops/resize/resize.js";
import { avgPool2d, maxPool2d } from "../ops/window/pooling.js";
import { convolution, skipping } from "./conv2d-cases.js";
import { MORE_GENERAL_CASES } from "./more-general-cases.js";
import type { KernelCase } from "./op-case.js";
import {
  type ConvolutionSizes,
  convolutionReference,
  convolutionTransposeReference,
  eachTap,
} from "./references/convolution-reference.js";
import { normReference } from "./references/norm-reference.js";

/** A convolution with a stride, a dilation or groups. */
function general(
  x: Shape,
  outs: number,
  options: {
    readonly stride?: number;
    readonly dilation?: number;
    readonly groups?: number;
    readonly padding?: number;
  },
): KernelCase {
  const { stride = 1, dilation = 1, groups = 1, padding = 0 } = options;
  const [n, c, h, w] = x;
  const side = (size: number) => Math.floor((size + 2 * padding - 2 * dilation - 1) / stride) + 1;
  const sizes: ConvolutionSizes = {
    x,
    weight: [outs, c / groups, 3, 3],
    y: [n, outs, side(h), side(w)],
    stride: [stride, stride],
    dilation: [dilation, dilation],
    before: [padding, padding],
    groups,
  };
  return {
    name: `conv2d ${x} to ${outs}, stride ${stride}, dilation ${dilation}, groups ${groups}`,
    inputs: {
      x: { shape: x },
      weight: { shape: sizes.weight, layout: "dense" },
      bias: { shape: [outs] },
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, options),
    reference: (a) => convolutionReference(sizes, a.x, a.weight, a.bias),
    referenceGradients: (a, dy) => {
      const [dx, dw] = [a.x, a.weight].map(({ length }) => new Float64Array(length));
      eachTap(sizes, (xAt, wAt, yAt) => {
        dx[xAt] += a.weight[wAt] * dy[yAt];
        dw[wAt] += a.x[xAt] * dy[yAt];
      });
      const db = new Float64Array(outs);
      const pixels = sizes.y[2] * sizes.y[3];
      for (const [i, value] of dy.entries()) db[Math.floor(i / pixels) % outs] += value;
      return { x: dx, weight: dw, bias: db };
    },
  };
}

/** An instance norm with all that it applies. */
function norm(x: Shape): KernelCase {
  const [n, c, h, w] = x;
  const sets: Sets = { over: "group", view: [n, c, h * w], groups: c };
  return {
    name: `instance-norm ${x}`,
    inputs: { x: { shape: x }, gain: { shape: [c] }, bias: { shape: [c] } },
    build: ({ x, gain, bias }) =>
      instanceNorm(x, { gain, bias, activation: "leakyRelu", slope: 0.1 }),
    reference: ({ x, gain, bias }) => normReference(x, sets, { gain, bias, slope: 0.1 }),
    epsilon: 1e-6,
  };
}

/** A transposed convolution with a bias. */
function transposed(x: Shape, outs: number): KernelCase {
  const [n, c, h, w] = x;
  const sizes: ConvolutionSizes = {
    x: [n, outs, 2 * h + 1, 2 * w + 1],
    weight: [c, outs, 3, 3],
    y: x,
    stride: [2, 2],
    dilation: [1, 1],
    before: [0, 0],
    groups: 1,
  };
  return {
    name: `conv-transpose2d ${x} to ${outs}`,
    inputs: {
      x: { shape: x },
      weight: { shape: sizes.weight, layout: "dense" },
      bias: { shape: [outs] },
    },
    build: (t) => convTranspose2d(t.x, t.weight, t.bias, { stride: 2 }),
    reference: (a) => convolutionTransposeReference(sizes, a.x, a.weight, a.bias),
    referenceGradients: (a, dy) => {
      const [dx, dw] = [a.x, a.weight].map(({ length }) => new Float64Array(length));
      eachTap(sizes, (outAt, wAt, inAt) => {
        dx[inAt] += a.weight[wAt] * dy[outAt];
        dw[wAt] += a.x[inAt] * dy[outAt];
      });
      const db = new Float64Array(outs);
      const pixels = sizes.x[2] * sizes.x[3];
      for (const [i, value] of dy.entries()) db[Math.floor(i / pixels) % outs] += value;
      return { x: dx, weight: dw, bias: db };
    },
  };
}

/** Values of windows of 3x3 pixels with stride 2, without padding. */
function windows([n, c, h, w]: Shape, x: ArrayLike<number>, of: (window: number[]) => number) {
  const [oh, ow] = [(h - 3) / 2 + 1, (w - 3) / 2 + 1].map(Math.floor);
  return Float64Array.from({ length: n * c * oh * ow }, (_, at) => {
    const plane = Math.floor(at / (oh * ow));
    const first = (plane * h + 2 * (Math.floor(at / ow) % oh)) * w + 2 * (at % ow);
    return of(Array.from({ length: 9 }, (_, k) => x[first + Math.floor(k / 3) * w + (k % 3)]));
  });
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const pooled: Shape = [1, 2, 7, 9];
const image: Shape = [2, 3, 4, 5];

const cases: readonly KernelCase[] = [
  convolution({ x: [1, 3, 9, 12], outs: 5, kernel: 7, border: 3 }),
  convolution({ x: [1, 8, 642, 402], outs: 8 }), // in stripes, with sums in parts
  general([1, 3, 9, 11], 4, { stride: 2 }),
  general([1, 3, 8, 16], 4, { stride: 2, padding: 1 }),
  general([2, 2, 66, 40], 3, { stride: 2, padding: 1 }),
  general([1, 2, 8, 9], 3, { dilation: 2 }),
  general([1, 2, 6, 8], 3, { dilation: 2, padding: 2 }), // taps past whole groups of pixels
  general([1, 4, 6, 7], 4, { groups: 4 }),
  general([1, 4, 6, 7], 6, { groups: 2 }),
  // From half a million products on there are other kernels.
  general([1, 17, 34, 37], 19, { stride: 2, padding: 1 }),
  general([2, 10, 70, 45], 10, { groups: 10, padding: 1 }),
  general([1, 24, 33, 37], 24, { stride: 2, padding: 1, groups: 2 }),
  general([2, 6, 31, 29], 8, { dilation: 2, padding: 2 }),
  transposed([1, 17, 14, 15], 19),
  {
    name: `mean of ${image} over the last axes`,
    inputs: { x: { shape: image } },
    build: ({ x }) => mean(x, { axes: [2, 3] }),
    reference: ({ x }) =>
      Float64Array.from({ length: 6 }, (_, i) => total([...x.slice(20 * i, 20 * i + 20)]) / 20),
  },
  {
    name: "mean of 1,2,70,66",
    inputs: { x: { shape: [1, 2, 70, 66] } },
    build: ({ x }) => mean(x, { axes: [2, 3] }),
    reference: ({ x }) => [0, 1].map((i) => total([...x.slice(4620 * i, 4620 * i + 4620)]) / 4620),
    referenceGradients: (_, dy) => ({
      x: Float64Array.from({ length: 9240 }, (_, i) => dy[Math.floor(i / 4620)] / 4620),
    }),
  },
  {
    name: `permute ${image}`,
    inputs: { x: { shape: image } },
    build: ({ x }) => permute(x, [0, 1, 3, 2]),
    reference: ({ x }) =>
      Float64Array.from({ length: elementCount(image) }, (_, i) => {
        const [plane, row, column] = [Math.floor(i / 20), Math.floor(i / 4) % 5, i % 4];
        return x[plane * 20 + column * 5 + row];
      }),
  },
  {
    name: `concat of ${image} along rows`,
    inputs: { a: { shape: image }, b: { shape: image } },
    build: ({ a, b }) => concat([a, b], 2),
    reference: ({ a, b }) =>
      Float64Array.from({ length: 2 * elementCount(image) }, (_, i) => {
        const from = Math.floor(i / 20) % 2 === 0 ? a : b;
        return from[Math.floor(i / 40) * 20 + (i % 20)];
      }),
  },
  {
    name: `concat of ${[2, 3, 4, 7]} and ${[2, 3, 4, 6]} along columns`, // begins within a group
    inputs: { a: { shape: [2, 3, 4, 7] }, b: { shape: [2, 3, 4, 6] } },
    build: ({ a, b }) => concat([a, b], 3),
    reference: ({ a, b }) =>
      Float64Array.from({ length: 24 * 13 }, (_, i) => {
        const [row, column] = [Math.floor(i / 13), i % 13];
        return column < 7 ? a[row * 7 + column] : b[row * 6 + column - 7];
      }),
  },
  {
    name: `resize ${image} by 2`,
    inputs: { x: { shape: image } },
    build: ({ x }) => resize(x, { scale: 2 }),
    reference: ({ x }) =>
      Float64Array.from({ length: 4 * elementCount(image) }, (_, i) => {
        const [plane, row, column] = [Math.floor(i / 80), Math.floor(i / 10) % 8, i % 10];
        return x[plane * 20 + (row >> 1) * 5 + (column >> 1)];
      }),
  },
  norm(image),
  norm([1, 2, 5, 37]),
  {
    name: `largest of ${[3, 70]}`,
    inputs: { x: { shape: [3, 70], layout: "dense" } },
    build: ({ x }) => max(x, { axes: 1 }),
    reference: ({ x }) =>
      Float64Array.from({ length: 3 }, (_, i) => Math.max(...x.slice(70 * i, 70 * i + 70))),
    epsilon: 1e-7, // away from ties
  },
  {
    name: `smallest of ${image} over rows`,
    inputs: { x: { shape: image } },
    build: ({ x }) => min(x, { axes: 2 }),
    reference: ({ x }) =>
      Float64Array.from({ length: 30 }, (_, i) => {
        const first = Math.floor(i / 5) * 20 + (i % 5);
        return Math.min(...[0, 5, 10, 15].map((row) => x[first + row]));
      }),
    epsilon: 1e-7,
  },
  transposed([1, 3, 4, 5], 2),
  {
    name: `avg-pool2d ${pooled}, kernel 3, stride 2`,
    inputs: { x: { shape: pooled } },
    build: ({ x }) => avgPool2d(x, { kernel: 3, stride: 2 }),
    reference: ({ x }) => windows(pooled, x, (window) => total(window) / 9),
  },
  {
    name: `max-pool2d ${pooled}, kernel 3, stride 2`,
    inputs: { x: { shape: pooled } },
    build: ({ x }) => maxPool2d(x, { kernel: 3, stride: 2 }),
    reference: ({ x }) => windows(pooled, x, (window) => Math.max(...window)),
    epsilon: 1e-7, // away from ties
  },
  { ...convolution({ x: [1, 17, 9, 37], outs: 20 }), pack: imagesInHalves },
  { ...skipping([1, 2, 15, 17], [1, 3, 7, 9], 4), pack: imagesInHalves },
];

export const GENERAL_CASES: readonly KernelCase[] = [...cases, ...MORE_GENERAL_CASES].map((one) =>
  one.pack ? { ...one, name: `${one.name}, in 16 bits` } : one,
);
