// Which kernels a convolution and its weight gradient can run, the best guess for the adapter first.

import { ROW_TEXELS } from "../../graph/layout.js";
import { type Capabilities, type Node, scratchTexture, type Tensor } from "../../graph/tensor.js";
import { fewTiledKernels, hasFewRegisters, isTiled, tiledKernels } from "../common/tiles.js";
import { concatScratch } from "../crop/crop-concat.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { readsTextures, sharesLoads } from "./conv2d-texture.js";
import { imageByRows, readsSkip, weightByRows } from "./conv2d-texture-winograd.js";

/** Reads buffers, by lanes that share their loads. */
export const SHARED = "buffer-shared";

/** The kernels of a convolution, forward or transposed. */
export function convolutionKernels(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
): string[] {
  const { x, weight, skip } = convolutionInputs(node);
  if (weight.shape[2] !== 3) return tiledKernels("buffer", capabilities);
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  const buffers = bufferKernels(inChannels, node.outputs[0].shape[1], capabilities);
  const isReadable = !skip || readsSkip(x, skip, node.attributes.border);
  const textures = textureKernels(texturesOf(node, isReadable, capabilities), capabilities);
  if (capabilities.kind === "cpu") return [...textures, ...buffers];
  const isPreferred = prefersWorkgroups(inChannels, node.outputs[0].shape[1], 1, capabilities);
  return [
    ...(isReadable ? withWorkgroups(buffers, isPreferred, capabilities) : buffers),
    ...textures,
  ];
}

/** Kernels and what they bind as textures. */
type TextureKernels = Readonly<Record<string, readonly Tensor[]>>;

function texturesOf(
  node: Node<ConvolutionAttributes>,
  isReadable: boolean,
  capabilities: Capabilities,
): TextureKernels {
  const { x, weight, skip } = convolutionInputs(node);
  const byRows = () => {
    const images = [imageByRows(node), weightByRows(node, capabilities).read];
    return node.attributes.transposed ? [...images, node.outputs[0]] : images; // its mask's size
  };
  // At least as large as the weight packed.
  const most = Math.ceil(Math.max(...weight.shape) / ROW_TEXELS) * ROW_TEXELS;
  const packed = scratchTexture(weight.name, most, 3 * most);
  return {
    ...(isReadable ? { "texture-winograd": byRows() } : {}),
    texture: [skip ? concatScratch(skip, x, node.name) : x, packed],
  };
}

/** Those whose textures fit; where none do, lanes that share loads read buffers. */
function textureKernels(reads: TextureKernels, capabilities: Capabilities): readonly string[] {
  const fitting = Object.keys(reads).filter((kernel) => readsTextures(reads[kernel], capabilities));
  return fitting.length === 0 && sharesLoads(capabilities) ? [SHARED] : fitting;
}

/** Channels from which the matrix product in workgroup memory is the best guess on a GPU. */
const WORKGROUP_CHANNELS = 16;
/** Input channels from which it is for a weight's gradient: with fewer, lanes would idle. */
const GRADIENT_CHANNELS = 8;

/** Also for fewer input channels where the direct kernel needs more registers than there are. */
function prefersWorkgroups(ins: number, outs: number, least: number, capabilities: Capabilities) {
  const leastIns = hasFewRegisters(capabilities) ? least : WORKGROUP_CHANNELS;
  return outs >= WORKGROUP_CHANNELS && ins >= leastIns;
}

function withWorkgroups(
  buffers: readonly string[],
  isPreferred: boolean,
  capabilities: Capabilities,
): string[] {
  const workgroups = tiledKernels("workgroup", capabilities);
  if (!isPreferred) return [...buffers, workgroups[0]];
  // Of the direct kernels only the plainest, whose answer the others are held to.
  const others = buffers.filter((name) => name === "buffer" || !isTiled(name, "buffer"));
  return [...workgroups, ...others];
}

/** Channels from which Winograd's tiles are offered. */
const TILE_CHANNELS = 8;

/**
 * Channels from which they pay for their transforms on SwiftShader. At 16 they take 4 % less of a step
 * and 12 % less of a prediction, and the direct kernel need not be compiled for input gradients.
 */
const PREFERRED_TILE_CHANNELS = 16;

function bufferKernels(ins: number, outs: number, capabilities: Capabilities): string[] {
  const { kind, workgroupSize } = capabilities;
  const direct = tiledKernels("buffer", capabilities);
  if (Math.min(ins, outs) < TILE_CHANNELS) return direct;
  const isWide = Math.min(ins, outs) >= PREFERRED_TILE_CHANNELS;
  const prefersTiles = kind === "cpu" && workgroupSize < 8 && isWide;
  const winograd = fewTiledKernels("winograd", capabilities);
  return prefersTiles ? [...winograd, ...direct] : [...direct, ...winograd];
}

/** Groups of four tiles from which the products of a weight gradient pay for their transforms. */
const TILE_GROUPS = 4;

function gradientBufferKernels(ins: number, dy: Tensor, capabilities: Capabilities): string[] {
  const { kind, workgroupSize } = capabilities;
  const [n, outs, h, w] = dy.shape;
  const direct = tiledKernels("buffer", capabilities);
  if (Math.min(ins, outs) < TILE_CHANNELS) return direct;
  const groups = n * Math.ceil(h / 4) * Math.ceil(w / 16);
  const prefersTiles = kind === "cpu" && workgroupSize < 8 && groups >= TILE_GROUPS;
  const [winograd] = fewTiledKernels("winograd", capabilities);
  return prefersTiles ? [winograd, ...direct] : [...direct, winograd];
}

/** The kernels of a weight gradient. */
export function weightGradientKernels(
  { inputs: [x, dy, skip], attributes }: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
): string[] {
  const images = skip ? [x, dy, skip] : [x, dy];
  const { border, kernel } = attributes;
  const isReadable = !skip || readsSkip(x, skip, border);
  // Of a kernel 1x1 an invocation has eight sums.
  if (kernel === 1) return ["buffer"];
  if (kernel > 3) return tiledKernels("buffer", capabilities);
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  const buffers = gradientBufferKernels(inChannels, dy, capabilities);
  if (!isReadable) return sharesLoads(capabilities) ? [SHARED, ...buffers] : buffers;
  const reads = {
    ...(sharesLoads(capabilities) ? { "texture-winograd": images } : {}),
    texture: images,
  };
  const textures = textureKernels(reads, capabilities);
  if (capabilities.kind === "cpu") return [...textures, ...buffers];
  const isPreferred = prefersWorkgroups(inChannels, dy.shape[1], GRADIENT_CHANNELS, capabilities);
  return [...withWorkgroups(buffers, isPreferred, capabilities), ...textures];
}
