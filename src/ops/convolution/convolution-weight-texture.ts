// The weight gradient that reads textures, for adapters whose lanes share their loads (lavapipe).

import { dispatch } from "../../graph/dispatch.js";
import { imageSizes, textureSize } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/general.generated.js";
import { readsTextures, sharesLoads } from "../common/adapter.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type KernelGradientAttributes,
  LEAST_MULTIPLY_ADDS,
  multiplyAddsOf,
  sizeUniforms,
} from "./convolution-attributes.js";

/** Rows of dy per iteration. */
const ROWS = 2;

/** Sums that a lane keeps for each of its output channels. */
const MOST_SUMS = 49;

/** Weights of a lane and output channel, above which an iteration's code leaves the caches. */
const MOST_WEIGHTS = 48;

/**
 * Returns the input channels of an invocation: as many as have the fewest loads per weight, all
 * channels that are computed counting, also those past the last.
 */
function insOf({ taps, lines, groups, groupIn, lanes, vectors }: Reads): number {
  const most = Math.max(1, Math.min(groupIn, Math.floor(MOST_WEIGHTS / taps)));
  const cost = (ins: number) => {
    const loads = ROWS * vectors + lines * Math.ceil((ins * groups) / lanes);
    return Math.ceil(groupIn / ins) * (loads * LOAD + ins * taps * vectors * ROWS * 4);
  };
  const counts = Array.from({ length: most }, (_, i) => i + 1);
  return counts.reduce((best, count) => (cost(count) <= cost(best) ? count : best));
}

/** Multiply-adds that take as long as a load. */
const LOAD = 40;

/** What an iteration reads for one input channel, and by how many lanes. */
interface Reads {
  readonly taps: number;
  /** Rows of x, and groups of 4 pixels in a row. */
  readonly lines: number;
  readonly groups: number;
  readonly groupIn: number;
  readonly lanes: number;
  /** Output channels of a lane. */
  readonly vectors: number;
}

export const weightTextureKernel: Kernel<KernelGradientAttributes> = {
  name: "texture",
  rank(node, capabilities) {
    const { inputs, attributes } = node;
    const [x, dy] = inputs;
    const { kernel, stride, dilation, groups } = attributes;
    const isSpread = ([0, 1] as const).some((axis) => kernel[axis] > 1 && dilation[axis] > 1);
    const isWide = kernel[0] * kernel[1] > MOST_SUMS || Math.max(...stride) > 4;
    if (!sharesLoads(capabilities) || isSpread || isWide) return undefined;
    if (dy.shape[1] / groups < 4) return undefined; // most lanes would be idle
    if (multiplyAddsOf(x, dy, attributes, kernel) < LEAST_MULTIPLY_ADDS) return undefined;
    return readsTextures(inputs, capabilities) ? 0 : undefined;
  },
  tolerance: () => TOLERANCES.gradient,
  dispatches(node: Node<KernelGradientAttributes>, capabilities) {
    const { attributes } = node;
    const [x, dy] = node.inputs;
    const [dw] = node.outputs;
    const { kernel, stride, before, groups } = attributes;
    const { workgroupSize: lanes } = capabilities;
    const { batch, inWidth: _, outWidth: __, ...sizes } = sizeUniforms(x, dy, groups);
    const taps = kernel[0] * kernel[1];
    const vectors = sizes.groupOut > lanes && lanes === 8 ? 2 : 1;
    const leftGroups = Math.ceil(before[1] / 4);
    const shift = leftGroups * 4 - before[1];
    const ins = insOf({
      taps,
      lines: (ROWS - 1) * stride[0] + kernel[0],
      groups: Math.ceil((shift + 3 * stride[1] + kernel[1]) / 4),
      groupIn: sizes.groupIn,
      lanes,
      vectors,
    });
    const outTiles = groups * Math.ceil(sizes.groupOut / vectors / lanes);
    const inTiles = Math.ceil(sizes.groupIn / ins);
    const bands = Math.ceil(sizes.outHeight / ROWS);
    const invocations = outTiles * inTiles * lanes;
    const { splits, rowsPerSplit } = rowSplits(batch * bands, invocations, dw, capabilities);
    const { parts, biasParts, sum } = weightAndBiasSums(node, sizes.outChannels, splits, lanes);
    const first = dispatch(shaders.convolutionWeightGradientTexture, {
      constants: {
        HEIGHT: kernel[0],
        KERNEL: kernel[1],
        STRIDE_Y: stride[0],
        STRIDE: stride[1],
        SHIFT: shift,
        VECTORS: vectors,
        IN: ins,
        LANES: lanes,
      },
      bindings: [x, dy, parts, biasParts],
      uniforms: {
        ...sizes,
        inGroups: imageSizes(x).groups,
        inFold: textureSize(x).fold,
        outGroups: imageSizes(dy).groups,
        outFold: textureSize(dy).fold,
        top: before[0],
        leftGroups,
        bands,
        bandCount: batch * bands,
        bandsPerSplit: rowsPerSplit,
      },
      workgroups: [outTiles, inTiles, splits],
      multiplyAdds: multiplyAddsOf(x, dy, attributes, kernel),
    });
    return [first, ...sum];
  },
};
