// The gradient of a 3x3 convolution's weight by Winograd F(3x3, 4x4): tiles of x and dy transformed,
// 36 matrix products over the tiles, and the transform back. See conv2d-winograd.ts.

import { type Dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { type Capabilities, type Node, scratch } from "../../graph/tensor.js";
import { ABSENT } from "../common/absent.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { subgroupConstant, type Tile, tileOf } from "../common/tiles.js";
import { inputSizes, multiplyAddsOf, type WeightGradientAttributes } from "./conv2d-attributes.js";
import { sharesLoads } from "./conv2d-texture.js";
import { FORMS, tilingOf } from "./conv2d-winograd.js";

/** The most floats of transformed tiles, of x and of dy, at a time: 32 MiB. */
const MAX_SCRATCH_FLOATS = 1 << 23;
/** Output and input channels of which one invocation of the product keeps the sums in registers. */
const PRODUCT_TILES: Readonly<Record<Tile["sums"], readonly [outs: number, ins: number]>> = {
  128: [8, 8],
  64: [8, 8],
  32: [8, 4],
  16: [4, 4],
};

/** Output channels of an invocation whose subgroup shares what it loads of dy. */
const SHARED_OUT = 16;

/** The product of a stripe, whose tensors the caller binds. */
function productOf(
  outs: number,
  ins: number,
  tile: Tile,
  capabilities: Capabilities,
): Pick<Dispatch, "shader" | "constants" | "workgroups"> {
  const { workgroupSize } = capabilities;
  if (sharesLoads(capabilities, [4]) && outs >= SHARED_OUT) {
    const size = ins % 32 ? 4 : 8;
    return {
      shader: "conv2d-winograd-gradient-product-shared",
      constants: { IN: size, DEPTH: 8 / size },
      workgroups: workgroupsFor(
        FORMS * Math.ceil(outs / SHARED_OUT) * Math.ceil(ins / size / 4),
        1,
      ),
    };
  }
  const [OUT, IN] = PRODUCT_TILES[tile.sums];
  return {
    shader: "conv2d-winograd-gradient-product",
    constants: { OUT, IN, LANES: workgroupSize, ...subgroupConstant(tile, capabilities) },
    workgroups: workgroupsFor(FORMS * Math.ceil(outs / OUT) * Math.ceil(ins / IN), workgroupSize),
  };
}

export function weightGradientByTiles(
  node: Node<WeightGradientAttributes>,
  capabilities: Capabilities,
  kernel: string,
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
      {
        shader: "conv2d-winograd-input",
        constants: { BORDER: border, SKIP: Number(skip !== undefined), LANES: workgroupSize },
        bindings: [x, skip ?? ABSENT, v],
        uniforms: { ...inputSizes(x, skip), ...place },
        workgroups: [Math.ceil(groups / workgroupSize), inChannels, 1],
      },
      {
        shader: "conv2d-winograd-gradient",
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
      },
      {
        ...productOf(out.c, inChannels, tileOf(kernel), capabilities),
        bindings: [d, v, parts],
        uniforms: { outChannels: out.c, inChannels, groups, stripe },
        multiplyAdds: (multiplyAdds * rows) / (out.n * tileRows),
      },
    );
  }
  dispatches.push({
    shader: "conv2d-winograd-gradient-output",
    bindings: [parts, biasParts, dw, db ?? scratch(`${node.name}: no bias`, 1)],
    uniforms: {
      pairs,
      stripes: stripes.length,
      outChannels: db ? out.c : 0,
      groups: allGroups,
    },
    workgroups: workgroupsFor(pairs + out.c, ELEMENTWISE_LANES),
  });
  return dispatches;
}
