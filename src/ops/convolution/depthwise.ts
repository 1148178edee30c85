// The kernels of depthwise convolutions, for every adapter: memory is the limit. The taps are
// written out, so that each pixel is loaded once.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, MAX_WORKGROUPS } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  epilogueUniforms,
  extent,
  type KernelGradientAttributes,
  LEAST_MULTIPLY_ADDS,
  multiplyAddsOf,
  type Taps,
} from "./convolution-attributes.js";

/** Output rows per invocation. */
const ROWS = 4;
/** Groups of pixels that an invocation loads at most: more do not fit its registers. */
const MOST_GROUPS = 64;

/** Whether the taps are few enough to be written out, and the layer is large enough to compile for. */
function isWorthwhile(x: Tensor, y: Tensor, taps: Taps, [height, width]: readonly number[]) {
  const { stride, dilation } = taps;
  const lines = (ROWS - 1) * stride[0] + extent(height, dilation[0]);
  const groups = Math.ceil((extent(width, dilation[1]) + 3 * stride[1] + 6) / 4);
  if (lines * groups > MOST_GROUPS) return false;
  return multiplyAddsOf(x, y, taps, [height, width]) >= LEAST_MULTIPLY_ADDS;
}

export const depthwiseKernel: Kernel<ConvolutionAttributes> = {
  name: "depthwise",
  rank({ inputs: [x, weight], outputs: [y], attributes }) {
    const isDepthwise = attributes.groups > 1 && weight.shape[1] === 1;
    if (!isDepthwise || !isWorthwhile(x, y, attributes, weight.shape.slice(2))) return undefined;
    return -1;
  },
  dispatches: (node) => convolve(node, node.attributes, false),
};

/** The input gradient with stride 1: a depthwise convolution with the taps in reverse. */
export const transposedDepthwiseKernel: Kernel<ConvolutionAttributes> = {
  name: "depthwise",
  rank({ inputs: [x, weight], outputs: [y], attributes }) {
    const { groups, stride } = attributes;
    const kernel = weight.shape.slice(2);
    const taps = reversed(attributes, kernel);
    const isDepthwise = groups > 1 && groups === x.shape[1] && groups === y.shape[1];
    if (!isDepthwise || Math.max(...stride) > 1) return undefined;
    if (Math.min(...taps.before) < 0 || !isWorthwhile(x, y, taps, kernel)) return undefined;
    return -1;
  },
  dispatches(node) {
    const [, weight] = node.inputs;
    return convolve(node, reversed(node.attributes, weight.shape.slice(2)), true);
  },
};

/** Returns the taps of the convolution that a transposed one with stride 1 is. */
const reversed = (taps: Taps, kernel: readonly number[]): Taps => ({
  ...taps,
  before: [
    (kernel[0] - 1) * taps.dilation[0] - taps.before[0],
    (kernel[1] - 1) * taps.dilation[1] - taps.before[1],
  ],
});

/** Constants of the taps, which both shaders have. */
function tapConstants({ stride, dilation, before }: Taps, [height, width]: readonly number[]) {
  return {
    HEIGHT: height,
    KERNEL: width,
    STRIDE_Y: stride[0],
    STRIDE: stride[1],
    DILATION_Y: dilation[0],
    DILATION: dilation[1],
    SHIFT: Math.ceil(before[1] / 4) * 4 - before[1],
  };
}

function convolve(node: Node<ConvolutionAttributes>, taps: Taps, isFlipped: boolean): Dispatch[] {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const from = imageSizes(x);
  const to = imageSizes(y);
  const kernel = weight.shape.slice(2);
  const bands = Math.ceil(to.h / ROWS);
  const all = to.n * bands;
  const dispatches: Dispatch[] = [];
  for (let firstBand = 0; firstBand < all; firstBand += MAX_WORKGROUPS) {
    const count = Math.min(MAX_WORKGROUPS, all - firstBand);
    dispatches.push(
      dispatch(shaders.depthwise, {
        constants: { ...tapConstants(taps, kernel), ROWS, FLIP: Number(isFlipped) },
        bindings: [x, weight, bias ?? ABSENT, y],
        uniforms: {
          firstBand,
          bands,
          inChannels: from.c,
          inHeight: from.h,
          inBlocks: from.blocks,
          inGroups: from.groups,
          outChannels: to.c,
          outHeight: to.h,
          outWidth: to.w,
          outBlocks: to.blocks,
          multiplier: to.c / from.c,
          top: taps.before[0],
          leftGroups: Math.ceil(taps.before[1] / 4),
          ...epilogueUniforms(node),
        },
        workgroups: [Math.ceil((to.c * 8) / ELEMENTWISE_LANES), count, to.blocks],
        multiplyAdds: (multiplyAddsOf(x, y, taps, kernel) * count) / all,
      }),
    );
  }
  return dispatches;
}

/** Partial sums over ranges of rows, then their sum. */
export const depthwiseWeightKernel: Kernel<KernelGradientAttributes> = {
  name: "depthwise",
  rank({ inputs: [x, dy], attributes }) {
    const { groups, kernel } = attributes;
    const isDepthwise = groups > 1 && groups === x.shape[1];
    return isDepthwise && isWorthwhile(x, dy, attributes, kernel) ? -1 : undefined;
  },
  tolerance: () => TOLERANCES.gradient,
  dispatches(node: Node<KernelGradientAttributes>, capabilities: Capabilities) {
    const { attributes } = node;
    const [x, dy] = node.inputs;
    const { kernel, stride, dilation, before } = attributes;
    const from = imageSizes(x);
    const to = imageSizes(dy);
    const { workgroupSize } = capabilities;
    const rows = to.n * to.h;
    const { splits, rowsPerSplit } = rowSplits(rows, to.c, node.outputs[0], capabilities);
    const { parts, biasParts, sum } = weightAndBiasSums(node, to.c, splits, workgroupSize);
    const first = dispatch(shaders.depthwiseWeightGradient, {
      constants: {
        ...tapConstants(attributes, kernel),
        OVERLAP: Math.max(0, extent(kernel[0], dilation[0]) - stride[0]),
        LANES: workgroupSize,
      },
      bindings: [x, dy, parts, biasParts],
      uniforms: {
        inChannels: from.c,
        inHeight: from.h,
        inBlocks: from.blocks,
        inGroups: from.groups,
        outChannels: to.c,
        outHeight: to.h,
        outRows: rows,
        outBlocks: to.blocks,
        outGroups: to.groups,
        multiplier: to.c / from.c,
        top: before[0],
        leftGroups: Math.ceil(before[1] / 4),
        rowsPerSplit,
      },
      workgroups: [Math.ceil(to.c / workgroupSize), splits, 1],
      multiplyAdds: multiplyAddsOf(x, dy, attributes, kernel),
    });
    return [first, ...sum];
  },
};
