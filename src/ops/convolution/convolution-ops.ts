// Convolution and transposed convolution with strides, dilation and groups, and the gradient of
// their weights. The input gradient of each of the two is the other one, with the same weight; the
// weight gradient of both is the same op, with the two images swapped.

import { apply, type Op } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import { reluGradient } from "../elementwise/relu.js";
import { sum } from "../reduce/reduce.js";
import {
  type ConvolutionAttributes,
  expectConvolution,
  type KernelGradientAttributes,
  type Pair,
  rowsRead,
  rowsReadTransposed,
  tapsOf,
} from "./convolution-attributes.js";
import {
  convolveByGathering,
  transposedByGathering,
  weightGradientByGathering,
} from "./convolution-gather.js";
import { phasesKernel, transposedPhasesKernel, weightPhasesKernel } from "./convolution-phases.js";
import { textureKernel, transposedTextureKernel } from "./convolution-texture.js";
import { weightTextureKernel } from "./convolution-weight-texture.js";
import { depthwiseKernel, depthwiseWeightKernel, transposedDepthwiseKernel } from "./depthwise.js";

/** Longer sums than those of a forward pass, of values that are already rounded. */
const gradientTolerance = () => TOLERANCES.gradient;

/**
 * Inputs x [N,I,H,W], weight [O,I/groups,KH,KW] and optionally bias [O]; output [N,O,...size].
 */
export const convolutionOp: Op<ConvolutionAttributes> = {
  name: "convolution",
  outputs(inputs, { groups, size }) {
    expectConvolution("conv2d", { inputs, groups, outs: "first" });
    const [x, weight] = inputs;
    return [{ shape: [x.shape[0], weight.shape[0], ...size], layout: "image" }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [x, weight] = node.inputs;
    const { attributes, name } = node;
    const d = beforeActivation(node.outputs[0], dy, attributes, name);
    const back = { ...attributes, size: sizeOf(x), activation: "none", bias: false } as const;
    const dx = apply(convolutionTransposeOp, [d, weight], back, `${name} gradient: input`)[0];
    const kernel = sizeOf(weight);
    const weights = { ...tapsOf(attributes), kernel, bias: attributes.bias };
    return [dx, ...apply(convolutionWeightGradientOp, [x, d], weights, `${name} gradient: weight`)];
  },
  isCostly: true,
  receptiveField: ({ inputs: [x, weight], attributes }, rows) => [
    [x, rowsRead(attributes, sizeOf(weight), rows)],
  ],
  words: ({ inputs: [, weight], attributes: { stride, dilation, groups } }) => {
    const about = [
      ...(Math.max(...stride) > 1 ? [`stride ${inWords(stride)}`] : []),
      ...(Math.max(...dilation) > 1 ? [`dilation ${inWords(dilation)}`] : []),
    ];
    const isDepthwise = groups > 1 && weight.shape[1] === 1;
    const kind = isDepthwise ? "depthwise convolution" : "convolution";
    if (groups > 1 && !isDepthwise) about.push(`${groups} groups`);
    return [kind, ...about].join(", ");
  },
  kernels: [
    depthwiseKernel,
    phasesKernel,
    textureKernel,
    { name: "gather", rank: () => 1, isReference: true, dispatches: convolveByGathering },
  ],
};

/**
 * Inputs x [N,I,H,W], weight [I,O/groups,KH,KW] and optionally bias [O]; output [N,O,...size].
 */
export const convolutionTransposeOp: Op<ConvolutionAttributes> = {
  name: "convolution-transpose",
  outputs(inputs, { groups, size }) {
    expectConvolution("convTranspose2d", { inputs, groups, outs: "second" });
    const [x, weight] = inputs;
    return [{ shape: [x.shape[0], weight.shape[1] * groups, ...size], layout: "image" }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [x, weight] = node.inputs;
    const { attributes, name } = node;
    const d = beforeActivation(node.outputs[0], dy, attributes, name);
    const taps = tapsOf(attributes);
    const back = { ...attributes, size: sizeOf(x), activation: "none", bias: false } as const;
    const weights = { ...taps, kernel: sizeOf(weight), bias: false };
    return [
      apply(convolutionOp, [d, weight], back, `${name} gradient: input`)[0],
      apply(convolutionWeightGradientOp, [d, x], weights, `${name} gradient: weight`)[0],
      ...(attributes.bias ? [sum(d, { axes: [0, 2, 3], name: `${name} gradient: bias` })] : []),
    ];
  },
  isCostly: true,
  receptiveField: ({ inputs: [x, weight], attributes }, rows) => [
    [x, rowsReadTransposed(attributes, sizeOf(weight), rows)],
  ],
  words: () => "up-convolution",
  kernels: [
    transposedDepthwiseKernel,
    transposedPhasesKernel,
    transposedTextureKernel,
    { name: "gather", rank: () => 1, isReference: true, dispatches: transposedByGathering },
  ],
};

/**
 * Inputs x [N,I,H,W] and dy [N,O,OH,OW]; outputs the gradient [O,I/groups,KH,KW] of the weight and
 * that of the bias [O], the sum of dy over images and pixels.
 */
export const convolutionWeightGradientOp: Op<KernelGradientAttributes> = {
  name: "convolution-weight-gradient",
  outputs([x, dy], { kernel, groups, bias }) {
    const [outs, ins] = [dy.shape[1], x.shape[1] / groups];
    return [
      { shape: [outs, ins, ...kernel], layout: "dense" },
      ...(bias ? [{ shape: [outs], layout: "dense" } as const] : []),
    ];
  },
  kernels: [
    depthwiseWeightKernel,
    weightPhasesKernel,
    weightTextureKernel,
    {
      name: "gather",
      rank: () => 1,
      isReference: true,
      tolerance: gradientTolerance,
      dispatches: weightGradientByGathering,
    },
  ],
};

const sizeOf = ({ shape }: Tensor) => shape.slice(2) as unknown as Pair;

const inWords = ([y, x]: Pair) => (y === x ? `${y}` : `${y} x ${x}`);

/** Returns the gradient of the sums that the activation is applied to. */
const beforeActivation = (
  y: Tensor,
  dy: Tensor,
  { activation }: ConvolutionAttributes,
  name: string,
) => (activation === "relu" ? reluGradient(y, dy, `${name} gradient: relu`) : dy);
