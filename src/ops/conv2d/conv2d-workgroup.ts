// The conv2d kernels for GPUs: implicit matrix products in workgroup memory, 3x3. They read a skip
// in place.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import { scratch } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { inTiles, subgroupConstant, type Tile } from "../common/register-tiles.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  gradientTolerance,
  inputSizes,
  mayMask,
  multiplyAddsOf,
  toleranceOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { repackWeight } from "./conv2d-buffer.js";
import { gradientLayerOf, halfRank, layerOf, workgroupRank } from "./conv2d-ranks.js";

/** Input channels per iteration. */
const DEPTH = 4;
/** The same with factors of 16 bits: as much workgroup memory, half as many barriers. */
const HALF_DEPTH = 8;

/** The smallest number of strips of pixels per workgroup. */
const LEAST_PLACES = 16;

/** The largest number of invocations per workgroup: more wait longer at barriers. */
const MOST_INVOCATIONS = 256;

/**
 * Returns the output channels of a workgroup that has `each` invocations per `channels` of them: no
 * more than the layer has, so that no lane idles, and no more than the adapter can run.
 */
function outsOf(outChannels: number, channels: number, each: number, { gpu }: Capabilities) {
  const most = Math.min(gpu?.invocations ?? MOST_INVOCATIONS, MOST_INVOCATIONS);
  const isEnough = (outs: number) => outs >= outChannels || outs * 2 * each > most * channels;
  return [16, 32].find(isEnough) ?? 64;
}

/** Returns the lanes of the subgroups in which a kernel runs, as far as known. */
const lanesOf = ({ narrow }: Tile, { gpu }: Capabilities) =>
  narrow ? (gpu?.narrow ?? 0) : (gpu?.lanes ?? 0);

export const workgroupKernels = inTiles<ConvolutionAttributes>("workgroup", (tile) => ({
  rank: (node, capabilities) => workgroupRank(layerOf(node), tile, capabilities),
  tolerance: toleranceOf(TOLERANCES.direct),
  fusesReluMask: true,
  dispatches: (node, capabilities) => convolveInWorkgroups(node, capabilities, tile, false),
}));

/** The same with pixels and weights of 16 bits. */
export const halfWorkgroupKernels = inTiles<ConvolutionAttributes>("workgroup-f16", (tile) => ({
  rank: (node, capabilities) => halfRank(layerOf(node), tile, capabilities),
  hasHalfFactors: true,
  tolerance: () => TOLERANCES.f16,
  fusesReluMask: true,
  dispatches: (node, capabilities) => convolveInWorkgroups(node, capabilities, tile, true),
}));

export const workgroupGradientKernels = inTiles<WeightGradientAttributes>("workgroup", (tile) => ({
  rank: (node, capabilities) => workgroupRank(gradientLayerOf(node), tile, capabilities),
  tolerance: gradientTolerance,
  dispatches: (node, capabilities) => weightGradientInWorkgroups(node, capabilities, tile),
}));

/** Packs the weight and convolves. */
function convolveInWorkgroups(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
  tile: Tile,
  isHalf: boolean,
): Dispatch[] {
  const { x, bias, skip } = convolutionInputs(node);
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const { n, h, w } = imageSizes(x);
  const out = imageSizes(y);
  const channels = tile.sums > 32 ? 8 : 4;
  const strip = tile.sums > 16 ? 2 : 1;
  const outs = outsOf(out.c, channels, LEAST_PLACES, capabilities);
  const places = Math.max(LEAST_PLACES, (lanesOf(tile, capabilities) * channels) / outs);
  const blocks = Math.ceil(out.c / outs);
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  const channelFloats = 9 * outs;
  const blockFloats = inChannels * channelFloats;
  const packed = scratch(`${node.name}: packed weight`, blocks * blockFloats);
  const columns = columnsFor(out.w, out.h, strip, places);
  const across = Math.ceil(out.w / (columns * strip * 4));
  const down = Math.ceil(out.h / (places / columns));
  const [gridX, gridY] = workgroupsFor(n * across * down, 1);
  return [
    repackWeight(node, packed, { outs, blockFloats, channelFloats }, capabilities.workgroupSize),
    dispatch(shaders.conv2dWorkgroup, {
      constants: {
        BORDER: border,
        OUT: outs,
        CHANNELS: channels,
        STRIP: strip,
        PLACES: places,
        COLUMNS: columns,
        DEPTH: Math.min(isHalf ? HALF_DEPTH : DEPTH, inChannels),
        F16: Number(isHalf),
        ...subgroupConstant(tile, capabilities),
        BIAS: Number(bias !== undefined),
        RELU: Number(activation === "relu"),
        MASK: Number(mayMask(node)),
      },
      bindings: [x, skip ?? ABSENT, packed, bias ?? ABSENT, node.mask ?? ABSENT, y],
      uniforms: {
        batch: n,
        ...inputSizes(x, skip),
        outChannels: out.c,
        outHeight: out.h,
        outWidth: out.w,
        outBlocks: out.blocks,
        masks: Number(node.mask !== undefined),
        gridWidth: gridX,
      },
      workgroups: [gridX, gridY, blocks],
      multiplyAdds: multiplyAddsOf([n, inChannels, h, w], y.shape, border, 3),
    }),
  ];
}

/**
 * Returns how many strips of `strip` x 4 pixels a row of a workgroup has, so that the fewest
 * workgroups of `places` strips cover an image.
 */
function columnsFor(width: number, height: number, strip: number, places: number): number {
  const count = (columns: number) =>
    Math.ceil(width / (columns * strip * 4)) * Math.ceil(height / (places / columns));
  const shapes = [8, 4, 2, 1].filter((columns) => columns * columns <= places * 2);
  return shapes.reduce((best, columns) => (count(columns) < count(best) ? columns : best));
}

/** How the invocations and workgroups of a weight gradient divide the work. */
interface GradientShape {
  /** Output channels and kernel rows whose sums an invocation keeps: 72, 36 or 12 sums. */
  readonly channels: number;
  readonly taps: number;
  /** Groups of four pixels of dy per iteration. */
  readonly step: number;
  /** Output and input channels per workgroup. */
  readonly outs: number;
  readonly ins: number;
}

const GRADIENT_TILES = [
  { sums: 64, channels: 8, taps: 3, step: 1 },
  { sums: 32, channels: 4, taps: 3, step: 2 },
  { sums: 16, channels: 4, taps: 1, step: 1 },
] as const;

/** Returns the shape for a tile, or a smaller one if the workgroup would not fill a subgroup. */
function gradientShape(
  outChannels: number,
  inChannels: number,
  tile: Tile,
  capabilities: Capabilities,
): GradientShape {
  const ins = inChannels > 8 ? 16 : 8;
  const shapes = GRADIENT_TILES.filter(({ sums }) => sums <= tile.sums).map(
    ({ channels, taps, step }) => {
      const each = (ins * 3) / taps;
      const outs = outsOf(outChannels, channels, each, capabilities);
      return { channels, taps, step, outs, ins, invocations: (outs / channels) * each };
    },
  );
  const lanes = lanesOf(tile, capabilities);
  return shapes.find(({ invocations }) => invocations >= lanes) ?? shapes[shapes.length - 1];
}

/** Computes partial sums over ranges of rows, then their sum. */
function weightGradientInWorkgroups(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const [x, dy, skip] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const out = imageSizes(dy);
  const inChannels = dw.shape[1];
  const shape = gradientShape(out.c, inChannels, tile, capabilities);
  const { channels, taps, step, outs, ins } = shape;
  const tiles = Math.ceil(out.c / outs) * Math.ceil(inChannels / ins);
  const { workgroupSize } = capabilities;
  const { splits, rowsPerSplit } = rowSplits(
    out.n * out.h,
    tiles * workgroupSize,
    dw,
    capabilities,
  );
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, workgroupSize);
  const products = dispatch(shaders.conv2dWeightGradientWorkgroup, {
    constants: {
      BORDER: border,
      OUT: outs,
      IN: ins,
      CHANNELS: channels,
      TAPS: taps,
      STEP: step,
      ...subgroupConstant(tile, capabilities),
    },
    bindings: [x, skip ?? ABSENT, dy, parts, biasParts],
    uniforms: {
      batch: out.n,
      ...inputSizes(x, skip),
      outChannels: out.c,
      outHeight: out.h,
      outBlocks: out.blocks,
      outGroups: out.groups,
      rowsPerSplit,
    },
    workgroups: [tiles, splits, 1],
    multiplyAdds: multiplyAddsOf([out.n, inChannels, x.shape[2], x.shape[3]], dy.shape, border, 3),
  });
  return [products, ...sum];
}
