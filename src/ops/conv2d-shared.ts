// The kernels of conv2d that read storage buffers where a workgroup of 8 lanes is a subgroup: 3x3, for
// tensors that no texture holds. The lanes share their loads by shuffles, as in conv2d-texture.ts.

import type { Dispatch } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import type { Capabilities, Node } from "../graph/tensor.js";
import {
  type ConvolutionAttributes,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { packAndConvolve } from "./conv2d-buffer.js";
import { SHARING_LANES } from "./conv2d-texture.js";
import { rowSplits, weightAndBiasSums } from "./splits.js";

/** Packs the weight and convolves. */
export function convolveShared(node: Node<ConvolutionAttributes>): Dispatch[] {
  return packAndConvolve(node, {
    shader: "conv2d-shared",
    rows: 4,
    outs: 8,
    lanes: SHARING_LANES,
    channelFloats: 96, // 9 * 8, rounded up to whole loads of 8 lanes
  });
}

/** Output and input channels of a subgroup, rows of dy of a trip. */
const GRADIENT_TILE = { outs: 16, ins: 4, rows: 2 };

/** Partial sums over ranges of rows, then their sum. */
export function weightGradientShared(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(dy);
  const bands = Math.ceil(out.h / GRADIENT_TILE.rows);
  const bandCount = out.n * bands;
  const tiles = [Math.ceil(out.c / GRADIENT_TILE.outs), Math.ceil(into.c / GRADIENT_TILE.ins)];
  const lanes = tiles[0] * tiles[1] * SHARING_LANES;
  const { splits, rowsPerSplit } = rowSplits(bandCount, lanes, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, SHARING_LANES);
  const first: Dispatch = {
    shader: "conv2d-weight-gradient-shared",
    constants: { BORDER: border },
    bindings: [x, dy, parts, biasParts],
    record: {
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
  };
  return [first, ...sum];
}
