// Dilated convolutions by the kernels of plain ones: the pixels that are `dilation` apart become an
// image of their own, and the plain convolution of all these images is the dilated one.

import type { Capabilities } from "../../graph/capabilities.js";
import { kernelsOf } from "../../graph/choose-kernel.js";
import type { Dispatch } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { type Shape, scratchImage, type Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/general.generated.js";
import { perRow } from "../common/per-group.js";
import { conv2dOp, conv2dWeightGradientOp } from "../conv2d/conv2d.js";
import {
  type ConvolutionAttributes,
  type KernelGradientAttributes,
  LEAST_MULTIPLY_ADDS,
  multiplyAddsOf,
  type Pair,
  type Taps,
} from "./convolution-attributes.js";

/** Whether the convolution without its dilation is one that conv2d's kernels compute. */
function isDilated({ stride, dilation, groups }: Taps, [height, width]: readonly number[]) {
  const isPlain = groups === 1 && stride.every((size) => size === 1);
  return isPlain && Math.max(...dilation) > 1 && height === width && height % 2 === 1;
}

const isLarge = (into: Tensor, out: Tensor, taps: Taps, kernel: readonly number[]) =>
  multiplyAddsOf(into, out, taps, kernel) >= LEAST_MULTIPLY_ADDS;

export const phasesKernel: Kernel<ConvolutionAttributes> = {
  name: "phases",
  rank({ inputs: [x, weight], outputs: [y], attributes }) {
    const kernel = weight.shape.slice(2);
    return isDilated(attributes, kernel) && isLarge(x, y, attributes, kernel) ? -1 : undefined;
  },
  tolerance: () => TOLERANCES.winograd,
  dispatches(node, capabilities) {
    const [x, ...others] = node.inputs;
    const [y] = node.outputs;
    const { dilation, before, activation, bias } = node.attributes;
    const outs = phaseShape(y, dilation);
    const [xs, toImages] = imagesOf(x, paddedShape(outs, others[0]), dilation, before, node.name);
    const ys = scratchImage(`${node.name}: phases`, outs);
    const attributes = { border: 0, activation, transposed: false, bias, skip: false };
    const inputs = [xs, ...others];
    const plain = { name: node.name, op: conv2dOp, attributes, inputs, outputs: [ys] };
    return [
      ...toImages,
      ...dispatchesOf(plain as Node, capabilities),
      ...fromImages(ys, y, dilation, [0, 0]),
    ];
  },
};

/** The input gradient: without bias and activation, and nothing of the result is beyond the taps. */
export const transposedPhasesKernel: Kernel<ConvolutionAttributes> = {
  name: "phases",
  rank({ inputs: [x, weight, bias], outputs: [y], attributes }) {
    const { dilation, before, activation } = attributes;
    const kernel = weight.shape.slice(2);
    if (bias || activation !== "none" || !isDilated(attributes, kernel)) return undefined;
    const isCovered = ([0, 1] as const).every((axis) => {
      const last = Math.floor((y.shape[axis + 2] - 1 + before[axis]) / dilation[axis]);
      return last < Math.ceil(x.shape[axis + 2] / dilation[axis]) + kernel[axis] - 1;
    });
    return isCovered && isLarge(y, x, attributes, kernel) ? -1 : undefined;
  },
  tolerance: () => TOLERANCES.gradient,
  dispatches(node, capabilities) {
    const [x, weight] = node.inputs;
    const [y] = node.outputs;
    const { dilation, before } = node.attributes;
    const ins = phaseShape(x, dilation);
    const [xs, toImages] = imagesOf(x, ins, dilation, [0, 0], node.name);
    const whole = paddedShape([ins[0], y.shape[1], ins[2], ins[3]], weight, y.shape[1]);
    const ys = scratchImage(`${node.name}: phases`, whole);
    const border = weight.shape[2] - 1;
    const attributes = { border, activation: "none", transposed: true, first: 0 };
    const plain = {
      name: node.name,
      op: conv2dOp,
      attributes: { ...attributes, count: y.shape[1] },
      inputs: [xs, weight],
      outputs: [ys],
    };
    return [
      ...toImages,
      ...dispatchesOf(plain as Node, capabilities),
      ...fromImages(ys, y, dilation, before),
    ];
  },
};

export const weightPhasesKernel: Kernel<KernelGradientAttributes> = {
  name: "phases",
  rank({ inputs: [x, dy], attributes }) {
    const { kernel } = attributes;
    return isDilated(attributes, kernel) && isLarge(x, dy, attributes, kernel) ? -1 : undefined;
  },
  tolerance: () => TOLERANCES.gradient,
  dispatches(node, capabilities) {
    const [x, dy] = node.inputs;
    const { dilation, before, kernel, bias } = node.attributes;
    const outs = phaseShape(dy, dilation);
    const [ds, dyToImages] = imagesOf(dy, outs, dilation, [0, 0], node.name);
    const padded = paddedShape(outs, node.outputs[0]);
    const [xs, xToImages] = imagesOf(x, padded, dilation, before, node.name);
    const attributes = { border: 0, kernel: kernel[0], bias };
    const plain = { ...node, op: conv2dWeightGradientOp, attributes, inputs: [xs, ds] };
    return [...xToImages, ...dyToImages, ...dispatchesOf(plain as Node, capabilities)];
  },
};

/** Returns the dispatches of the first choice for a node. */
const dispatchesOf = (node: Node, capabilities: Capabilities): readonly Dispatch[] =>
  kernelsOf(node, capabilities)[0].dispatches(node, capabilities);

/** The shape of the images of the phases of an image: each has the same size. */
const phaseShape = ({ shape: [n, c, h, w] }: Tensor, [y, x]: Pair): Shape => [
  n * y * x,
  c,
  Math.ceil(h / y),
  Math.ceil(w / x),
];

/** The shape of the images that a valid convolution with a weight turns into images of `shape`. */
const paddedShape = ([n, , h, w]: Shape, weight: Tensor, channels = weight.shape[1]): Shape => [
  n,
  channels,
  h + weight.shape[2] - 1,
  w + weight.shape[3] - 1,
];

/** Returns the images of the phases of x, and the dispatches that write them. */
function imagesOf(
  x: Tensor,
  shape: Shape,
  [stepY, stepX]: Pair,
  [top, left]: Pair,
  name: string,
): [Tensor, readonly Dispatch[]] {
  const images = scratchImage(`${name}: phases of ${x.name}`, shape);
  const from = imageSizes(x);
  const to = imageSizes(images);
  const rows = { rows: to.n * to.h, blocks: to.blocks, channels: to.c };
  const write = perRow(shaders.imagesOfPhases, rows, {
    bindings: [x, images],
    uniforms: {
      channels: to.c,
      height: to.h,
      width: to.w,
      blocks: to.blocks,
      inHeight: from.h,
      inWidth: from.w,
      inBlocks: from.blocks,
      stepY,
      stepX,
      top,
      left,
    },
  });
  return [images, write];
}

/** Returns the dispatches that join the images of the phases of y. */
function fromImages(
  images: Tensor,
  y: Tensor,
  [stepY, stepX]: Pair,
  [top, left]: Pair,
): Dispatch[] {
  const from = imageSizes(images);
  const to = imageSizes(y);
  const rows = { rows: to.n * to.h, blocks: to.blocks, channels: to.c };
  return perRow(shaders.phasesOfImages, rows, {
    bindings: [images, y],
    uniforms: {
      channels: to.c,
      height: to.h,
      width: to.w,
      blocks: to.blocks,
      inHeight: from.h,
      inBlocks: from.blocks,
      stepY,
      stepX,
      top,
      left,
    },
  });
}
