// The kernels of conv2d that read textures: 3x3, for adapters on which a load from a texture is
// cheaper than one from a buffer and subgroups have 8 lanes (lavapipe).

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { centreRows, imageSizes, joined, ROW_TEXELS, textureSize } from "../graph/order.js";
import { type Capabilities, type Node, scratchTexture, type Tensor } from "../graph/tensor.js";
import { ABSENT } from "./absent.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { packWeight } from "./conv2d-buffer.js";
import { rowSplits, weightAndBiasSums } from "./splits.js";

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
  const { x, bias } = convolutionInputs(node);
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
    multiplyAdds: multiplyAddsOf(x.shape, y.shape, border, 3),
  };
  return [packWeight(node, packed, layout, LANES), convolve];
}

/** Tile of the two kernels, direct and by Winograd F(3,4) along the rows: output and input channels. */
const GRADIENT_TILE = { outs: 16, ins: 4 };
/** Rows of dy of a trip of each. */
const GRADIENT_ROWS = { texture: 2, "texture-winograd": 4 };

/** Partial sums over ranges of rows, for the skip's channels and those of x, then their sum. */
export function weightGradientFromTextures(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  kernel: "texture" | "texture-winograd",
): Dispatch[] {
  const [x, dy, skip] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const [outs, ins] = dw.shape;
  const rows = GRADIENT_ROWS[kernel];
  const bands = Math.ceil(dy.shape[2] / rows) * dy.shape[0];
  const tiles = Math.ceil(outs / GRADIENT_TILE.outs) * Math.ceil(ins / GRADIENT_TILE.ins);
  const { splits, rowsPerSplit } = rowSplits(bands, tiles * LANES, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, outs, splits, LANES);
  const partial = (from: Tensor, firstChannel: number, sumChannels: boolean): Dispatch => {
    const into = imageSizes(from);
    const out = imageSizes(dy);
    const centre = from === skip ? centreRows(skip, x.shape[2]) : undefined;
    const pixels = centre ? joined(`${node.name}: skip`, centre.rows) : from;
    return {
      shader:
        kernel === "texture"
          ? "conv2d-weight-gradient-texture"
          : "conv2d-weight-gradient-texture-winograd",
      constants: { BORDER: border },
      bindings: [pixels, dy, parts, biasParts],
      record: {
        inChannels: into.c,
        inHeight: centre?.height ?? into.h,
        inBlocks: into.blocks,
        inGroups: into.groups,
        inFold: textureSize(from).fold,
        top: centre?.top ?? 0,
        left: ((into.w - x.shape[3]) >> 1) / 4,
        weightChannels: ins,
        firstChannel,
        sumChannels: Number(sumChannels),
        outChannels: out.c,
        outHeight: out.h,
        outBlocks: out.blocks,
        outGroups: out.groups,
        outFold: textureSize(dy).fold,
        bands: Math.ceil(out.h / rows),
        bandCount: bands,
        bandsPerSplit: rowsPerSplit,
      },
      workgroups: [
        Math.ceil(out.c / GRADIENT_TILE.outs),
        Math.ceil(into.c / GRADIENT_TILE.ins),
        splits,
      ],
      multiplyAdds: multiplyAddsOf([into.n, into.c, x.shape[2], x.shape[3]], dy.shape, border, 3),
    };
  };
  return [
    ...(skip ? [partial(skip, 0, false)] : []),
    partial(x, skip?.shape[1] ?? 0, true),
    ...sum,
  ];
}
