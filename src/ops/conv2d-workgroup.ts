// The kernels of conv2d for GPUs: implicit matrix products in workgroup memory, 3x3. They read a
// skip in place.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import { type Capabilities, type Node, scratch } from "../graph/tensor.js";
import { ABSENT } from "./absent.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  inputSizes,
  mayMask,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { packWeight } from "./conv2d-buffer.js";
import { rowSplits, weightAndBiasSums } from "./splits.js";

/** Input channels of a workgroup of the weight gradient. */
const GRADIENT_IN = 16;

/** Output channels of a workgroup: no more than there are, so that no lane idles. */
const outsOf = (channels: number) => (channels > 32 ? 64 : channels > 16 ? 32 : 16);

/** Packs the weight and convolves. */
export function convolveInWorkgroups(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const { x, bias, skip } = convolutionInputs(node);
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const { n, h, w } = imageSizes(x);
  const out = imageSizes(y);
  const outs = outsOf(out.c);
  const blocks = Math.ceil(out.c / outs);
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  const channelFloats = 9 * outs;
  const blockFloats = inChannels * channelFloats;
  const packed = scratch(`${node.name}: packed weight`, blocks * blockFloats);
  const columns = columnsFor(out.w, out.h);
  const across = Math.ceil(out.w / (columns * 8));
  const down = Math.ceil(out.h / (16 / columns));
  const [gridX, gridY] = workgroupsFor(n * across * down, 1);
  return [
    packWeight(node, packed, { outs, blockFloats, channelFloats }, capabilities.lanes),
    {
      shader: "conv2d-workgroup",
      constants: {
        BORDER: border,
        COLUMNS: columns,
        OUT: outs,
        BIAS: Number(bias !== undefined),
        RELU: Number(activation === "relu"),
        MASK: Number(mayMask(node)),
      },
      bindings: [x, skip ?? ABSENT, packed, bias ?? ABSENT, node.mask ?? ABSENT, y],
      record: {
        batch: n,
        ...inputSizes(x, skip),
        outChannels: out.c,
        outHeight: out.h,
        outWidth: out.w,
        outBlocks: out.blocks,
        masks: Number(node.mask !== undefined),
      },
      workgroups: [gridX, gridY, blocks],
      multiplyAdds: multiplyAddsOf([n, inChannels, h, w], y.shape, border, 3),
    },
  ];
}

/** The shape of a workgroup's 16 groups of 8 pixels that covers an image with the fewest. */
function columnsFor(width: number, height: number): number {
  const count = (columns: number) =>
    Math.ceil(width / (columns * 8)) * Math.ceil(height / (16 / columns));
  return [4, 2, 1].reduce((best, columns) => (count(columns) < count(best) ? columns : best));
}

/** Partial sums over ranges of rows, then their sum. */
export function weightGradientInWorkgroups(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const [x, dy, skip] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const out = imageSizes(dy);
  const outs = outsOf(out.c);
  const inChannels = dw.shape[1];
  const tiles = Math.ceil(out.c / outs) * Math.ceil(inChannels / GRADIENT_IN);
  const { lanes } = capabilities;
  const { splits, rowsPerSplit } = rowSplits(out.n * out.h, tiles * lanes, dw, capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, lanes);
  const products: Dispatch = {
    shader: "conv2d-weight-gradient-workgroup",
    constants: { BORDER: border, OUT: outs, IN: GRADIENT_IN },
    bindings: [x, skip ?? ABSENT, dy, parts, biasParts],
    record: {
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
  };
  return [products, ...sum];
}
