// The weight gradient of a 3x3 convolution by Winograd F(3x3, 4x4): the transforms of tiles of x
// and dy, 36 matrix products over the tiles, and the transform back. See conv2d-winograd.ts.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import { scratch, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { sharesLoads } from "../common/adapter.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { inTiles, subgroupConstant, type Tile, tilePlace } from "../common/register-tiles.js";
import {
  gradientTolerance,
  inputSizes,
  multiplyAddsOf,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { gradientLayerOf, winogradRank } from "./conv2d-ranks.js";
import { gradientConcatenated } from "./conv2d-skip.js";
import { readsGradientTextures } from "./conv2d-texture.js";
import { FORMS, tilingOf } from "./conv2d-winograd.js";

/** The largest number of floats of transformed tiles, of x and of dy, at a time: 32 MiB. */
const MAX_SCRATCH_FLOATS = 1 << 23;
/** Output and input channels whose sums one invocation of the product keeps in registers. */
const PRODUCT_TILES: Readonly<Record<Tile["sums"], readonly [outs: number, ins: number]>> = {
  128: [8, 8],
  64: [8, 8],
  32: [8, 4],
  16: [4, 4],
};

/** Output channels per invocation if its subgroup shares its loads of dy. */
const SHARED_OUT = 16;

/** The product of a stripe, of the transformed dy and x. */
function product(
  call: {
    readonly bindings: readonly [d: Tensor, v: Tensor, parts: Tensor];
    readonly uniforms: Record<"outChannels" | "inChannels" | "groups" | "stripe", number>;
    readonly multiplyAdds: number;
  },
  tile: Tile,
  capabilities: Capabilities,
): Dispatch {
  const { workgroupSize } = capabilities;
  const { outChannels: outs, inChannels: ins } = call.uniforms;
  if (sharesLoads(capabilities, [4]) && outs >= SHARED_OUT) {
    const size = ins % 32 ? 4 : 8;
    const subgroups = FORMS * Math.ceil(outs / SHARED_OUT) * Math.ceil(ins / size / 4);
    return dispatch(shaders.conv2dWinogradGradientProductShared, {
      ...call,
      constants: { IN: size, DEPTH: 8 / size },
      workgroups: workgroupsFor(subgroups, 1),
    });
  }
  const [OUT, IN] = PRODUCT_TILES[tile.sums];
  return dispatch(shaders.conv2dWinogradGradientProduct, {
    ...call,
    constants: { OUT, IN, LANES: workgroupSize, ...subgroupConstant(tile, capabilities) },
    workgroups: workgroupsFor(FORMS * Math.ceil(outs / OUT) * Math.ceil(ins / IN), workgroupSize),
  });
}

export const winogradGradientKernels = inTiles<WeightGradientAttributes>("winograd", (tile) => ({
  // Only the first tile is offered, and none where the kernels that read textures are faster.
  rank(node, capabilities) {
    const isSlower = capabilities.kind === "cpu" && readsGradientTextures(node, capabilities);
    const place = !isSlower && tilePlace(tile, capabilities) === 0 ? 0 : undefined;
    return winogradRank(gradientLayerOf(node), place, capabilities);
  },
  tolerance: gradientTolerance,
  dispatches(node, capabilities) {
    const gradient = (whole: typeof node) => weightGradientByTiles(whole, capabilities, tile);
    return gradientLayerOf(node).isReadable ? gradient(node) : gradientConcatenated(node, gradient);
  },
}));

function weightGradientByTiles(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  tile: Tile,
): Dispatch[] {
  const { workgroupSize } = capabilities;
  const [x, dy, skip] = node.inputs;
  const [dw, db] = node.outputs;
  const { border } = node.attributes;
  const inChannels = dw.shape[1];
  const out = imageSizes(dy);
  const { tileRows, tileGroups, stripes } = tilingOf(inChannels, dy, MAX_SCRATCH_FLOATS);
  const pairs = out.c * inChannels;
  const parts = scratch(`${node.name}: products`, stripes.length * FORMS * pairs);
  const multiplyAdds = multiplyAddsOf(
    [out.n, inChannels, ...x.shape.slice(2)],
    dy.shape,
    border,
    3,
  );
  const allGroups = out.n * tileRows * tileGroups;
  const biasParts = scratch(`${node.name}: sums of tiles`, allGroups * out.c);
  const dispatches: Dispatch[] = [];
  for (const [stripe, { firstRow, rows }] of stripes.entries()) {
    const groups = rows * tileGroups;
    const place = { tileRows, tileGroups, firstRow, rows };
    const v = scratch(`${node.name}: transformed tiles`, FORMS * inChannels * groups * 4);
    const d = scratch(`${node.name}: transformed gradients`, FORMS * out.c * groups * 4);
    dispatches.push(
      dispatch(shaders.conv2dWinogradInput, {
        constants: { BORDER: border, SKIP: Number(skip !== undefined), LANES: workgroupSize },
        bindings: [x, skip ?? ABSENT, v],
        uniforms: { ...inputSizes(x, skip), ...place },
        workgroups: [Math.ceil(groups / workgroupSize), inChannels, 1],
      }),
      dispatch(shaders.conv2dWinogradGradient, {
        constants: { LANES: workgroupSize },
        bindings: [dy, d, biasParts],
        uniforms: {
          channels: out.c,
          height: out.h,
          blocks: out.blocks,
          groups: out.groups,
          ...place,
        },
        workgroups: workgroupsFor(groups * out.c, workgroupSize),
      }),
      product(
        {
          bindings: [d, v, parts],
          uniforms: { outChannels: out.c, inChannels, groups, stripe },
          multiplyAdds: (multiplyAdds * rows) / (out.n * tileRows),
        },
        tile,
        capabilities,
      ),
    );
  }
  const output = dispatch(shaders.conv2dWinogradGradientOutput, {
    bindings: [parts, biasParts, dw, db ?? scratch(`${node.name}: no bias`, 1)],
    uniforms: {
      pairs,
      stripes: stripes.length,
      outChannels: db ? out.c : 0,
      groups: allGroups,
    },
    workgroups: workgroupsFor(pairs + out.c, ELEMENTWISE_LANES),
  });
  return [...dispatches, output];
}
