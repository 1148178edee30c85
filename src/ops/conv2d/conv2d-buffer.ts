// The conv2d kernels that read storage buffers, for every adapter and every kernel size.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, type SomeOf, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import { scratch, type Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { hasFewLanes } from "../common/adapter.js";
import { inTiles, isPlain, subgroupConstant, type Tile } from "../common/register-tiles.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  gradientTolerance,
  mayMask,
  multiplyAddsOf,
  toleranceOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { bufferRank, gradientLayerOf, layerOf } from "./conv2d-ranks.js";
import { concatenated, gradientConcatenated } from "./conv2d-skip.js";

export const bufferKernels = inTiles<ConvolutionAttributes>("buffer", (tile) => ({
  rank: (node, capabilities) => bufferRank(layerOf(node), tile, capabilities),
  isReference: isPlain(tile),
  tolerance: toleranceOf(TOLERANCES.direct),
  fusesReluMask: true,
  dispatches: (node, capabilities) =>
    concatenated(node, (whole) => convolveFromBuffers(whole, capabilities, tile)),
}));

export const bufferGradientKernels = inTiles<WeightGradientAttributes>("buffer", (tile) => ({
  rank(node, capabilities) {
    // An invocation of a 1x1 kernel has eight sums.
    if (node.attributes.kernel === 1) return isPlain(tile) ? 0 : undefined;
    return bufferRank(gradientLayerOf(node), tile, capabilities);
  },
  isReference: isPlain(tile),
  tolerance: gradientTolerance,
  dispatches: (node, capabilities) =>
    gradientConcatenated(node, (whole) => weightGradientFromBuffers(whole, capabilities, tile)),
}));

/** Packs the weight and convolves. */
function convolveFromBuffers(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const [, weight] = node.inputs;
  const { workgroupSize } = capabilities;
  const { rows, outs } = registerTile(node, capabilities, tile);
  const side = weight.shape[2];
  return packAndConvolve(node, {
    shader: shaders.conv2d,
    constants: {
      KERNEL: side,
      ROWS: rows,
      OUT: outs,
      LANES: workgroupSize,
      ...subgroupConstant(tile, capabilities),
    },
    rows,
    outs,
    lanes: workgroupSize,
    channelFloats: side ** 2 * outs,
  });
}

/** The parameters of a kernel that reads buffers. */
export interface BufferKernel {
  readonly shader: typeof shaders.conv2d | typeof shaders.conv2dShared;
  readonly constants: SomeOf<"KERNEL" | "ROWS" | "OUT" | "LANES" | "SUBGROUP">;
  /** Output rows and channels per invocation. */
  readonly rows: number;
  readonly outs: number;
  /** Invocations per workgroup. */
  readonly lanes: number;
  /** Floats of the packed weights of `outs` output channels and one input channel. */
  readonly channelFloats: number;
}

export function packAndConvolve(
  node: Node<ConvolutionAttributes>,
  kernel: BufferKernel,
): Dispatch[] {
  const { lanes, outs, channelFloats } = kernel;
  const blockFloats = node.inputs[0].shape[1] * channelFloats;
  const floats = Math.ceil(node.outputs[0].shape[1] / outs) * blockFloats;
  const packed = scratch(`${node.name}: packed weight`, floats);
  return [
    repackWeight(node, packed, { outs, blockFloats, channelFloats }, lanes),
    convolve(node, packed, kernel),
  ];
}

/** How conv2d-pack-weight lays out a weight: blocks of `outs` output channels, in floats. */
export interface PackedLayout {
  readonly outs: number;
  readonly blockFloats: number;
  readonly channelFloats: number;
}

export function repackWeight(
  node: Node<ConvolutionAttributes>,
  packed: Tensor,
  { outs, blockFloats, channelFloats }: PackedLayout,
  lanes: number,
): Dispatch {
  const [, weight] = node.inputs;
  const outChannels = node.outputs[0].shape[1];
  const { transposed, first = 0 } = node.attributes;
  const inChannels = weight.shape[transposed ? 0 : 1];
  return dispatch(shaders.conv2dPackWeight, {
    constants: { KERNEL: weight.shape[2], OUT: outs, LANES: lanes },
    bindings: [weight, packed],
    uniforms: {
      outChannels,
      inChannels,
      weightChannels: weight.shape[1],
      isTransposed: Number(transposed),
      first,
      blockFloats,
      channelFloats,
    },
    workgroups: [Math.ceil((Math.ceil(outChannels / outs) * outs) / lanes), inChannels, 1],
  });
}

function convolve(
  node: Node<ConvolutionAttributes>,
  packed: Tensor,
  { shader, constants, rows, outs, lanes }: BufferKernel,
): Dispatch {
  const { x, weight, bias } = convolutionInputs(node);
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const { n, c, h, blocks, groups } = imageSizes(x);
  const out = imageSizes(y);
  const [gridX, gridY] = workgroupsFor(n * Math.ceil(out.h / rows) * out.groups, lanes);
  return dispatch(shader, {
    constants: {
      ...constants,
      BORDER: border,
      BIAS: Number(bias !== undefined),
      RELU: Number(activation === "relu"),
      MASK: Number(mayMask(node)),
    },
    bindings: [x, packed, bias ?? ABSENT, node.mask ?? ABSENT, y],
    uniforms: {
      batch: n,
      inChannels: c,
      inHeight: h,
      inBlocks: blocks,
      inGroups: groups,
      outChannels: out.c,
      outHeight: out.h,
      outWidth: out.w,
      outBlocks: out.blocks,
      masks: Number(node.mask !== undefined),
    },
    workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
    multiplyAdds: multiplyAddsOf(x.shape, y.shape, border, weight.shape[2]),
  });
}

/**
 * Whether loads are so much more expensive than multiply-adds (30 times on SwiftShader) that a
 * larger tile is worth its compilation time. Tiles twice as large as these gain another tenth but
 * take seconds to compile.
 */
const prefersLargeTiles = (kernel: number, capabilities: Capabilities) =>
  hasFewLanes(capabilities) && kernel === 3;

/**
 * Returns the output rows and channels that one invocation keeps in registers. Large kernels take
 * fewer, so that the unrolled loops stay short enough to compile quickly; so does 1x1 on a CPU,
 * where the stores are most of the code.
 */
function registerTile(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
  { sums }: Tile,
): { rows: number; outs: number } {
  const [inChannels, kernel] = [node.inputs[0].shape[1], node.inputs[1].shape[2]];
  const outChannels = node.outputs[0].shape[1];
  if (sums < 32) return { rows: 1, outs: 4 };
  if (sums < 64 || kernel > 3) return { rows: 2, outs: 4 };
  if (kernel === 1 && capabilities.kind === "cpu") return { rows: 2, outs: 4 };
  // A layer that reads an image stores more than it loads.
  if (inChannels > 4 && prefersLargeTiles(kernel, capabilities)) {
    return { rows: 6, outs: outChannels > 4 ? 8 : 4 };
  }
  return capabilities.kind === "cpu" ? { rows: 4, outs: 4 } : { rows: 2, outs: 8 };
}

/** Returns the output and input channels whose sums one invocation keeps in registers. */
function gradientTile(
  kernel: number,
  inChannels: number,
  capabilities: Capabilities,
  { sums }: Tile,
): { outs: number; ins: number } {
  if (kernel > 3) return { outs: sums < 64 ? 1 : 2, ins: 1 };
  if (sums < 64 && kernel === 3) return { outs: sums > 16 ? 4 : 1, ins: 1 };
  if (inChannels === 1) return { outs: 8, ins: 1 };
  return prefersLargeTiles(kernel, capabilities) ? { outs: 8, ins: 4 } : { outs: 4, ins: 2 };
}

/** Computes partial sums over ranges of rows, then their sum. */
function weightGradientFromBuffers(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const [dw] = node.outputs;
  const { border, kernel } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(dy);
  const lanes = capabilities.workgroupSize;
  const { outs, ins } = gradientTile(kernel, into.c, capabilities, tile);
  const tiles = Math.ceil(out.c / outs) * Math.ceil(into.c / ins);
  const { splits, rowsPerSplit } = rowSplits(out.n * out.h, tiles, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, lanes);
  const first = dispatch(shaders.conv2dWeightGradient, {
    constants: {
      KERNEL: kernel,
      BORDER: border,
      OUT: outs,
      IN: ins,
      LANES: lanes,
      ...subgroupConstant(tile, capabilities),
    },
    bindings: [x, dy, parts, biasParts],
    uniforms: {
      batch: into.n,
      inChannels: into.c,
      inHeight: into.h,
      inBlocks: into.blocks,
      inGroups: into.groups,
      outChannels: out.c,
      outHeight: out.h,
      outBlocks: out.blocks,
      outGroups: out.groups,
      rowsPerSplit,
    },
    workgroups: [Math.ceil(tiles / lanes), splits, 1],
    multiplyAdds: multiplyAddsOf(x.shape, dy.shape, border, kernel),
  });
  return [first, ...sum];
}
