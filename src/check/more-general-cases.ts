// More ops that no built-in network uses, for the full examination: norms over channels and with running
// averages, products and rearrangements, at sizes from which adapters have kernels of their own for them.

import type { Shape } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import { imagesInHalves } from "../ops/elementwise/cast.js";
import { add, conv2d, scale } from "../ops/network-ops.js";
import { batchNorm } from "../ops/norm/batch-norm.js";
import { foldBatchNorm } from "../ops/norm/fold-norm.js";
import { layerNorm } from "../ops/norm/norm.js";
import { concat } from "../ops/rearrange/concat.js";
import { pad } from "../ops/rearrange/pad.js";
import { resize } from "../ops/resize/resize.js";
import { scaleLoss, unscaleLoss } from "../ops/update/loss-scaling.js";
import { adaptiveAvgPool2d } from "../ops/window/pooling.js";
import { product, rowwise, withBias } from "./dense-cases.js";
import type { Arrays, KernelCase } from "./op-case.js";
import { conv2dReference } from "./references/conv2d-reference.js";
import { normReference } from "./references/norm-reference.js";

const positive = (count: number, seed: number) => noise(count, seed).map((value) => value + 1.5);

/** Layer norm over the channels of each pixel. */
function overChannels([n, c, h, w]: Shape, slope?: number): KernelCase {
  const sets = { over: "channels", view: [n, c, h * w], groups: 1 } as const;
  return {
    name: `layer-norm ${[n, c, h, w]} over channels${slope ? ", leaky ReLU" : ""}`,
    inputs: { x: { shape: [n, c, h, w] }, gain: { shape: [c] }, bias: { shape: [c] } },
    build: ({ x, gain, bias }) =>
      layerNorm(x, undefined, {
        ...{ gain, bias },
        ...(slope ? { activation: "leakyRelu", slope } : {}),
      }),
    reference: ({ x, gain, bias }) => normReference(x, sets, { gain, bias, slope }),
    epsilon: 1e-6,
  };
}

/** Batch norm by running averages, as in prediction. */
function running([n, c, h, w]: Shape): KernelCase {
  const sets = { over: "batch", view: [n, c, h * w], groups: 1 } as const;
  return {
    name: `batch-norm ${[n, c, h, w]} by running averages`,
    blames: "running-statistics",
    inputs: {
      x: { shape: [n, c, h, w], differentiable: false },
      mean: { shape: [c], differentiable: false },
      variance: { shape: [c], values: positive(c, 21), differentiable: false },
    },
    build: ({ x, mean, variance }) =>
      batchNorm(x, { running: { mean, variance }, training: false }).y,
    reference: ({ x, mean, variance }) => normReference(x, sets, { fixed: { mean, variance } }),
  };
}

/** A convolution with a batch norm folded into its weight and bias. */
function folded(x: Shape, outs: number): KernelCase {
  const weight: Shape = [outs, x[1], 3, 3];
  const vector = { shape: [outs], differentiable: false };
  const reference = (a: Arrays) => {
    const factor = a.gain.map((gain, o) => gain / Math.sqrt(a.variance[o] + 1e-5));
    const each = x[1] * 9;
    const weights = a.weight.map((value, i) => value * factor[Math.floor(i / each)]);
    const bias = a.bias.map((value, o) => (value - a.mean[o]) * factor[o] + a.shift[o]);
    return conv2dReference({ x, weight, border: 1 }, a.x, weights, bias);
  };
  return {
    name: `conv2d ${x} to ${outs} with a folded norm`,
    blames: "fold-norm",
    inputs: {
      x: { shape: x, differentiable: false },
      weight: { shape: weight, layout: "dense", differentiable: false },
      bias: vector,
      gain: vector,
      shift: vector,
      mean: vector,
      variance: { ...vector, values: positive(outs, 22) },
    },
    build: (t) => {
      const { mean, variance } = t;
      const options = { running: { mean, variance }, gain: t.gain, bias: t.shift };
      const { weight, bias } = foldBatchNorm(t.weight, t.bias, options);
      return conv2d(t.x, weight, bias, { padding: "same" });
    },
    reference,
  };
}

/** Borders made of the pixels inside, of which several of the result read one. */
function bordered(
  mode: "reflect" | "replicate",
  [n, c, h, w]: readonly [number, number, number, number],
  side: number,
  layout: "image" | "dense",
): KernelCase {
  const placeOf = (at: number, size: number) => {
    if (mode === "replicate") return Math.max(0, Math.min(size - 1, at));
    const place = Math.abs(at);
    return place < size ? place : 2 * (size - 1) - place;
  };
  const [height, width] = [h + 2 * side, w + 2 * side];
  return {
    name: `pad ${[n, c, h, w]}, ${layout}, mode ${mode}`,
    inputs: { x: { shape: [n, c, h, w], layout } },
    build: ({ x }) =>
      pad(
        x,
        [
          [side, side],
          [side, side],
        ],
        { mode },
      ),
    reference: ({ x }) =>
      Float64Array.from({ length: n * c * height * width }, (_, i) => {
        const row = placeOf((Math.floor(i / width) % height) - side, h);
        return x[(Math.floor(i / width / height) * h + row) * w + placeOf((i % width) - side, w)];
      }),
  };
}

/** Twice the size by linear interpolation. */
function doubled([n, c, h, w]: Shape): KernelCase {
  const [height, width] = [2 * h, 2 * w];
  // The two pixels of a pixel of the result, and the share of the second.
  const taps = (at: number, size: number) => {
    const place = Math.max(0, Math.min(size - 1, at / 2 - 0.25));
    const first = Math.floor(place);
    return [first, Math.min(size - 1, first + 1), place - first];
  };
  return {
    name: `linear resize ${[n, c, h, w]} by 2`,
    inputs: { x: { shape: [n, c, h, w] } },
    build: ({ x }) => resize(x, { scale: 2, mode: "linear" }),
    reference: ({ x }) =>
      Float64Array.from({ length: n * c * height * width }, (_, i) => {
        const plane = Math.floor(i / width / height) * h;
        const [top, bottom, down] = taps(Math.floor(i / width) % height, h);
        const [left, right, across] = taps(i % width, w);
        const row = (at: number) =>
          x[(plane + at) * w + left] * (1 - across) + x[(plane + at) * w + right] * across;
        return row(top) * (1 - down) + row(bottom) * down;
      }),
  };
}

/** Means of windows that divide an image into [oh, ow]: of different sizes, and some overlap. */
function adaptive([n, c, h, w]: Shape, [oh, ow]: readonly [number, number]): KernelCase {
  const range = (at: number, size: number, outs: number) => {
    const [first, end] = [Math.floor((at * size) / outs), Math.ceil(((at + 1) * size) / outs)];
    return Array.from({ length: end - first }, (_, i) => first + i);
  };
  return {
    name: `adaptive-avg-pool2d ${[n, c, h, w]} to ${[oh, ow]}`,
    inputs: { x: { shape: [n, c, h, w] } },
    build: ({ x }) => adaptiveAvgPool2d(x, [oh, ow]),
    reference: ({ x }) =>
      Float64Array.from({ length: n * c * oh * ow }, (_, at) => {
        const plane = Math.floor(at / (oh * ow)) * h * w;
        const across = range(at % ow, w, ow);
        const values = range(Math.floor(at / ow) % oh, h, oh).flatMap((row) =>
          across.map((column) => x[plane + row * w + column]),
        );
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      }),
  };
}

const [rows, ins, columns] = [3, 4, 5];

/** What waits in 16 bits for a reader of 32 bits. */
function waiting(shape: Shape): KernelCase {
  const times = 6;
  const factor = -1.25;
  return {
    name: `a sum with what waited ${shape}`,
    blames: "widen",
    inputs: { x: { shape, differentiable: false } },
    build: ({ x }) => {
      let y = x;
      for (let i = 0; i < times; i++) y = scale(y, factor);
      return add(y, x);
    },
    reference: ({ x }) => x.map((value) => value * factor ** times + value),
    pack: imagesInHalves,
  };
}

/** The loss times its scale, a power of two, or divided by it. */
function lossScale(inverse: boolean): KernelCase {
  return {
    name: `loss-scale${inverse ? ", divided" : ""}`,
    inputs: {
      x: { shape: [1, 1, 5, 9], differentiable: false },
      scaling: { shape: [5], values: [8, 1 / 8, 0, 0, 0], differentiable: false },
    },
    build: ({ x, scaling }) => (inverse ? unscaleLoss : scaleLoss)(x, scaling),
    reference: ({ x }) => x.map((value) => (inverse ? value / 8 : value * 8)),
    tolerance: 0,
  };
}

export const MORE_GENERAL_CASES: readonly KernelCase[] = [
  product(5, 7, 6),
  product(21, 83, 86),
  overChannels([1, 5, 3, 37]),
  overChannels([1, 6, 2, 36], 0.2),
  withBias(5, 7, 6),
  withBias(21, 83, 86),
  running([2, 3, 5, 37]),
  folded([1, 3, 5, 9], 5),
  rowwise(false, [3, 67]),
  rowwise(true, [2, 3, 70]),
  bordered("reflect", [2, 3, 4, 5], 2, "image"),
  bordered("replicate", [2, 3, 4, 5], 2, "image"),
  bordered("reflect", [1, 2, 4, 5], 3, "dense"),
  {
    name: `concat of ${[rows, ins, columns]}`,
    inputs: {
      a: { shape: [rows, ins, columns], layout: "dense" },
      b: { shape: [rows, 2, columns], layout: "dense" },
    },
    build: ({ a, b }) => concat([a, b], 1),
    reference: ({ a, b }) =>
      Float64Array.from({ length: rows * (ins + 2) * columns }, (_, i) => {
        const run = (ins + 2) * columns;
        const [row, at] = [Math.floor(i / run), i % run];
        return at < ins * columns
          ? a[row * ins * columns + at]
          : b[row * 2 * columns + at - ins * columns];
      }),
  },
  {
    name: `pad ${[ins, columns]}`,
    inputs: { x: { shape: [ins, columns], layout: "dense" } },
    build: ({ x }) =>
      pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        { value: 0.5 },
      ),
    reference: ({ x }) =>
      Float64Array.from({ length: (ins + 1) * (columns + 3) }, (_, i) => {
        const [row, column] = [Math.floor(i / (columns + 3)) - 1, (i % (columns + 3)) - 2];
        const isInside = row >= 0 && column >= 0 && column < columns;
        return isInside ? x[row * columns + column] : 0.5;
      }),
  },
  adaptive([1, 2, 7, 9], [3, 4]),
  doubled([2, 3, 4, 5]),
  doubled([1, 2, 2, 37]),
  waiting([1, 3, 5, 37]),
  lossScale(false),
  lossScale(true),
];
