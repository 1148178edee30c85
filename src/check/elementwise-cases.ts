// Cases of ops that treat every number for itself, and of those that watch over all.

import { elementCount, type Shape } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import {
  add,
  cropConcat,
  dropout,
  gradientClip,
  NOT_FINITE_PARTS,
  notFinite,
  relu,
  scale,
  softmax,
} from "../ops/network-ops.js";
import { rectified } from "./conv2d-cases.js";
import type { KernelCase } from "./op-case.js";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "./references/crop-concat-reference.js";
import { dropoutMask } from "./references/dropout-reference.js";
import { softmaxReference } from "./references/softmax-reference.js";

/** With a number of images before the batch, as when gradients are accumulated. */
function dropped(shape: Shape, images = 0): KernelCase {
  const options = { rate: 0.5, seed: 11, stream: 2 };
  const before = images > 0 ? 2 : undefined;
  const count = elementCount(shape);
  const skipped = (images * count) / shape[0];
  const mask = () => dropoutMask(skipped + count, 5, options).subarray(skipped);
  return {
    name: `dropout ${shape}${images > 0 ? ` after ${images} images` : ""}`,
    inputs: {
      x: { shape },
      step: { shape: [4], values: [5, 0, images, 0], differentiable: false },
    },
    build: (t) => dropout(t.x, t.step, { ...options, before }),
    reference: ({ x }) => mask().map((factor, i) => factor * x[i]),
    referenceGradients: (_, dy) => ({ x: mask().map((factor, i) => factor * dy[i]) }),
  };
}

const shape: Shape = [2, 3, 5, 37];

export const rectify: KernelCase = {
  name: `relu ${shape}`,
  inputs: { x: { shape } },
  build: ({ x }) => relu(x),
  reference: ({ x }) => rectified(x),
  referenceGradients: ({ x }, dy) => ({ x: dy.map((value, i) => (x[i] > 0 ? value : 0)) }),
};

export const elementwise: readonly KernelCase[] = [
  {
    name: `add and scale ${shape}`,
    inputs: { a: { shape }, b: { shape } },
    build: ({ a, b }) => add(scale(a, -2.5), b),
    reference: ({ a, b }) => a.map((value, i) => b[i] - 2.5 * value),
    referenceGradients: (_, dy) => ({ a: dy.map((value) => -2.5 * value), b: dy }),
  },
  {
    name: `add and mask ${shape}`,
    blames: "add",
    inputs: { x: { shape } },
    build: ({ x }) => {
      const y = relu(x);
      return cropConcat(y, scale(y, 2));
    },
    reference: ({ x }) =>
      cropConcatReference(shape, rectified(x), shape, rectified(x.map((v) => 2 * v))),
    referenceGradients: ({ x }, dy) => {
      const { skip, x: up } = cropConcatGradientReference(shape, shape, dy);
      return { x: skip.map((value, i) => (x[i] > 0 ? value + 2 * up[i] : 0)) };
    },
  },
  {
    name: `softmax ${shape}`,
    // so large that exp overflows unless the largest is subtracted first
    inputs: { x: { shape, values: noise(elementCount(shape), 12).map((value) => value * 200) } },
    build: ({ x }) => softmax(x),
    reference: ({ x }) => softmaxReference(shape, x),
  },
];

const COUNT = 1003;

/** What watches over weights and gradients. */
export const watching: readonly KernelCase[] = [
  {
    name: `not-finite ${COUNT}`,
    inputs: {
      x: {
        shape: [COUNT],
        values: noise(COUNT, 14).map((value, i) =>
          i % 7 === 3 ? [Number.NaN, Infinity, -Infinity][i % 3] : value,
        ),
        differentiable: false,
      },
    },
    build: ({ x }) => notFinite([x]),
    reference: ({ x }) => {
      const counts = new Float64Array(NOT_FINITE_PARTS);
      for (const [i, value] of x.entries()) if (!Number.isFinite(value)) counts[i >> 2]++;
      return counts;
    },
    tolerance: 0,
  },
  ...[2, 1000].map(
    (limit): KernelCase => ({
      name: `gradient-clip ${COUNT} at ${limit}`,
      inputs: { x: { shape: [COUNT], differentiable: false } },
      build: ({ x }) => gradientClip(x, limit),
      reference: ({ x }) => {
        const norm = Math.hypot(...x);
        return [Math.min(1, limit / norm), norm];
      },
    }),
  ),
];

export const dropouts: readonly KernelCase[] = [dropped(shape), dropped(shape, 3)];
