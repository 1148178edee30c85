// conv2d 3x3 by Winograd F(4x4, 3x3) (Lavin and Gray 2016) on storage buffers, without workgroup
// memory: transform the input's tiles, 36 matrix products, transform back. It needs a quarter of
// the multiply-adds of the direct method; large layers are computed in stripes to limit the working
// memory.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import { scratch, type Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { sharesLoads } from "../common/adapter.js";
import { fewTilesPlace, inTiles, subgroupConstant, type Tile } from "../common/register-tiles.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  inputSizes,
  multiplyAddsOf,
  toleranceOf,
} from "./conv2d-attributes.js";
import { layerOf, winogradRank } from "./conv2d-ranks.js";
import { concatenated } from "./conv2d-skip.js";
import { textureKernel } from "./conv2d-texture.js";

/** The largest finite f32. */
const MOST = (2 - 2 ** -23) * 2 ** 127;

/** Products per tile. */
export const FORMS = 36;
/** Output channels and groups of four tiles that one invocation of the product computes. */
interface ProductTile {
  readonly outs: number;
  readonly tiles: number;
}

/** By the number of sums that an invocation of a GPU keeps. */
const PRODUCT_TILES: Readonly<Record<Tile["sums"], ProductTile>> = {
  128: { outs: 8, tiles: 4 },
  64: { outs: 8, tiles: 2 },
  32: { outs: 4, tiles: 2 },
  16: { outs: 4, tiles: 1 },
};

/** On SwiftShader 16 x 4 takes a tenth less time than 8 x 2 or 8 x 4. */
const productTile = (outChannels: number, { sums }: Tile, { kind }: Capabilities): ProductTile =>
  kind === "gpu" ? PRODUCT_TILES[sums] : { outs: outChannels >= 16 ? 16 : 8, tiles: 4 };

/**
 * Output channels if the four lanes of a subgroup compute the same channels and share their
 * weights.
 */
const SHARED_OUT = 32;
/** Sharing saves a fifth of a product's time, if most of the four lanes have tiles. */
function sharesWeights(outs: number, pieces: number, capabilities: Capabilities): boolean {
  return sharesLoads(capabilities, [4]) && outs % SHARED_OUT === 0 && (pieces > 6 || pieces === 4);
}

/** The largest number of floats of transformed tiles, in and out, at a time: 16 MiB. */
const MAX_SCRATCH_FLOATS = 1 << 22;

/** The rows of tiles of all images, cut into stripes that need little working memory. */
interface Stripe {
  readonly firstRow: number;
  readonly rows: number;
}

export interface Tiling {
  readonly tileRows: number;
  readonly tileGroups: number;
  readonly stripes: readonly Stripe[];
}

/** Tiles of 4x4 outputs. Four neighbours in a row make a group. */
export function tilingOf(inChannels: number, y: Tensor, maxFloats: number): Tiling {
  const out = imageSizes(y);
  const tileRows = Math.ceil(out.h / 4);
  const tileGroups = Math.ceil(out.w / 16);
  const rowFloats = FORMS * tileGroups * 4 * (inChannels + out.c);
  const most = Math.max(1, Math.floor(maxFloats / rowFloats));
  const all = out.n * tileRows;
  const rows = Math.ceil(all / Math.ceil(all / most));
  const stripes: Stripe[] = [];
  for (let firstRow = 0; firstRow < all; firstRow += rows) {
    stripes.push({ firstRow, rows: Math.min(rows, all - firstRow) });
  }
  return { tileRows, tileGroups, stripes };
}

/**
 * Not offered on processors whose textures hold the layer: there the kernels that read them took a
 * half to a seventh of the time in every layer (bench/RESULTS.md), and these are slow to compile.
 */
export const winogradKernels = inTiles<ConvolutionAttributes>("winograd", (tile) => ({
  rank(node, capabilities) {
    const isSlower =
      capabilities.kind === "cpu" && textureKernel.rank?.(node, capabilities) !== undefined;
    const place = isSlower ? undefined : fewTilesPlace(tile, capabilities);
    return winogradRank(layerOf(node), place, capabilities);
  },
  tolerance: toleranceOf(TOLERANCES.winograd),
  fusesReluMask: true,
  dispatches(node, capabilities) {
    const convolve = (whole: typeof node) => convolveByTiles(whole, capabilities, tile);
    return layerOf(node).isReadable ? convolve(node) : concatenated(node, convolve);
  },
}));

function convolveByTiles(
  node: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const { workgroupSize } = capabilities;
  const { x, weight, bias, skip } = convolutionInputs(node);
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const inChannels = x.shape[1] + (skip?.shape[1] ?? 0);
  const out = imageSizes(y);
  const tiling = tilingOf(inChannels, y, MAX_SCRATCH_FLOATS);
  const { tileRows, tileGroups, stripes } = tiling;
  const { tiles, outs: unshared } = productTile(out.c, tile, capabilities);
  const firstPieces = Math.ceil((stripes[0].rows * tileGroups) / tiles);
  const shared = sharesWeights(out.c, firstPieces, capabilities);
  const [outs, share] = shared ? [SHARED_OUT, workgroupSize] : [unshared, 1];
  const blocks = Math.ceil(out.c / outs);
  const u = scratch(`${node.name}: transformed weight`, FORMS * blocks * inChannels * outs);
  const multiplyAdds = multiplyAddsOf([out.n, inChannels, ...x.shape.slice(2)], y.shape, border, 3);
  const dispatches = [transformWeight(node, weight, u, outs, workgroupSize)];
  for (const { firstRow, rows } of stripes) {
    const groups = rows * tileGroups;
    const place = { tileRows, tileGroups, firstRow, rows };
    const pieces = Math.ceil(groups / tiles / share) * share;
    const v = scratch(`${node.name}: transformed tiles`, FORMS * inChannels * groups * 4);
    const m = scratch(`${node.name}: products`, FORMS * out.c * groups * 4);
    dispatches.push(
      dispatch(shaders.conv2dWinogradInput, {
        constants: { BORDER: border, SKIP: Number(skip !== undefined), LANES: workgroupSize },
        bindings: [x, skip ?? ABSENT, v],
        uniforms: { ...inputSizes(x, skip), ...place },
        workgroups: [Math.ceil(groups / workgroupSize), inChannels, 1],
      }),
      dispatch(shared ? shaders.conv2dWinogradProductShared : shaders.conv2dWinogradProduct, {
        constants: {
          OUT: outs,
          TILES: tiles,
          LANES: workgroupSize,
          ...subgroupConstant(tile, capabilities),
        },
        bindings: [v, u, m],
        uniforms: { inChannels, outChannels: out.c, groups },
        workgroups: workgroupsFor(FORMS * blocks * pieces, workgroupSize),
        multiplyAdds: (multiplyAdds * rows) / (out.n * tileRows),
      }),
      dispatch(shaders.conv2dWinogradOutput, {
        constants: { LANES: workgroupSize, MASK: Number(node.mask !== undefined) },
        bindings: [m, bias ?? ABSENT, node.mask ?? ABSENT, y],
        uniforms: {
          channels: out.c,
          height: out.h,
          width: out.w,
          blocks: out.blocks,
          ...place,
          biases: Number(bias !== undefined),
          least: activation === "relu" ? 0 : -MOST,
        },
        workgroups: workgroupsFor(groups * out.c, workgroupSize),
      }),
    );
  }
  return dispatches;
}

function transformWeight(
  node: Node<ConvolutionAttributes>,
  weight: Tensor,
  u: Tensor,
  outs: number,
  lanes: number,
): Dispatch {
  const { transposed, first = 0 } = node.attributes;
  const outChannels = node.outputs[0].shape[1];
  const [a, b] = weight.shape;
  const inChannels = transposed ? a : b;
  return dispatch(shaders.conv2dWinogradWeight, {
    constants: { OUT: outs, LANES: lanes },
    bindings: [weight, u],
    uniforms: {
      outChannels,
      inChannels,
      weightChannels: b,
      isTransposed: Number(transposed),
      first,
    },
    workgroups: [Math.ceil((Math.ceil(outChannels / outs) * outs) / 4 / lanes), inChannels, 1],
  });
}
