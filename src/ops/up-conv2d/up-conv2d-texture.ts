// The up-convolution kernels that read textures, for adapters with subgroups of 8 or 16 lanes on
// which a load from a texture is cheaper than one from a buffer (lavapipe). The weight [I,O,2,2] is
// read as a texture without repacking: I rows of O texels, a texel being the four taps.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes, ROW_TEXELS, textureSize } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";

// Measured on lavapipe: tiles twice as large load less, but gain nothing and take twice as long to
// compile.
/** Output channels per invocation, input channels per iteration. */
const FORWARD_TILE = { outs: 8, ins: 4 };
/** Channels of dx per invocation, channels of dy per iteration. */
const INPUT_GRADIENT_TILE = { ins: 16, outs: 2 };
/** Input channels per invocation. */
const WEIGHT_GRADIENT_TILE = { ins: 16 };

/** Whether the weight [I,O,2,2] can be copied into a texture. */
export function fillsTexture({ shape: [ins, outs] }: Tensor, { textureSide }: Capabilities) {
  return outs % ROW_TEXELS === 0 && outs <= textureSide && ins <= textureSide;
}

export function upConvolveFromTextures(
  node: Node<undefined>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const { n, c, h, w, blocks, groups } = imageSizes(x);
  const out = imageSizes(y);
  const { outs, ins } = FORWARD_TILE;
  const [gridX, gridY] = workgroupsFor(n * h * groups, workgroupSize);
  return [
    dispatch(shaders.upConv2dTexture, {
      constants: { OUT: outs, IN: ins, LANES: workgroupSize, BIAS: Number(bias !== undefined) },
      bindings: [x, weight, bias ?? ABSENT, y],
      uniforms: {
        batch: n,
        inChannels: c,
        inHeight: h,
        inWidth: w,
        inBlocks: blocks,
        inFold: textureSize(x).fold,
        outChannels: out.c,
        outBlocks: out.blocks,
      },
      workgroups: [gridX, gridY, out.c / outs],
      multiplyAdds: n * h * w * c * out.c * 4,
    }),
  ];
}

export function inputGradientFromTextures(
  { inputs: [dy, weight], outputs: [dx], mask }: Node<undefined>,
  { workgroupSize }: Capabilities,
): Dispatch[] {
  const { n, c, h, w, blocks, groups } = imageSizes(dx);
  const out = imageSizes(dy);
  const { ins, outs } = INPUT_GRADIENT_TILE;
  const [gridX, gridY] = workgroupsFor(n * h * groups, workgroupSize);
  return [
    dispatch(shaders.upConv2dInputGradientTexture, {
      constants: { IN: ins, OUT: outs, LANES: workgroupSize, MASK: Number(mask !== undefined) },
      // Without a mask, dy is bound, since the binding must have a texture.
      bindings: [dy, weight, mask ?? dy, dx],
      uniforms: {
        batch: n,
        inChannels: c,
        inHeight: h,
        inWidth: w,
        inBlocks: blocks,
        maskFold: textureSize(mask ?? dx).fold,
        outChannels: out.c,
        outBlocks: out.blocks,
        outFold: textureSize(dy).fold,
      },
      workgroups: [gridX, gridY, Math.ceil(c / ins)],
      multiplyAdds: n * h * w * c * out.c * 4,
    }),
  ];
}

/** Computes partial sums over ranges of rows, then their sum. */
export function weightGradientFromTextures(node: Node, capabilities: Capabilities): Dispatch[] {
  const [x, dy] = node.inputs;
  const { n, c, h, w, blocks } = imageSizes(x);
  const out = imageSizes(dy);
  const { ins } = WEIGHT_GRADIENT_TILE;
  const { workgroupSize } = capabilities;
  const tiles = [Math.ceil(out.c / workgroupSize), Math.ceil(c / ins)];
  const invocations = tiles[0] * tiles[1] * workgroupSize;
  const { splits, rowsPerSplit } = rowSplits(n * h, invocations, node.outputs[0], capabilities);
  const { parts, biasParts, sum } = weightAndBiasSums(node, out.c, splits, workgroupSize);
  const first = dispatch(shaders.upConv2dWeightGradientTexture, {
    constants: { IN: ins, LANES: workgroupSize },
    bindings: [x, dy, parts, biasParts],
    uniforms: {
      inChannels: c,
      inRows: n * h,
      inWidth: w,
      inBlocks: blocks,
      inFold: textureSize(x).fold,
      outChannels: out.c,
      outBlocks: out.blocks,
      outFold: textureSize(dy).fold,
      rowsPerSplit,
    },
    workgroups: [tiles[0], tiles[1], splits],
    multiplyAdds: n * h * w * c * out.c * 4,
  });
  return [first, ...sum];
}
