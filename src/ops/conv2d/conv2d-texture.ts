// The kernels of conv2d that read textures: 3x3. Where a workgroup is a subgroup of 8 or 16 lanes
// (lavapipe), its lanes share their loads; elsewhere each loads by itself, by shaders of their own.

import { type Dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { centreRows, imageSizes, ROW_TEXELS, stacked, textureSize } from "../../graph/layout.js";
import { type Capabilities, type Node, scratchTexture, type Tensor } from "../../graph/tensor.js";
import { ABSENT } from "../common/absent.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { repackWeight } from "./conv2d-buffer.js";

/** Lanes of a subgroup on lavapipe: a vector of 256 bits, or, by LP_NATIVE_VECTOR_WIDTH, of 512. */
const SHARING_LANES: readonly number[] = [8, 16];

/** Whether a workgroup is a subgroup of so many lanes, so that they can share what they load. */
export const sharesLoads = ({ workgroupSize, subgroups }: Capabilities, sizes = SHARING_LANES) =>
  subgroups && sizes.includes(workgroupSize);

/**
 * Whether the kernels of this file are offered on an adapter, and the images fit into its textures.
 * SwiftShader, of 4 lanes, loads from a texture no faster than from a buffer.
 */
export function readsTextures(images: readonly Tensor[], capabilities: Capabilities): boolean {
  const { workgroupSize, textureSide } = capabilities;
  if (workgroupSize < SHARING_LANES[0]) return false;
  return images.every((image) => {
    const { width, height } = textureSize(image);
    return width <= textureSide && height <= textureSide;
  });
}

/** Output rows and channels of an invocation, and what tells its shader so. */
export function textureTile(capabilities: Capabilities, outChannels: number) {
  const { workgroupSize } = capabilities;
  if (sharesLoads(capabilities)) {
    const outs = outChannels > 8 ? 16 : 8;
    return {
      rows: 2,
      outs,
      constants: { OUT: outs, LANES: workgroupSize } as Record<string, number>,
    };
  }
  const rows = workgroupSize > SHARING_LANES[0] ? 2 : 4; // a GPU has fewer registers a lane
  return { rows, outs: 8, constants: { ROWS: rows, OUT: 8, LANES: workgroupSize } };
}

/** Packs the weight and convolves. */
export function convolveFromTextures(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const { x, bias } = convolutionInputs(node);
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(y);
  const { workgroupSize } = capabilities;
  const { rows, outs, constants } = textureTile(capabilities, out.c);
  const outBlocks = Math.ceil(out.c / outs);
  // 9 * outs floats, rounded up to whole texels of all lanes that share them.
  const sharing = sharesLoads(capabilities) ? workgroupSize : 8;
  const blockTexels = Math.ceil((9 * outs) / 4 / sharing) * sharing;
  const rowTexels = Math.ceil((outBlocks * blockTexels) / ROW_TEXELS) * ROW_TEXELS;
  const packed = scratchTexture(`${node.name}: packed weight`, into.c, rowTexels);
  const layout = { outs, blockFloats: blockTexels * 4, channelFloats: rowTexels * 4 };
  const [gridX, gridY] = workgroupsFor(out.n * Math.ceil(out.h / rows) * out.groups, workgroupSize);
  const convolve: Dispatch = {
    shader: sharesLoads(capabilities) ? "conv2d-texture" : "conv2d-texture-alone",
    constants: {
      ...constants,
      BORDER: border,
      BIAS: Number(bias !== undefined),
      RELU: Number(activation === "relu"),
    },
    bindings: [x, packed, bias ?? ABSENT, y],
    uniforms: {
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
  return [repackWeight(node, packed, layout, workgroupSize), convolve];
}

/** Output and input channels of a subgroup in the kernels of a weight gradient that share loads. */
export function gradientTile(lanes: number) {
  const [vectors, ins] = lanes === 8 ? [2, 4] : [1, 8];
  return { outs: vectors * lanes, ins, constants: { VECTORS: vectors, IN: ins, LANES: lanes } };
}

/** Their shaders and the rows of dy of a trip, direct and by Winograd F(3,4) along the rows. */
const GRADIENTS = {
  texture: ["conv2d-weight-gradient-texture", 2],
  "texture-winograd": ["conv2d-weight-gradient-texture-winograd", 4],
} as const;
/** Tile of an invocation that loads alone. */
const aloneGradientTile = (lanes: number) => ({ outs: 4, ins: 2, constants: { LANES: lanes } });

/** Partial sums over ranges of rows, for the skip's channels and those of x, then their sum. */
export function weightGradientFromTextures(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  kernel: "texture" | "texture-winograd",
): Dispatch[] {
  const [x, dy, skip] = node.inputs;
  const [dw] = node.outputs;
  const [outs, ins] = dw.shape;
  const { workgroupSize } = capabilities;
  const shared = sharesLoads(capabilities);
  const [shader, rows] = shared ? GRADIENTS[kernel] : ["conv2d-weight-gradient-texture-alone", 1];
  const bands = Math.ceil(dy.shape[2] / rows) * dy.shape[0];
  const tile = shared ? gradientTile(workgroupSize) : aloneGradientTile(workgroupSize);
  const tilesOf = (channels: number) =>
    Math.ceil(outs / tile.outs) * Math.ceil(channels / tile.ins);
  const invocations = tilesOf(ins) * (shared ? workgroupSize : 1);
  const { splits, rowsPerSplit } = rowSplits(bands, invocations, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, outs, splits, workgroupSize);
  const { border } = node.attributes;
  const out = imageSizes(dy);
  const partial = (from: Tensor, firstChannel: number, sumChannels: boolean): Dispatch => {
    const into = imageSizes(from);
    const centre = from === skip ? centreRows(skip, x.shape[2]) : undefined;
    const pixels = centre ? stacked(`${node.name}: skip`, centre.rows) : from;
    return {
      shader,
      constants: { BORDER: border, ...tile.constants },
      bindings: [pixels, dy, parts, biasParts],
      uniforms: {
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
      workgroups: shared
        ? [Math.ceil(out.c / tile.outs), Math.ceil(into.c / tile.ins), splits]
        : [Math.ceil(tilesOf(into.c) / workgroupSize), splits, 1],
      multiplyAdds: multiplyAddsOf([into.n, into.c, x.shape[2], x.shape[3]], dy.shape, border, 3),
    };
  };
  return [
    ...(skip ? [partial(skip, 0, false)] : []),
    partial(x, skip?.shape[1] ?? 0, true),
    ...sum,
  ];
}
