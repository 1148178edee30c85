// The kernels of conv2d that read storage buffers where a workgroup is a subgroup of 8 or 16 lanes: 3x3,
// for tensors that no texture holds. The lanes share their loads, as in conv2d-texture.ts.

import type { Dispatch } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Capabilities, Node } from "../../graph/tensor.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { packAndConvolve } from "./conv2d-buffer.js";
import { gradientTile } from "./conv2d-texture.js";

/** Packs the weight and convolves. */
export function convolveShared(
  node: Node<ConvolutionAttributes>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  return packAndConvolve(node, {
    shader: "conv2d-shared",
    constants: { LANES: workgroupSize },
    rows: 4,
    outs: 8,
    lanes: workgroupSize,
    channelFloats: Math.ceil((9 * 8) / 4 / workgroupSize) * workgroupSize * 4, // whole loads of all lanes
  });
}

/** Rows of dy of a trip. */
const GRADIENT_ROWS = 2;

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
  const { workgroupSize } = capabilities;
  const { outs, ins, constants } = gradientTile(workgroupSize);
  const bands = Math.ceil(out.h / GRADIENT_ROWS);
  const bandCount = out.n * bands;
  const tiles = [Math.ceil(out.c / outs), Math.ceil(into.c / ins)];
  const invocations = tiles[0] * tiles[1] * workgroupSize;
  const { splits, rowsPerSplit } = rowSplits(bandCount, invocations, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, workgroupSize);
  const first: Dispatch = {
    shader: "conv2d-weight-gradient-shared",
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
  };
  return [first, ...sum];
}
