// The kernels that read textures, for adapters whose lanes share their loads (lavapipe). Each
// iteration of a kernel's loop loads and stores all of its sums, so it does as much as compiles fast.

import type { Capabilities } from "../../graph/capabilities.js";
import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes, ROW_TEXELS, textureSize } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratchTexture, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { readsTextures, sharesLoads } from "../common/adapter.js";
import {
  type ConvolutionAttributes,
  epilogueUniforms,
  LEAST_MULTIPLY_ADDS,
  multiplyAddsOf,
  sizeUniforms,
  tapUniforms,
} from "./convolution-attributes.js";

/** Vector multiply-adds of an iteration, above which it no longer fits the registers and caches. */
const MOST_PER_ITERATION = 320;

/** Output rows per invocation. */
const ROWS = 2;

/** Input channels whose weights an invocation packs. */
const PACKED_CHANNELS = 4;

/** What an iteration of an invocation takes. */
interface Tile {
  readonly outs: number;
  /** Rows of the kernel. */
  readonly tapRows: number;
  /** Input channels. */
  readonly depth: number;
}

/** Returns the tile of a kernel of which up to `tapRows` rows can be taken together. */
function tileOf(
  tapRows: number,
  kernelWidth: number,
  groupIn: number,
  groupOut: number,
): Tile | undefined {
  if (groupOut < 4) return undefined;
  const outs = groupOut > 8 ? 16 : 8;
  const perRow = kernelWidth * outs * ROWS;
  if (perRow > MOST_PER_ITERATION) return undefined;
  const fits = (count: number, of: number, each: number) =>
    of % count === 0 && count * each <= MOST_PER_ITERATION;
  const rows = range(tapRows).findLast((count) => fits(count, tapRows, perRow)) ?? 1;
  const depth = [4, 2].find((count) => fits(count, groupIn, rows * perRow)) ?? 1;
  return { outs, tapRows: rows, depth };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

export const textureKernel: Kernel<ConvolutionAttributes> = {
  name: "texture",
  rank: (node, capabilities) => rankOf(node, planOf(node, false, capabilities), capabilities),
  dispatches(node, capabilities) {
    const { outs, tapRows, depth, tiles, ...common } = commonOf(node, false, capabilities);
    const { pack, bindings, kernelWidth, strideX, left } = common;
    const { strideY, ...uniforms } = common.uniforms;
    const [x] = node.inputs;
    const [y] = node.outputs;
    const out = imageSizes(y);
    const leftGroups = Math.ceil(left / 4);
    const { workgroupSize } = capabilities;
    const items = out.n * Math.ceil(out.h / ROWS) * out.groups;
    const [gridX, gridY] = workgroupsFor(items, workgroupSize);
    return [
      pack,
      dispatch(shaders.convolutionTexture, {
        constants: {
          KERNEL: kernelWidth,
          STRIDE: strideX,
          STRIDE_Y: strideY,
          TAP_ROWS: tapRows,
          LINE_STEP: tapRows === 1 ? 1 : strideY,
          SHIFT: leftGroups * 4 - left,
          OUT: outs,
          ROWS,
          DEPTH: depth,
          LANES: workgroupSize,
        },
        bindings,
        uniforms: { ...uniforms, leftGroups },
        workgroups: [gridX, gridY, tiles],
        multiplyAdds: multiplyAddsOf(x, y, node.attributes, [uniforms.kernelHeight, kernelWidth]),
      }),
    ];
  },
};

export const transposedTextureKernel: Kernel<ConvolutionAttributes> = {
  name: "texture",
  rank: (node, capabilities) => rankOf(node, planOf(node, true, capabilities), capabilities),
  dispatches(node, capabilities) {
    const { outs, depth, tiles, ...common } = commonOf(node, true, capabilities);
    const { pack, bindings, uniforms, kernelWidth, strideX, left } = common;
    const [x] = node.inputs;
    const [y] = node.outputs;
    const out = imageSizes(y);
    const { workgroupSize } = capabilities;
    const { strideY } = uniforms;
    const bands = Math.ceil(out.h / ROWS / strideY);
    const strips = Math.ceil(out.groups / strideX);
    const [gridX, gridY] = workgroupsFor(out.n * bands * strips, workgroupSize);
    return [
      pack,
      dispatch(shaders.convolutionTransposeTexture, {
        constants: {
          KERNEL: kernelWidth,
          STRIDE: strideX,
          LEFT: left,
          BACK: Math.ceil(Math.floor(Math.max(0, kernelWidth - 1 - left) / strideX) / 4),
          OUT: outs,
          ROWS,
          DEPTH: depth,
          LANES: workgroupSize,
        },
        bindings,
        uniforms,
        workgroups: [gridX, gridY, tiles * strideY],
        multiplyAdds: multiplyAddsOf(y, x, node.attributes, [uniforms.kernelHeight, kernelWidth]),
      }),
    ];
  },
};

interface TexturePlan extends Tile {
  readonly packed: Tensor;
  /** Tiles of output channels of all groups. */
  readonly tiles: number;
}

const rankOf = (
  { inputs: [x] }: Node<ConvolutionAttributes>,
  plan: TexturePlan | undefined,
  capabilities: Capabilities,
) => (plan && readsTextures([x, plan.packed], capabilities) ? 0 : undefined);

/** Returns how a kernel computes a node; undefined if it does not. */
function planOf(
  { name, inputs: [x, weight], outputs: [y], attributes }: Node<ConvolutionAttributes>,
  isTransposed: boolean,
  capabilities: Capabilities,
): TexturePlan | undefined {
  const { groups, dilation, stride, before } = attributes;
  const [height, width] = weight.shape.slice(2);
  if (!sharesLoads(capabilities) || stride[1] > 4 || (dilation[1] > 1 && width > 1)) {
    return undefined;
  }
  if (isTransposed && before[1] >= width) return undefined; // the result is cut to the middle
  const [into, out] = isTransposed ? [y, x] : [x, y];
  if (multiplyAddsOf(into, out, attributes, [height, width]) < LEAST_MULTIPLY_ADDS) {
    return undefined;
  }
  const [groupIn, groupOut] = [x.shape[1] / groups, y.shape[1] / groups];
  const together = isTransposed || dilation[0] > 1 ? 1 : height;
  const tile = tileOf(together, width, groupIn, groupOut);
  if (!tile) return undefined;
  const tiles = groups * Math.ceil(groupOut / tile.outs);
  const texels = tiles * tileTexels(tile.tapRows * width, tile.outs, capabilities);
  const rowTexels = Math.ceil(texels / ROW_TEXELS) * ROW_TEXELS;
  const packed = scratchTexture(
    `${name}: packed weight`,
    (height / tile.tapRows) * groupIn,
    rowTexels,
  );
  return { ...tile, tiles, packed };
}

/** Returns what the dispatches of both kernels have in common. */
function commonOf(
  node: Node<ConvolutionAttributes>,
  isTransposed: boolean,
  capabilities: Capabilities,
) {
  const { attributes } = node;
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const plan = planOf(node, isTransposed, capabilities) as TexturePlan;
  const { inWidth: _, ...sizes } = sizeUniforms(x, y, attributes.groups);
  const { groupIn, groupOut } = sizes;
  const kernel = weight.shape.slice(2);
  const { kernelWidth, strideX, left, dilationX, ...taps } = tapUniforms(attributes, kernel);
  const area = kernel[0] * kernel[1];
  const [outStride, inStride] = isTransposed ? [area, groupOut * area] : [groupIn * area, area];
  const [rows, rowTexels] = plan.packed.shape;
  const bands = Math.ceil(groupIn / PACKED_CHANNELS);
  const perTile = tileTexels(plan.tapRows * kernelWidth, plan.outs, capabilities);
  const pack = dispatch(shaders.convolutionPack, {
    constants: { OUT: plan.outs, LANES: capabilities.workgroupSize, CHANNELS: PACKED_CHANNELS },
    bindings: [weight, plan.packed],
    uniforms: {
      rowTexels,
      tileTexels: perTile,
      groupTiles: plan.tiles / attributes.groups,
      groupIn,
      bands,
      groupOut,
      taps: plan.tapRows * kernelWidth,
      groupStride: groupIn * groupOut * area,
      outStride,
      inStride,
    },
    workgroups: [perTile / capabilities.workgroupSize, (rows / groupIn) * bands, plan.tiles],
  });
  const uniforms = {
    ...sizes,
    ...taps,
    ...epilogueUniforms(node),
    inGroups: imageSizes(x).groups,
    inFold: textureSize(x).fold,
  };
  const bindings = [x, plan.packed, bias ?? ABSENT, y] as const;
  return { ...plan, pack, bindings, uniforms, kernelWidth, strideX, left };
}

/** The texels of the weights of a tile, the taps of an iteration and one input channel. */
const tileTexels = (taps: number, outs: number, { workgroupSize }: Capabilities) =>
  Math.ceil((taps * outs) / 4 / workgroupSize) * workgroupSize;
