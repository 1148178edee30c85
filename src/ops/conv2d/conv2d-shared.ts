// The conv2d kernels that read storage buffers if a workgroup is a subgroup of 8 or 16 lanes: 3x3,
// for tensors that exceed a texture. The lanes share their loads, as in conv2d-texture.ts.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { sharesLoads } from "../common/adapter.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  gradientTolerance,
  multiplyAddsOf,
  toleranceOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { packAndConvolve } from "./conv2d-buffer.js";
import { layerOf, textureRank } from "./conv2d-ranks.js";
import { concatenated, gradientConcatenated } from "./conv2d-skip.js";
import { gradientTile, readsGradientTextures, textureKernel } from "./conv2d-texture.js";
import { textureWinogradKernel } from "./conv2d-texture-winograd.js";

/** Chosen where the kernels that read textures would be if a texture could hold the tensors. */
export const sharedKernel: Kernel<ConvolutionAttributes> = {
  name: "buffer-shared",
  rank(node, capabilities) {
    if (layerOf(node).kernel !== 3 || !sharesLoads(capabilities)) return undefined;
    const isFitting = [textureKernel, textureWinogradKernel].some(
      (kernel) => kernel.rank?.(node, capabilities) !== undefined,
    );
    return isFitting ? undefined : textureRank(0, capabilities);
  },
  tolerance: toleranceOf(TOLERANCES.direct),
  fusesReluMask: true,
  dispatches: (node, capabilities) =>
    concatenated(node, (whole) => convolveShared(whole, capabilities)),
};

export const sharedGradientKernel: Kernel<WeightGradientAttributes> = {
  name: "buffer-shared",
  rank(node, capabilities) {
    if (node.attributes.kernel !== 3 || !sharesLoads(capabilities)) return undefined;
    return readsGradientTextures(node, capabilities) ? undefined : textureRank(0, capabilities);
  },
  tolerance: gradientTolerance,
  dispatches: (node, capabilities) =>
    gradientConcatenated(node, (whole) => weightGradientShared(whole, capabilities)),
};

/** Packs the weight and convolves. */
function convolveShared(
  node: Node<ConvolutionAttributes>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  return packAndConvolve(node, {
    shader: shaders.conv2dShared,
    constants: { LANES: workgroupSize },
    rows: 4,
    outs: 8,
    lanes: workgroupSize,
    channelFloats: Math.ceil((9 * 8) / 4 / workgroupSize) * workgroupSize * 4, // whole loads only
  });
}

/** Rows of dy per iteration. */
const GRADIENT_ROWS = 2;

/** Computes partial sums over ranges of rows, then their sum. */
function weightGradientShared(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(dy);
  const { workgroupSize } = capabilities;
  const { outs, ins, constants } = gradientTile(workgroupSize);
  const bands = Math.ceil(out.h / GRADIENT_ROWS);
  const bandCount = out.n * bands;
  const tiles = [Math.ceil(out.c / outs), Math.ceil(into.c / ins)];
  const invocations = tiles[0] * tiles[1] * workgroupSize;
  const { splits, rowsPerSplit } = rowSplits(bandCount, invocations, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, workgroupSize);
  const first = dispatch(shaders.conv2dWeightGradientShared, {
    constants: { BORDER: border, ...constants },
    bindings: [x, dy, parts, biasParts],
    uniforms: {
      inChannels: into.c,
      inHeight: into.h,
      inBlocks: into.blocks,
      inGroups: into.groups,
      outChannels: out.c,
      outHeight: out.h,
      outBlocks: out.blocks,
      outGroups: out.groups,
      bands,
      bandCount,
      bandsPerSplit: rowsPerSplit,
    },
    workgroups: [tiles[0], tiles[1], splits],
    multiplyAdds: multiplyAddsOf(x.shape, dy.shape, border, 3),
  });
  return [first, ...sum];
}
