// The kernels that compute every convolution on every adapter. They gather pixels one by one, and
// all sizes are uniforms, so that few pipelines serve all layers.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import {
  type ConvolutionAttributes,
  epilogueUniforms,
  type KernelGradientAttributes,
  multiplyAddsOf,
  sizeUniforms,
  tapUniforms,
} from "./convolution-attributes.js";

/** Output rows and channels per invocation, for groups of `channels` output channels. */
function gatherTile(channels: number) {
  if (channels > 4) return { rows: 2, outs: 8 };
  return { rows: 2, outs: channels > 1 ? 4 : 1 };
}

/** Channels per invocation of a weight gradient. */
const gradientChannels = (channels: number) => (channels > 2 ? 4 : channels);

export function convolveByGathering(
  node: Node<ConvolutionAttributes>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  const { inputs, outputs, attributes } = node;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const { groups } = attributes;
  const { n, c, h, groups: quads } = imageSizes(y);
  const { rows, outs } = gatherTile(c / groups);
  const kernel = weight.shape.slice(2);
  const [gridX, gridY] = workgroupsFor(n * Math.ceil(h / rows) * quads, workgroupSize);
  return [
    dispatch(shaders.convolution, {
      constants: { OUT: outs, ROWS: rows, LANES: workgroupSize },
      bindings: [x, weight, bias ?? ABSENT, y],
      uniforms: {
        ...sizeUniforms(x, y, groups),
        ...tapUniforms(attributes, kernel),
        ...epilogueUniforms(node),
      },
      workgroups: [gridX, gridY, groups * Math.ceil(c / groups / outs)],
      multiplyAdds: multiplyAddsOf(x, y, attributes, kernel),
    }),
  ];
}

export function transposedByGathering(
  node: Node<ConvolutionAttributes>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  const { inputs, outputs, attributes } = node;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const { groups, stride } = attributes;
  const { n, c, h, groups: quads } = imageSizes(y);
  const { rows, outs } = gatherTile(c / groups);
  const kernel = weight.shape.slice(2);
  const items = n * Math.ceil(h / rows / stride[0]) * stride[0] * Math.ceil(quads / stride[1]);
  const [gridX, gridY] = workgroupsFor(items * stride[1], workgroupSize);
  return [
    dispatch(shaders.convolutionTranspose, {
      constants: { OUT: outs, ROWS: rows, LANES: workgroupSize },
      bindings: [x, weight, bias ?? ABSENT, y],
      uniforms: {
        ...sizeUniforms(x, y, groups),
        ...tapUniforms(attributes, kernel),
        ...epilogueUniforms(node),
      },
      workgroups: [gridX, gridY, groups * Math.ceil(c / groups / outs)],
      multiplyAdds: multiplyAddsOf(y, x, attributes, kernel),
    }),
  ];
}

/** Computes partial sums over ranges of rows, then their sum. */
export function weightGradientByGathering(
  node: Node<KernelGradientAttributes>,
  capabilities: Capabilities,
): Dispatch[] {
  const { inputs, attributes } = node;
  const [x, dy] = inputs;
  const { groups, kernel } = attributes;
  const { workgroupSize } = capabilities;
  const { n, c, h } = imageSizes(dy);
  const { batch: _, ...sizes } = sizeUniforms(x, dy, groups);
  const outs = gradientChannels(sizes.groupOut);
  const ins = gradientChannels(sizes.groupIn);
  const tiles = Math.ceil(sizes.groupIn / ins) * kernel[0] * kernel[1];
  const outTiles = groups * Math.ceil(sizes.groupOut / outs);
  const { splits, rowsPerSplit } = rowSplits(
    n * h,
    Math.ceil(tiles / workgroupSize) * workgroupSize * outTiles,
    node.outputs[0],
    capabilities,
  );
  const { parts, biasParts, sum } = weightAndBiasSums(node, c, splits, workgroupSize);
  const first = dispatch(shaders.convolutionWeightGradient, {
    constants: { OUT: outs, IN: ins, LANES: workgroupSize },
    bindings: [x, dy, parts, biasParts],
    uniforms: {
      ...sizes,
      ...tapUniforms(attributes, kernel),
      outRows: n * h,
      rowsPerSplit,
    },
    workgroups: [Math.ceil(tiles / workgroupSize), splits, outTiles],
    multiplyAdds: multiplyAddsOf(x, dy, attributes, kernel),
  });
  return [first, ...sum];
}
