// The conv2d kernels that read textures: 3x3. If a workgroup is a subgroup of 8 or 16 lanes
// (lavapipe), its lanes share their loads; otherwise each lane loads separately, with separate
// shaders.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, type SomeOf, workgroupsFor } from "../../graph/dispatch.js";
import { centreRows, imageSizes, ROW_TEXELS, stacked, textureSize } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratchTexture, type Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { readsTextures, sharesLoads, unsharedRows } from "../common/adapter.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";
import { concatScratch } from "../crop/crop-concat.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  gradientTolerance,
  multiplyAddsOf,
  toleranceOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { repackWeight } from "./conv2d-buffer.js";
import { gradientLayerOf, layerOf, textureRank } from "./conv2d-ranks.js";
import { concatenated } from "./conv2d-skip.js";

/**
 * The direct kernel. It does not read a mask, which would add two seconds of compilation on
 * lavapipe.
 */
export const textureKernel: Kernel<ConvolutionAttributes> = {
  name: "texture",
  rank(node, capabilities) {
    if (layerOf(node).kernel !== 3) return undefined;
    const { x, weight, skip } = convolutionInputs(node);
    // An upper bound of the packed weight's size.
    const most = Math.ceil(Math.max(...weight.shape) / ROW_TEXELS) * ROW_TEXELS;
    const packed = scratchTexture(weight.name, most, 3 * most);
    const images = [skip ? concatScratch(skip, x, node.name) : x, packed];
    return readsTextures(images, capabilities) ? textureRank(1, capabilities) : undefined;
  },
  tolerance: toleranceOf(TOLERANCES.direct),
  dispatches: (node, capabilities) =>
    concatenated(node, (whole) => convolveFromTextures(whole, capabilities)),
};

/**
 * Whether everything that the gradient of a 3x3 weight reads can be read from textures, including a
 * skip in place.
 */
export const readsGradientTextures = (
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
) => gradientLayerOf(node).isReadable && readsTextures(node.inputs, capabilities);

const gradientRank = (
  node: Node<WeightGradientAttributes>,
  place: number,
  capabilities: Capabilities,
) =>
  node.attributes.kernel === 3 && readsGradientTextures(node, capabilities)
    ? textureRank(place, capabilities)
    : undefined;

/** Direct, and by Winograd F(3,4) along rows if lanes share their loads. */
export const textureGradientKernels: readonly Kernel<WeightGradientAttributes>[] = [
  {
    name: "texture-winograd",
    rank: (node, capabilities) =>
      sharesLoads(capabilities) ? gradientRank(node, 0, capabilities) : undefined,
    tolerance: gradientTolerance,
    dispatches: (node, capabilities) =>
      weightGradientFromTextures(node, capabilities, {
        shader: shaders.conv2dWeightGradientTextureWinograd,
        rows: 4,
      }),
  },
  {
    name: "texture",
    rank: (node, capabilities) => gradientRank(node, 1, capabilities),
    tolerance: gradientTolerance,
    dispatches: (node, capabilities) =>
      weightGradientFromTextures(
        node,
        capabilities,
        sharesLoads(capabilities)
          ? { shader: shaders.conv2dWeightGradientTexture, rows: 2 }
          : { shader: shaders.conv2dWeightGradientTextureAlone, rows: 1 },
      ),
  },
];

/**
 * Returns the output rows and channels per invocation, and the constants that set them in the
 * shader.
 */
export function textureTile(
  capabilities: Capabilities,
  outChannels: number,
): { rows: number; outs: number; constants: SomeOf<"ROWS" | "OUT" | "LANES"> } {
  const { workgroupSize } = capabilities;
  if (sharesLoads(capabilities)) {
    const outs = outChannels > 8 ? 16 : 8;
    return { rows: 2, outs, constants: { OUT: outs, LANES: workgroupSize } };
  }
  const rows = unsharedRows(capabilities);
  return { rows, outs: 8, constants: { ROWS: rows, OUT: 8, LANES: workgroupSize } };
}

/** Packs the weight and convolves. */
function convolveFromTextures(
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
  // 9 * outs floats, rounded up to whole texels of all lanes that share them
  const sharing = sharesLoads(capabilities) ? workgroupSize : 8;
  const blockTexels = Math.ceil((9 * outs) / 4 / sharing) * sharing;
  const rowTexels = Math.ceil((outBlocks * blockTexels) / ROW_TEXELS) * ROW_TEXELS;
  const packed = scratchTexture(`${node.name}: packed weight`, into.c, rowTexels);
  const layout = { outs, blockFloats: blockTexels * 4, channelFloats: rowTexels * 4 };
  const [gridX, gridY] = workgroupsFor(out.n * Math.ceil(out.h / rows) * out.groups, workgroupSize);
  const shader = sharesLoads(capabilities) ? shaders.conv2dTexture : shaders.conv2dTextureAlone;
  const convolve = dispatch(shader, {
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
  });
  return [repackWeight(node, packed, layout, workgroupSize), convolve];
}

/** Returns the output and input channels per subgroup in the weight gradients that share loads. */
export function gradientTile(lanes: number) {
  const [vectors, ins] = lanes === 8 ? [2, 4] : [1, 8];
  return { outs: vectors * lanes, ins, constants: { VECTORS: vectors, IN: ins, LANES: lanes } };
}

/** The tile of an invocation that loads separately. */
const unsharedGradientTile = (lanes: number) => ({ outs: 4, ins: 2, constants: { LANES: lanes } });

/** A shader of a weight gradient, and its rows of dy per iteration. */
interface GradientShader {
  readonly shader:
    | typeof shaders.conv2dWeightGradientTextureWinograd
    | typeof shaders.conv2dWeightGradientTexture
    | typeof shaders.conv2dWeightGradientTextureAlone;
  readonly rows: number;
}

/**
 * Computes partial sums over ranges of rows, for the channels of the skip and of x, then their sum.
 */
function weightGradientFromTextures(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  { shader, rows }: GradientShader,
): Dispatch[] {
  const [x, dy, skip] = node.inputs;
  const [dw] = node.outputs;
  const [outs, ins] = dw.shape;
  const { workgroupSize } = capabilities;
  const shared = sharesLoads(capabilities);
  const bands = Math.ceil(dy.shape[2] / rows) * dy.shape[0];
  const tile = shared ? gradientTile(workgroupSize) : unsharedGradientTile(workgroupSize);
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
    return dispatch(shader, {
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
    });
  };
  return [
    ...(skip ? [partial(skip, 0, false)] : []),
    partial(x, skip?.shape[1] ?? 0, true),
    ...sum,
  ];
}
