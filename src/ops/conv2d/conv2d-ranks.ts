// The ranks of the kernels of a 3x3 convolution and of its weight gradient: which are offered for a
// layer, and which is the first choice on an adapter. Other kernel sizes only have the direct
// kernel.

import type { Capabilities } from "../../graph/capabilities.js";
import type { Node } from "../../graph/op.js";
import { hasFewLanes, hasFewRegisters } from "../common/adapter.js";
import { isPlain, type Tile, tilePlace } from "../common/register-tiles.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { readsSkip } from "./conv2d-skip.js";

/** The first rank of each kind of kernels; the tiles of a kind follow one another. */
const FIRST = {
  /** On CPU adapters. */
  texture: 0,
  /**
   * Winograd tiles on CPU adapters with few lanes, the matrix product in workgroup memory on GPUs.
   */
  preferred: 10,
  buffer: 20,
  winograd: 30,
  workgroup: 40,
  textureOnGpu: 50,
  /** Never a first choice. */
  half: 60,
} as const;

/** What the ranks depend on. */
export interface Layer {
  /** Kernel size. */
  readonly kernel: number;
  readonly ins: number;
  readonly outs: number;
  /** Whether there is no skip, or kernels can read it in place. */
  readonly isReadable: boolean;
  /** Whether Winograd tiles are worth their transforms on a CPU adapter with few lanes. */
  readonly prefersTiles: boolean;
  /** Input channels from which the workgroup kernel is preferred if registers are few. */
  readonly leastIns: number;
}

/**
 * Channels from which Winograd tiles are worth their transforms on SwiftShader. At 16 they save 4 %
 * of a step and 12 % of a prediction, and the direct kernel need not be compiled for input
 * gradients.
 */
const PREFERRED_TILE_CHANNELS = 16;

export function layerOf(node: Node<ConvolutionAttributes>): Layer {
  const { x, weight, skip } = convolutionInputs(node);
  const ins = x.shape[1] + (skip?.shape[1] ?? 0);
  const outs = node.outputs[0].shape[1];
  return {
    kernel: weight.shape[2],
    ins,
    outs,
    isReadable: !skip || readsSkip(x, skip, node.attributes.border),
    prefersTiles: Math.min(ins, outs) >= PREFERRED_TILE_CHANNELS,
    leastIns: 1,
  };
}

/** Groups of four tiles from which the products of a weight gradient are worth their transforms. */
const TILE_GROUPS = 4;
/**
 * Input channels from which the workgroup kernel of a weight gradient is preferred: with fewer,
 * lanes would be idle.
 */
const GRADIENT_CHANNELS = 8;

export function gradientLayerOf({ inputs, attributes }: Node<WeightGradientAttributes>): Layer {
  const [x, dy, skip] = inputs;
  const [n, outs, h, w] = dy.shape;
  return {
    kernel: attributes.kernel,
    ins: x.shape[1] + (skip?.shape[1] ?? 0),
    outs,
    isReadable: !skip || readsSkip(x, skip, attributes.border),
    prefersTiles: n * Math.ceil(h / 4) * Math.ceil(w / 16) >= TILE_GROUPS,
    leastIns: GRADIENT_CHANNELS,
  };
}

/** Channels from which the matrix product in workgroup memory is the first choice on a GPU. */
const WORKGROUP_CHANNELS = 16;

/**
 * It is also preferred for fewer input channels if the direct kernel needs more registers than
 * there are.
 */
function prefersWorkgroups({ ins, outs, leastIns, isReadable }: Layer, capabilities: Capabilities) {
  const least = hasFewRegisters(capabilities) ? leastIns : WORKGROUP_CHANNELS;
  return capabilities.kind === "gpu" && isReadable && outs >= WORKGROUP_CHANNELS && ins >= least;
}

/** The rank of kernels that read textures, and of those like them, by their place among them. */
export const textureRank = (place: number, { kind }: Capabilities) =>
  (kind === "cpu" ? FIRST.texture : FIRST.textureOnGpu) + place;

/** The rank of the direct kernels that read buffers. */
export function bufferRank(layer: Layer, tile: Tile, capabilities: Capabilities) {
  const place = tilePlace(tile, capabilities);
  if (place === undefined) return undefined;
  // Next to the workgroup kernels only the plainest is offered, with whose answer the others are
  // compared.
  const isLeftOut = layer.kernel === 3 && prefersWorkgroups(layer, capabilities) && !isPlain(tile);
  return isLeftOut ? undefined : FIRST.buffer + place;
}

/** Channels from which Winograd tiles are offered. */
const TILE_CHANNELS = 8;

/** The rank of Winograd tiles on buffers; `place` is that of the tile. */
export function winogradRank(
  { kernel, ins, outs, prefersTiles }: Layer,
  place: number | undefined,
  capabilities: Capabilities,
) {
  if (kernel !== 3 || Math.min(ins, outs) < TILE_CHANNELS || place === undefined) return undefined;
  const isPreferred = prefersTiles && hasFewLanes(capabilities);
  return (isPreferred ? FIRST.preferred : FIRST.winograd) + place;
}

/** The rank of the matrix products in workgroup memory, for GPUs. */
export function workgroupRank(layer: Layer, tile: Tile, capabilities: Capabilities) {
  const place = tilePlace(tile, capabilities);
  if (place === undefined || layer.kernel !== 3) return undefined;
  if (capabilities.kind === "cpu" || !layer.isReadable) return undefined;
  if (prefersWorkgroups(layer, capabilities)) return FIRST.preferred + place;
  return place === 0 ? FIRST.workgroup : undefined;
}

/** Tiles of kernels with factors of 16 bits that are offered: the tuner needs time for each. */
const HALF_TILES = 2;

/** The rank of the matrix products in workgroup memory whose factors have 16 bits. */
export function halfRank(layer: Layer, tile: Tile, capabilities: Capabilities) {
  const place = tilePlace(tile, capabilities);
  if (place === undefined || place >= HALF_TILES || layer.kernel !== 3) return undefined;
  return capabilities.f16 && prefersWorkgroups(layer, capabilities)
    ? FIRST.half + place
    : undefined;
}
