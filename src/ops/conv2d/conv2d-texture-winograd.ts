// conv2d 3x3 by one-dimensional Winograd F(4,3) in registers, reading textures, for the adapters of
// conv2d-texture.ts. It reads a skip in place.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import {
  type Crop,
  centreRows,
  imageSizes,
  ROW_TEXELS,
  stacked,
  textureSize,
} from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratch, scratchTexture, type Tensor, type TexelRows } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { readsTextures, sharesLoads } from "../common/adapter.js";
import { maxPool2dOp } from "../pool/max-pool2d.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  mayMask,
  multiplyAddsOf,
  toleranceOf,
} from "./conv2d-attributes.js";
import { layerOf, textureRank } from "./conv2d-ranks.js";
import { textureTile } from "./conv2d-texture.js";

/** Invocations per workgroup when packing weights. */
const PACK_LANES = 16;

export const textureWinogradKernel: Kernel<ConvolutionAttributes> = {
  name: "texture-winograd",
  rank(node, capabilities) {
    const { kernel, isReadable } = layerOf(node);
    if (kernel !== 3 || !isReadable) return undefined;
    const images = [imageByRows(node), weightByRows(node, capabilities).read];
    if (node.attributes.transposed) images.push(node.outputs[0]); // the size of its mask
    return readsTextures(images, capabilities) ? textureRank(0, capabilities) : undefined;
  },
  tolerance: toleranceOf(TOLERANCES.winograd),
  fusesReluMask: true,
  fuseExtraOutput: extendByPool,
  dispatches: convolveByRows,
};

/**
 * Returns the image that the kernel reads: x, or the rows of a skip's centre and those of x stacked
 * in one texture.
 */
function imageByRows(node: Node<ConvolutionAttributes>): Tensor {
  const { x, skip } = convolutionInputs(node);
  if (!skip) return x;
  const { rows } = centreRows(skip, x.shape[2]);
  return stacked(`${node.name}: skip and input`, [...rows, allRows(x)]);
}

const allRows = (tensor: Tensor) => ({ tensor, first: 0, count: textureSize(tensor).height });

/**
 * Returns the convolution that also writes the output of `reader`, a max-pooling, if the sizes are
 * such that its invocations hold whole windows and half groups of pooled pixels.
 */
function extendByPool(
  node: Node<ConvolutionAttributes>,
  reader: Node,
  capabilities: Capabilities,
): Node | undefined {
  const { h, w, groups } = imageSizes(node.outputs[0]);
  const isWhole = h % 2 === 0 && w % 2 === 0 && groups % 2 === 0;
  if (reader.op !== maxPool2dOp || !isWhole || !sharesLoads(capabilities)) return undefined;
  return { ...node, outputs: [...node.outputs, ...reader.outputs] };
}

/** Packs the weight, convolves and optionally pools. */
function convolveByRows(node: Node<ConvolutionAttributes>, capabilities: Capabilities): Dispatch[] {
  const { x, weight, bias, skip } = convolutionInputs(node);
  const [y, pooled] = node.outputs;
  const { border, activation, first = 0 } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(y);
  const inChannels = into.c + (skip?.shape[1] ?? 0);
  const { workgroupSize } = capabilities;
  const { rows, outs, constants } = textureTile(capabilities, out.c);
  const { read, asItStands, ...packing } = weightByRows(node, capabilities);
  const { fold, width } = textureSize(read);
  const [gridX, gridY] = workgroupsFor(out.n * Math.ceil(out.h / rows) * out.groups, workgroupSize);
  const centre = skip && centreRows(skip, into.h);
  const pixels = imageByRows(node);
  const whole = { rows: [allRows(x)], height: into.h, top: 0 };
  const call = {
    constants: {
      ...constants,
      BORDER: border,
      BIAS: Number(bias !== undefined),
      RELU: Number(activation === "relu"),
      AS_IT_STANDS: Number(asItStands),
      MASK: Number(mayMask(node)),
    },
    bindings: [pixels, read, node.mask ?? pixels, bias ?? ABSENT, y],
    uniforms: {
      batch: into.n,
      outChannels: out.c,
      outHeight: out.h,
      outWidth: out.w,
      outBlocks: out.blocks,
      weightFold: fold,
      weightTexels: width / 2 ** fold,
      firstTexel: asItStands ? (first * 9) / 4 : 0,
      masks: Number(node.mask !== undefined),
      maskFold: node.mask ? textureSize(node.mask).fold : 0,
      parts: skip ? 2 : 1,
      ...(skip && centre ? part(skip, x, centre, 0, 0) : part(x, x, whole, 0, 0)),
      ...part(x, x, whole, sumOf(centre?.rows ?? []), 1),
    },
    workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
    multiplyAdds: multiplyAddsOf([into.n, inChannels, into.h, into.w], y.shape, border, 3),
  } as const;
  const convolve = sharesLoads(capabilities)
    ? dispatch(shaders.conv2dTextureWinograd, {
        ...call,
        constants: { ...call.constants, POOL: Number(pooled !== undefined) },
        bindings: [...call.bindings, pooled ?? scratch(`${node.name}: no pooled`, 4)],
      })
    : dispatch(shaders.conv2dTextureWinogradAlone, call);
  return asItStands ? [convolve] : [packWeight(node, weight, read, packing), convolve];
}

/** Returns the weight as the kernel reads it from a texture: packed or unchanged. */
function weightByRows(node: Node<ConvolutionAttributes>, capabilities: Capabilities) {
  const { x, weight, skip } = convolutionInputs(node);
  const { transposed, first = 0 } = node.attributes;
  const outChannels = node.outputs[0].shape[1];
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  // One load has whole texels with the 9 weights of each of `outs` output channels; this many loads
  // make a block.
  const { outs } = textureTile(capabilities, outChannels);
  const isShared = sharesLoads(capabilities);
  const perLane = isShared ? Math.ceil(outs / capabilities.workgroupSize) : 2;
  const loaders = isShared ? outs / perLane : 8;
  const loads = Math.ceil(outChannels / loaders / perLane) * loaders;
  const rowTexels = Math.ceil((loads * Math.ceil((9 * perLane) / 4)) / ROW_TEXELS) * ROW_TEXELS;
  // The weights of sixteen channels are whole texels, and this many rows are whole rows of a copy.
  const sizes = [...weight.shape.slice(0, 2), outChannels, first];
  const asItStands = transposed && sizes.every((size) => size % outs === 0);
  const read = asItStands
    ? weight
    : scratchTexture(`${node.name}: packed weight`, inChannels, rowTexels);
  return { read, asItStands, perLane, loaders, loads, rowTexels };
}

const sumOf = (rows: readonly TexelRows[]) => rows.reduce((sum, { count }) => sum + count, 0);

/** Uniforms for one tensor of the texture, cropped to the size of `like`. */
function part<Part extends 0 | 1>(
  tensor: Tensor,
  like: Tensor,
  { height, top }: Crop,
  origin: number,
  number: Part,
) {
  const { c, w, blocks, groups } = imageSizes(tensor);
  const left = ((w - like.shape[3]) >> 1) / 4;
  const { fold } = textureSize(tensor);
  const fields = { channels: c, height, blocks, groups, fold, origin, top, left };
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`${name}${number}`, value]),
  ) as Record<`${keyof typeof fields}${Part}`, number>;
}

function packWeight(
  node: Node<ConvolutionAttributes>,
  weight: Tensor,
  packed: Tensor,
  { perLane, loaders, loads, rowTexels }: Readonly<Record<string, number>>,
): Dispatch {
  const { transposed, first = 0 } = node.attributes;
  const outChannels = node.outputs[0].shape[1];
  const [a, b] = weight.shape;
  const inChannels = transposed ? a : b;
  const [near, far] = transposed ? [loads, inChannels] : [inChannels, loads];
  return dispatch(shaders.conv2dPackLanes, {
    constants: { TRANSPOSED: Number(transposed), PER_LANE: perLane, LOADERS: loaders },
    bindings: [weight, packed],
    uniforms: { outChannels, inChannels, weightChannels: b, first, rowTexels },
    workgroups: [Math.ceil(near / PACK_LANES), far, 1],
  });
}
