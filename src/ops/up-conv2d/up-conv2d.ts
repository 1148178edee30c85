// The up-convolution of the expanding path: 2x2 with stride 2, so its windows do not overlap.

import type { Capabilities } from "../../graph/capabilities.js";
import type { Dispatch } from "../../graph/dispatch.js";
import { apply, type Kernel, type Node, type Op } from "../../graph/op.js";
import {
  expectDense,
  expectImage,
  expectTensor,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import { readsTextures, sharesLoads } from "../common/adapter.js";
import { inTiles, isPlain, type Tile, tilePlace } from "../common/register-tiles.js";
import {
  inputGradientFromBuffers,
  upConvolveFromBuffers,
  weightGradientFromBuffers,
} from "./up-conv2d-buffer.js";
import {
  fillsTexture,
  inputGradientFromTextures,
  upConvolveFromTextures,
  weightGradientFromTextures,
} from "./up-conv2d-texture.js";

/**
 * Transposed convolution 2x2 with stride 2.
 * x [N,I,H,W], weight [I,O,2,2], bias [O] -> [N,O,2H,2W].
 */
export function upConv2d(x: Tensor, weight: Tensor, bias?: Tensor, name?: string): Tensor {
  if (bias !== undefined) expectTensor("up-conv2d", "bias", bias);
  return apply(upConv2dOp, bias ? [x, weight, bias] : [x, weight], undefined, name)[0];
}

/**
 * Returns two kinds of kernels for nodes of an op: one that reads `images` as textures, which ranks
 * first if its lanes can share their loads, and one that reads buffers, with several tiles.
 */
function kernelsOf<Attributes>(
  images: (node: Node<Attributes>, capabilities: Capabilities) => readonly Tensor[] | undefined,
  fromTextures: Kernel<Attributes>["dispatches"],
  fromBuffers: (
    node: Node<Attributes>,
    capabilities: Capabilities,
    tile: Tile,
  ) => readonly Dispatch[],
  shared: Pick<Kernel<Attributes>, "fusesReluMask" | "tolerance"> = {},
): Kernel<Attributes>[] {
  return [
    {
      ...shared,
      name: "texture",
      rank(node, capabilities) {
        if (!sharesLoads(capabilities)) return undefined;
        const read = images(node, capabilities);
        return read && readsTextures(read, capabilities) ? 0 : undefined;
      },
      dispatches: fromTextures,
    },
    ...inTiles<Attributes>("buffer", (tile) => ({
      ...shared,
      rank(_node, capabilities) {
        const place = tilePlace(tile, capabilities);
        return place === undefined ? undefined : 1 + place;
      },
      isReference: isPlain(tile),
      dispatches: (node, capabilities) => fromBuffers(node, capabilities, tile),
    })),
  ];
}

const tolerance = () => TOLERANCES.gradient;

export const upConv2dOp: Op<undefined> = {
  name: "up-conv2d",
  outputs([x, weight, bias]) {
    expectImage("up-conv2d", "input", x);
    const [n, c, h, w] = x.shape;
    const [ins, outs, ...kernel] = weight.shape;
    if (weight.layout !== "dense" || kernel[0] !== 2 || kernel[1] !== 2) {
      throw new ShapeError(
        `up-conv2d: weight must be a dense [I,O,2,2], got ${weight.layout} ${text(weight.shape)}`,
      );
    }
    if (c !== ins) {
      throw new ShapeError(
        `up-conv2d: input has ${c} channels but weight expects ${ins} (input ${text(x.shape)}, weight ${text(weight.shape)})`,
      );
    }
    if (bias) expectDense("up-conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, h * 2, w * 2], layout: "image" }];
  },
  gradient({ inputs: [x, weight, bias], name }, [dy]) {
    if (!dy) return [];
    const withBias = bias !== undefined;
    return [
      apply(upConv2dInputGradientOp, [dy, weight], undefined, `${name} gradient: input`)[0],
      ...apply(upConv2dWeightGradientOp, [x, dy], { bias: withBias }, `${name} gradient: weight`),
    ];
  },
  receptiveField: ({ inputs: [x] }, [first, last]) => [
    [x, [Math.floor(first / 2), Math.floor(last / 2)]],
  ],
  words: () => "up-convolution",
  kernels: kernelsOf(
    ({ inputs: [x, weight] }, capabilities) =>
      fillsTexture(weight, capabilities) ? [x] : undefined,
    upConvolveFromTextures,
    upConvolveFromBuffers,
  ),
};

/** Inputs dy [N,O,2H,2W] and the weight [I,O,2,2]; output dx [N,I,H,W]. */
export const upConv2dInputGradientOp: Op<undefined> = {
  name: "up-conv2d-input-gradient",
  outputs([dy, weight]) {
    const [n, , h, w] = dy.shape;
    return [{ shape: [n, weight.shape[0], h / 2, w / 2], layout: "image" }];
  },
  kernels: kernelsOf(
    // A mask is read as a texture too, and has the shape of dx.
    ({ inputs: [dy, weight], outputs: [dx] }, capabilities) =>
      fillsTexture(weight, capabilities) ? [dy, dx] : undefined,
    inputGradientFromTextures,
    inputGradientFromBuffers,
    { fusesReluMask: true, tolerance },
  ),
};

export interface UpWeightGradientAttributes {
  /** Whether there is a bias, whose gradient is the sum of dy. */
  readonly bias: boolean;
}

/**
 * Inputs x [N,I,H,W] and dy [N,O,2H,2W]; outputs the gradients [I,O,2,2] of the weight and, if
 * there is a bias, [O] of the bias: every kernel loads all of dy in any case.
 */
export const upConv2dWeightGradientOp: Op<UpWeightGradientAttributes> = {
  name: "up-conv2d-weight-gradient",
  outputs([x, dy], { bias }) {
    const [ins, outs] = [x.shape[1], dy.shape[1]];
    return [
      { shape: [ins, outs, 2, 2], layout: "dense" },
      ...(bias ? [{ shape: [outs], layout: "dense" as const }] : []),
    ];
  },
  kernels: kernelsOf(
    ({ inputs }) => inputs,
    weightGradientFromTextures,
    weightGradientFromBuffers,
    {
      tolerance,
    },
  ),
};
