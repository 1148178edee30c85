// The kernels of the up-convolution that read storage buffers, for every adapter.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import type { Capabilities, Node } from "../graph/tensor.js";
import { ABSENT } from "./absent.js";
import { rowSplits, weightAndBiasSums } from "./splits.js";

/**
 * What an invocation keeps in registers: rows and output channels of the up-convolution, channels
 * of its input gradient, output and input channels of its weight gradient. Where a load costs 30
 * multiply-adds (SwiftShader) larger tiles take a third less time.
 */
const SMALL_TILES = { rows: 1, outs: 4, gradientIns: 4, weightOuts: 2, weightIns: 4 };
const LARGE_TILES = { rows: 2, outs: 8, gradientIns: 8, weightOuts: 4, weightIns: 8 };
const tilesFor = ({ kind, lanes }: Capabilities) =>
  kind === "cpu" && lanes < 8 ? LARGE_TILES : SMALL_TILES;

export function upConvolveFromBuffers(
  node: Node<undefined>,
  capabilities: Capabilities,
): Dispatch[] {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const { n, c, h, w, blocks, groups } = imageSizes(x);
  const out = imageSizes(y);
  const { rows, outs } = tilesFor(capabilities);
  const { lanes } = capabilities;
  const [gridX, gridY] = workgroupsFor(n * Math.ceil(h / rows) * groups, lanes);
  return [
    {
      shader: "up-conv2d",
      constants: { ROWS: rows, OUT: outs, LANES: lanes, BIAS: Number(bias !== undefined) },
      bindings: [x, weight, bias ?? ABSENT, y],
      record: {
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
    },
  ];
}

export function inputGradientFromBuffers(
  { inputs: [dy, weight], outputs: [dx], mask }: Node<undefined>,
  capabilities: Capabilities,
): Dispatch[] {
  const { n, c, h, w, blocks, groups } = imageSizes(dx);
  const out = imageSizes(dy);
  const { gradientIns: ins } = tilesFor(capabilities);
  const { lanes } = capabilities;
  const [gridX, gridY] = workgroupsFor(n * h * groups, lanes);
  return [
    {
      shader: "up-conv2d-input-gradient",
      constants: { IN: ins, LANES: lanes, MASK: Number(mask !== undefined) },
      bindings: [dy, weight, mask ?? ABSENT, dx],
      record: {
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
    },
  ];
}

/** Partial sums over ranges of rows, then their sum. */
export function weightGradientFromBuffers(node: Node, capabilities: Capabilities): Dispatch[] {
  const [x, dy] = node.inputs;
  const { n, c, h, w, blocks } = imageSizes(x);
  const out = imageSizes(dy);
  const { lanes } = capabilities;
  const { weightOuts: outs, weightIns: ins } = tilesFor(capabilities);
  const tiles = Math.ceil(out.c / outs) * Math.ceil(c / ins);
  const { splits, rowsPerSplit } = rowSplits(n * h, tiles, node.outputs[0], capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, lanes);
  const first: Dispatch = {
    shader: "up-conv2d-weight-gradient",
    constants: { OUT: outs, IN: ins, LANES: lanes },
    bindings: [x, dy, parts, biasParts],
    record: {
      inChannels: c,
      inRows: n * h,
      inWidth: w,
      inBlocks: blocks,
      outChannels: out.c,
      outBlocks: out.blocks,
      rowsPerSplit,
    },
    workgroups: [Math.ceil(tiles / lanes), splits, 1],
    multiplyAdds: n * h * w * c * out.c * 4,
  };
  return [first, ...sum];
}
