// Convolutions of the networks as cases with references in 64 bits, at shapes that end within tiles,
// blocks and groups of four pixels.

import type { Shape } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import { conv2d, cropConcat, maxPool2d, relu, weightedCrossEntropy } from "../ops/network-ops.js";
import type { KernelCase } from "./op-case.js";
import { conv2dGradientReference, conv2dReference } from "./references/conv2d-reference.js";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "./references/crop-concat-reference.js";
import { maxPool2dReference } from "./references/max-pool2d-reference.js";
import { weightedCrossEntropyReference } from "./references/weighted-cross-entropy-reference.js";

export const rectified = (x: Float64Array) => x.map((value) => Math.max(0, value));

interface Convolution {
  readonly x: Shape;
  readonly outs: number;
  readonly kernel?: number;
  readonly border?: number;
}

function sizesOf({ x, outs, kernel = 3, border = 0 }: Convolution) {
  return { x, weight: [outs, x[1], kernel, kernel], border };
}

/** A convolution without activation: its gradients do not depend on its result. */
export function convolution(convolution: Convolution): KernelCase {
  const sizes = sizesOf(convolution);
  const { x, weight, border } = sizes;
  return {
    name: `conv2d ${x} to ${weight[0]}, kernel ${weight[2]}, padding ${border}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      bias: { shape: [weight[0]] },
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, { padding: border }),
    reference: (a) => conv2dReference(sizes, a.x, a.weight, a.bias),
    referenceGradients: (a, dy) => conv2dGradientReference(sizes, a.x, a.weight, dy),
  };
}

/** relu, then a convolution: the mask of the ReLU is fused into the gradient of its input. */
export function masked(convolution: Convolution): KernelCase {
  const sizes = sizesOf(convolution);
  const { x, weight, border } = sizes;
  return {
    name: `relu and conv2d ${x} to ${weight[0]}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense", differentiable: false },
      // with the pipelines of the other cases: each takes a second to compile on lavapipe
      bias: { shape: [weight[0]], differentiable: false },
    },
    build: (t) => conv2d(relu(t.x), t.weight, t.bias, { padding: border }),
    reference: (a) => conv2dReference(sizes, rectified(a.x), a.weight, a.bias),
    referenceGradients: (a, dy) => {
      const { x: dx } = conv2dGradientReference(sizes, rectified(a.x), a.weight, dy);
      return { x: dx.map((value, i) => (a.x[i] > 0 ? value : 0)) };
    },
  };
}

/** A convolution with its activation, and its pooled result: fused where a kernel can. */
export function pooled(convolution: Convolution): KernelCase {
  const sizes = sizesOf(convolution);
  const { x, weight, border } = sizes;
  const y: Shape = [x[0], weight[0], x[2] + 2 * border - 2, x[3] + 2 * border - 2];
  return {
    name: `conv2d with relu ${x} to ${weight[0]}, pooled`,
    blames: "conv2d",
    inputs: {
      x: { shape: x, differentiable: false },
      weight: { shape: weight, layout: "dense", differentiable: false },
      bias: { shape: [weight[0]], differentiable: false },
    },
    build: (t) => {
      const y = conv2d(t.x, t.weight, t.bias, { padding: border, activation: "relu" });
      return cropConcat(y, maxPool2d(y));
    },
    reference: (a) => {
      const out = rectified(conv2dReference(sizes, a.x, a.weight, a.bias));
      const half = [y[0], y[1], y[2] >> 1, y[3] >> 1];
      return cropConcatReference(y, out, half, maxPool2dReference(y, out));
    },
  };
}

/** A convolution that reads a skip connection before its input. */
export function skipping(skip: Shape, x: Shape, outs: number): KernelCase {
  const [n, , h, w] = x;
  const weight = [outs, skip[1] + x[1], 3, 3];
  const sizes = { x: [n, weight[1], h, w], weight, border: 0 };
  return {
    name: `conv2d of skip ${skip} and ${x} to ${outs}`,
    inputs: {
      x: { shape: x },
      weight: { shape: weight, layout: "dense" },
      bias: { shape: [outs] },
      skip: { shape: skip },
    },
    build: (t) => conv2d(t.x, t.weight, t.bias, { skip: t.skip }),
    reference: (a) =>
      conv2dReference(sizes, cropConcatReference(skip, a.skip, x, a.x), a.weight, a.bias),
    referenceGradients: (a, dy) => {
      const both = cropConcatReference(skip, a.skip, x, a.x);
      const { x: dboth, ...rest } = conv2dGradientReference(sizes, both, a.weight, dy);
      return { ...rest, ...cropConcatGradientReference(skip, x, dboth) };
    },
  };
}

const pixelsOf = ([n, , h, w]: Shape) => n * h * w;

/** Labels and weights of pixels, some of which are left out. */
export function targets(shape: Shape, classes: number) {
  const count = pixelsOf(shape);
  const [n, , h, w] = shape;
  const label = noise(count, 2).map((value) => Math.floor(((value + 1) / 2) * classes));
  const weight = noise(count, 3).map((value) => Math.max(0, value + 0.5));
  const map = [n, 1, h, w];
  return {
    label: { shape: map, values: label, differentiable: false },
    weights: { shape: map, values: weight, differentiable: false },
  };
}

/** The last convolution of a network with its loss, which are one pass. */
export function head(x: Shape, classes: number): KernelCase {
  const sizes = { x, weight: [classes, x[1], 1, 1], border: 0 };
  const shape = [x[0], classes, x[2], x[3]];
  const loss = (a: Readonly<Record<string, Float64Array>>) =>
    weightedCrossEntropyReference(
      ...([shape, conv2dReference(sizes, a.x, a.weight, a.bias), a.label, a.weights] as const),
    );
  return {
    name: `conv2d with its loss ${x} to ${classes}`,
    blames: "conv2d-loss",
    inputs: {
      x: { shape: x },
      weight: { shape: sizes.weight, layout: "dense" },
      bias: { shape: [classes] },
      ...targets(shape, classes),
    },
    build: (t) => weightedCrossEntropy(conv2d(t.x, t.weight, t.bias), t.label, t.weights),
    reference: (a) => [loss(a).loss],
    referenceGradients: (a) => conv2dGradientReference(sizes, a.x, a.weight, loss(a).gradient),
  };
}
