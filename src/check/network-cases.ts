// The ops of the U-Net and the FCNs as cases with references in 64 bits, at shapes that end within
// tiles, blocks and groups of four pixels.

import { elementCount, type Shape } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import {
  crop2d,
  cropConcat,
  maxPool2d,
  relu,
  upConv2d,
  upConv2dStrided,
  weightedCrossEntropy,
} from "../ops/network-ops.js";
import { convolution, head, masked, pooled, rectified, skipping, targets } from "./conv2d-cases.js";
import { dropouts, elementwise, rectify, watching } from "./elementwise-cases.js";
import type { KernelCase } from "./op-case.js";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "./references/crop-concat-reference.js";
import {
  maxPool2dGradientReference,
  maxPool2dReference,
} from "./references/max-pool2d-reference.js";
import { upConv2dGradientReference, upConv2dReference } from "./references/up-conv2d-reference.js";
import { weightedCrossEntropyReference } from "./references/weighted-cross-entropy-reference.js";

function loss(shape: Shape): KernelCase {
  const of = (a: Readonly<Record<string, Float64Array>>) =>
    weightedCrossEntropyReference(shape, a.logits, a.label, a.weights);
  const others = targets(shape, shape[1]);
  const [, c, h, w] = shape;
  // What a pixel without weight has for logits does not count.
  const values = noise(elementCount(shape), 13).map((value, i) => {
    const pixel = Math.floor(i / (c * h * w)) * h * w + (i % (h * w));
    return others.weights.values[pixel] === 0 ? [1e38, -1e38, Number.NaN, Infinity][i % 4] : value;
  });
  return {
    name: `weighted-cross-entropy ${shape}`,
    inputs: { logits: { shape, values }, ...others },
    build: (t) => weightedCrossEntropy(t.logits, t.label, t.weights),
    reference: (a) => [of(a).loss],
    referenceGradients: (a) => ({ logits: of(a).gradient }),
  };
}

function up(x: Shape, outs: number): KernelCase {
  const sizes = { x, outs };
  return {
    name: `up-conv2d ${x} to ${outs}`,
    inputs: {
      x: { shape: x },
      weight: { shape: [x[1], outs, 2, 2], layout: "dense" },
      bias: { shape: [outs] },
    },
    build: (t) => upConv2d(t.x, t.weight, t.bias),
    reference: (a) => upConv2dReference(sizes, a.x, a.weight, a.bias),
    referenceGradients: (a, dy) => upConv2dGradientReference(sizes, a.x, a.weight, dy),
  };
}

function strided(x: Shape, outs: number, stride: number): KernelCase {
  const sizes = { x, outs, kernel: 2 * stride, stride, padding: stride / 2 };
  return {
    name: `up-conv2d-strided ${x} to ${outs}, stride ${stride}`,
    inputs: {
      x: { shape: x },
      weight: { shape: [x[1], outs, 2 * stride, 2 * stride], layout: "dense" },
    },
    build: (t) => upConv2dStrided(t.x, t.weight, { stride, padding: stride / 2 }),
    reference: (a) => upConv2dReference(sizes, a.x, a.weight),
    referenceGradients: (a, dy) => upConv2dGradientReference(sizes, a.x, a.weight, dy),
  };
}

function pool(shape: Shape): KernelCase {
  return {
    name: `max-pool2d ${shape}`,
    // few values, so that some of a window are equal
    inputs: { x: { shape, values: noise(elementCount(shape), 5).map((v) => Math.round(v * 4)) } },
    build: ({ x }) => maxPool2d(x),
    reference: ({ x }) => maxPool2dReference(shape, x),
    referenceGradients: ({ x }, dy) => ({ x: maxPool2dGradientReference(shape, x, dy) }),
    tolerance: 0,
  };
}

/** relu, then max-pool and a crop of what went in: the skip of a U-Net, whose gradients are one pass. */
function poolAndSkip(shape: Shape): KernelCase {
  const [n, c, h, w] = shape;
  const half = [n, c, h >> 1, w >> 1];
  return {
    name: `relu, max-pool2d and skip ${shape}`,
    blames: "max-pool2d-gradient",
    inputs: { x: { shape } },
    build: (t) => {
      const y = relu(t.x);
      return cropConcat(y, maxPool2d(y));
    },
    reference: ({ x }) => {
      const y = rectified(x);
      return cropConcatReference(shape, y, half, maxPool2dReference(shape, y));
    },
    referenceGradients: ({ x }, dy) => {
      const { skip, x: dpool } = cropConcatGradientReference(shape, half, dy);
      const dx = maxPool2dGradientReference(shape, rectified(x), dpool);
      return { x: dx.map((value, i) => (x[i] > 0 ? value + skip[i] : 0)) };
    },
  };
}

function concat(skip: Shape, x: Shape): KernelCase {
  return {
    name: `crop-concat ${skip} and ${x}`,
    inputs: { skip: { shape: skip }, x: { shape: x } },
    build: (t) => cropConcat(t.skip, t.x),
    reference: (a) => cropConcatReference(skip, a.skip, x, a.x),
    referenceGradients: (_, dy) => cropConcatGradientReference(skip, x, dy),
    tolerance: 0,
  };
}

function cropped([n, c, h, w]: Shape, top: number, left: number): KernelCase {
  const [height, width] = [h - 2 * top, w - 2 * left];
  const eachPlace = (visit: (from: number, to: number) => void) => {
    for (let to = 0; to < n * c * height * width; to++) {
      const row = Math.floor(to / width);
      const plane = Math.floor(row / height);
      visit((plane * h + (row % height) + top) * w + (to % width) + left, to);
    }
  };
  return {
    name: `crop2d ${[n, c, h, w]}`,
    inputs: { x: { shape: [n, c, h, w] } },
    build: ({ x }) => crop2d(x, { top, left, height, width }),
    reference: ({ x }) => {
      const y = new Float64Array(n * c * height * width);
      eachPlace((from, to) => {
        y[to] = x[from];
      });
      return y;
    },
    referenceGradients: ({ x }, dy) => {
      const dx = new Float64Array(x.length);
      eachPlace((from, to) => {
        dx[from] = dy[to];
      });
      return { x: dx };
    },
    tolerance: 0,
  };
}

/** The cases that an examination begins with, those of single ops before those of several. */
export const FIRST_CASES: readonly KernelCase[] = [
  rectify,
  pool([2, 3, 7, 37]),
  convolution({ x: [1, 17, 9, 37], outs: 20 }),
  up([1, 5, 3, 19], 6),
  masked({ x: [1, 16, 7, 20], outs: 18 }),
  head([2, 5, 3, 37], 2),
];

/** The other cases of the networks. */
export const NETWORK_CASES: readonly KernelCase[] = [
  ...elementwise,
  concat([2, 3, 9, 41], [2, 2, 5, 37]),
  concat([1, 2, 7, 70], [1, 3, 5, 64]),
  cropped([2, 3, 9, 41], 2, 3),
  cropped([1, 2, 5, 36], 1, 2),
  pool([2, 2, 5, 64]),
  poolAndSkip([2, 3, 7, 37]),
  poolAndSkip([1, 3, 12, 48]),
  ...dropouts,
  ...watching,
  loss([2, 5, 3, 37]),
  loss([1, 3, 3, 37]),
  convolution({ x: [1, 32, 5, 9], outs: 64 }),
  convolution({ x: [2, 6, 6, 66], outs: 16 }),
  convolution({ x: [2, 5, 4, 35], outs: 2, kernel: 1 }),
  up([1, 32, 4, 6], 32),
  up([2, 3, 4, 17], 5),
  up([1, 32, 3, 5], 32),
  up([1, 4, 22, 18], 4),
  strided([2, 3, 5, 9], 3, 2),
  strided([1, 2, 3, 5], 2, 8),
  skipping([1, 6, 13, 45], [1, 17, 5, 37], 18),
  skipping([2, 3, 8, 9], [2, 2, 6, 6], 3),
  pooled({ x: [1, 3, 12, 42], outs: 20 }),
];

/** With padding every kernel is another pipeline: a normal examination has the first choices only. */
export const PADDED_CASES: readonly KernelCase[] = [
  convolution({ x: [2, 3, 6, 35], outs: 33, border: 1 }),
];

/** For adapters with four lanes, which share the weights of many tiles. */
export const FEW_LANES_CASES: readonly KernelCase[] = [
  convolution({ x: [1, 9, 34, 66], outs: 32 }),
];
