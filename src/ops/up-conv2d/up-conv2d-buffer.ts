// The up-convolution kernels that read storage buffers, for every adapter.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { hasFewLanes } from "../common/adapter.js";
import { subgroupConstant, type Tile } from "../common/register-tiles.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";

/**
 * What an invocation keeps in registers: rows and output channels of the up-convolution, channels
 * of its input gradient, output and input channels of its weight gradient. If a load costs as much
 * as 30 multiply-adds (SwiftShader), larger tiles take a third less time.
 */
const USUAL_TILES = { rows: 1, outs: 4, gradientIns: 4, weightOuts: 2, weightIns: 4 };
const TILES: Readonly<Record<Tile["sums"], typeof USUAL_TILES>> = {
  128: USUAL_TILES,
  64: USUAL_TILES,
  32: { rows: 1, outs: 2, gradientIns: 4, weightOuts: 2, weightIns: 2 },
  16: { rows: 1, outs: 1, gradientIns: 2, weightOuts: 1, weightIns: 2 },
};
const LARGE_TILES = { rows: 2, outs: 8, gradientIns: 8, weightOuts: 4, weightIns: 8 };
const tilesFor = ({ sums }: Tile, capabilities: Capabilities) =>
  hasFewLanes(capabilities) ? LARGE_TILES : TILES[sums];

export function upConvolveFromBuffers(
  node: Node<undefined>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const { n, c, h, w, blocks, groups } = imageSizes(x);
  const out = imageSizes(y);
  const { rows, outs } = tilesFor(tile, capabilities);
  const { workgroupSize } = capabilities;
  const [gridX, gridY] = workgroupsFor(n * Math.ceil(h / rows) * groups, workgroupSize);
  return [
    dispatch(shaders.upConv2d, {
      constants: {
        ROWS: rows,
        OUT: outs,
        LANES: workgroupSize,
        BIAS: Number(bias !== undefined),
        ...subgroupConstant(tile, capabilities),
      },
      bindings: [x, weight, bias ?? ABSENT, y],
      uniforms: {
        batch: n,
        inChannels: c,
        inHeight: h,
        inWidth: w,
        inBlocks: blocks,
        outChannels: out.c,
        outBlocks: out.blocks,
      },
      workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
      multiplyAdds: n * h * w * c * out.c * 4,
    }),
  ];
}

export function inputGradientFromBuffers(
  { inputs: [dy, weight], outputs: [dx], mask }: Node<undefined>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const { n, c, h, w, blocks, groups } = imageSizes(dx);
  const out = imageSizes(dy);
  const { gradientIns: ins } = tilesFor(tile, capabilities);
  const { workgroupSize } = capabilities;
  const [gridX, gridY] = workgroupsFor(n * h * groups, workgroupSize);
  return [
    dispatch(shaders.upConv2dInputGradient, {
      constants: {
        IN: ins,
        LANES: workgroupSize,
        MASK: Number(mask !== undefined),
        ...subgroupConstant(tile, capabilities),
      },
      bindings: [dy, weight, mask ?? ABSENT, dx],
      uniforms: {
        batch: n,
        inChannels: c,
        inHeight: h,
        inWidth: w,
        inBlocks: blocks,
        outChannels: out.c,
        outBlocks: out.blocks,
      },
      workgroups: [gridX, gridY, Math.ceil(c / ins)],
      multiplyAdds: n * h * w * c * out.c * 4,
    }),
  ];
}

/** Computes partial sums over ranges of rows, then their sum. */
export function weightGradientFromBuffers(
  node: Node,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const { n, c, h, w, blocks } = imageSizes(x);
  const out = imageSizes(dy);
  const { workgroupSize } = capabilities;
  const { weightOuts: outs, weightIns: ins } = tilesFor(tile, capabilities);
  const tiles = Math.ceil(out.c / outs) * Math.ceil(c / ins);
  const { splits, rowsPerSplit } = rowSplits(n * h, tiles, node.outputs[0], capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, workgroupSize);
  const first = dispatch(shaders.upConv2dWeightGradient, {
    constants: {
      OUT: outs,
      IN: ins,
      LANES: workgroupSize,
      ...subgroupConstant(tile, capabilities),
    },
    bindings: [x, dy, parts, biasParts],
    uniforms: {
      inChannels: c,
      inRows: n * h,
      inWidth: w,
      inBlocks: blocks,
      outChannels: out.c,
      outBlocks: out.blocks,
      rowsPerSplit,
    },
    workgroups: [Math.ceil(tiles / workgroupSize), splits, 1],
    multiplyAdds: n * h * w * c * out.c * 4,
  });
  return [first, ...sum];
}
