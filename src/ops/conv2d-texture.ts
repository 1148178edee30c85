// The kernels of conv2d that read textures: 3x3, for adapters on which a load from a texture is
// cheaper than one from a buffer and subgroups have 8 lanes (lavapipe).

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { imageSizes, ROW_TEXELS, textureSize } from "../graph/order.js";
import {
  type Capabilities,
  elementCount,
  type Node,
  scratch,
  scratchTexture,
  type Tensor,
} from "../graph/tensor.js";
import { ABSENT } from "./absent.js";
import type { ConvolutionAttributes, WeightGradientAttributes } from "./conv2d.js";
import { packWeight } from "./conv2d-buffer.js";
import { rowSplits, sumSplits } from "./splits.js";

/** Lanes of a workgroup, one subgroup: the kernels are written for it. */
const LANES = 8;
/** Output rows of an invocation. */
const ROWS = 2;

/** Whether the kernels of this file run on an adapter, and the images fit into its textures. */
export function readsTextures(images: readonly Tensor[], capabilities: Capabilities): boolean {
  const { kind, lanes, subgroups, textureSide } = capabilities;
  if (kind !== "cpu" || lanes !== LANES || !subgroups) return false;
  return images.every((image) => {
    const { width, height } = textureSize(image);
    return width <= textureSide && height <= textureSide;
  });
}

/** Packs the weight and convolves. */
export function convolveFromTextures(node: Node<ConvolutionAttributes>): Dispatch[] {
  const [x, , bias] = node.inputs;
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(y);
  const outs = out.c > 8 ? 16 : 8;
  const outBlocks = Math.ceil(out.c / outs);
  // A lane loads whole texels: 9 * outs floats, rounded up to 8 lanes x 4 floats.
  const blockTexels = Math.ceil((9 * outs) / 32) * 8;
  const rowTexels = Math.ceil((outBlocks * blockTexels) / ROW_TEXELS) * ROW_TEXELS;
  const packed = scratchTexture(`${node.name}: packed weight`, into.c, rowTexels);
  const layout = { outs, blockFloats: blockTexels * 4, channelFloats: rowTexels * 4 };
  const [gridX, gridY] = workgroupsFor(out.n * Math.ceil(out.h / ROWS) * out.groups, LANES);
  const convolve: Dispatch = {
    shader: "conv2d-texture",
    constants: {
      BORDER: border,
      OUT: outs,
      BIAS: Number(bias !== undefined),
      RELU: Number(activation === "relu"),
    },
    bindings: [x, packed, bias ?? ABSENT, y],
    record: {
      batch: into.n,
      inChannels: into.c,
      inHeight: into.h,
      inBlocks: into.blocks,
      inGroups: into.groups,
      inFold: textureSize(x).fold,
      outChannels: out.c,
      outHeight: out.h,
      outWidth: out.w,
      outBlocks: out.blocks,
    },
    workgroups: [gridX, gridY, outBlocks],
    multiplyAdds: out.n * out.c * out.h * out.w * into.c * 9,
  };
  return [packWeight(node, packed, layout, LANES), convolve];
}

/** Tile of conv2d-weight-gradient-texture: output channels, input channels and rows of a trip. */
const GRADIENT_TILE = { outs: 16, ins: 4, rows: 2 };

/** Partial sums over ranges of rows, then their sum. */
export function weightGradientFromTextures(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const [dw] = node.outputs;
  const into = imageSizes(x);
  const out = imageSizes(dy);
  const { outs, ins, rows } = GRADIENT_TILE;
  const tiles = [Math.ceil(out.c / outs), Math.ceil(into.c / ins)];
  const bands = Math.ceil(out.h / rows);
  const bandCount = out.n * bands;
  const invocations = tiles[0] * tiles[1] * LANES;
  const { splits, rowsPerSplit } = rowSplits(bandCount, invocations, dw, capabilities);
  const parts =
    splits === 1 ? dw : scratch(`${node.name}: splits`, splits * elementCount(dw.shape));
  const first: Dispatch = {
    shader: "conv2d-weight-gradient-texture",
    constants: { BORDER: node.attributes.border },
    bindings: [x, dy, parts],
    record: {
      inChannels: into.c,
      inHeight: into.h,
      inBlocks: into.blocks,
      inGroups: into.groups,
      inFold: textureSize(x).fold,
      outChannels: out.c,
      outHeight: out.h,
      outBlocks: out.blocks,
      outGroups: out.groups,
      outFold: textureSize(dy).fold,
      bands,
      bandCount,
      bandsPerSplit: rowsPerSplit,
    },
    workgroups: [tiles[0], tiles[1], splits],
    multiplyAdds: out.n * out.c * out.h * out.w * into.c * 9,
  };
  return splits === 1 ? [first] : [first, sumSplits(parts, dw, splits, LANES)];
}
