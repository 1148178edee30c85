// The gradient of a 3x3 convolution's weight by Winograd F(3x3, 4x4): tiles of x and dy transformed,
// 36 matrix products over the tiles, and the transform back. See conv2d-winograd.ts.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import { type Capabilities, type Node, scratch } from "../graph/tensor.js";
import { multiplyAddsOf, type WeightGradientAttributes } from "./conv2d-attributes.js";
import { FORMS, tilingOf } from "./conv2d-winograd.js";
import { ELEMENTWISE_LANES } from "./elementwise.js";

/** Output and input channels of which one invocation of the product keeps the sums in registers. */
const OUT = 8;
const IN = 8;

export function weightGradientByTiles(
  node: Node<WeightGradientAttributes>,
  { lanes }: Capabilities,
): Dispatch[] {
  const [x, dy] = node.inputs;
  const [dw] = node.outputs;
  const { border } = node.attributes;
  const into = imageSizes(x);
  const out = imageSizes(dy);
  const { tileRows, tileGroups, stripes } = tilingOf(x, dy);
  const pairs = out.c * into.c;
  const parts = scratch(`${node.name}: products`, stripes.length * FORMS * pairs);
  const items = FORMS * Math.ceil(out.c / OUT) * Math.ceil(into.c / IN);
  const multiplyAdds = multiplyAddsOf(x.shape, dy.shape, border, 3);
  const dispatches: Dispatch[] = [];
  for (const [stripe, { firstRow, rows }] of stripes.entries()) {
    const groups = rows * tileGroups;
    const place = { tileRows, tileGroups, firstRow, rows };
    const v = scratch(`${node.name}: transformed tiles`, FORMS * into.c * groups * 4);
    const d = scratch(`${node.name}: transformed gradients`, FORMS * out.c * groups * 4);
    const sizes = ({ c, h, blocks, groups }: typeof into) => {
      return { channels: c, height: h, blocks, groups, ...place };
    };
    dispatches.push(
      {
        shader: "conv2d-winograd-input",
        constants: { BORDER: border, LANES: lanes },
        bindings: [x, v],
        record: sizes(into),
        workgroups: workgroupsFor(groups * into.c, lanes),
      },
      {
        shader: "conv2d-winograd-gradient",
        constants: { LANES: lanes },
        bindings: [dy, d],
        record: sizes(out),
        workgroups: workgroupsFor(groups * out.c, lanes),
      },
      {
        shader: "conv2d-winograd-gradient-product",
        constants: { OUT, IN, LANES: lanes },
        bindings: [d, v, parts],
        record: { outChannels: out.c, inChannels: into.c, groups, stripe },
        workgroups: workgroupsFor(items, lanes),
        multiplyAdds: (multiplyAdds * rows) / (out.n * tileRows),
      },
    );
  }
  dispatches.push({
    shader: "conv2d-winograd-gradient-output",
    bindings: [parts, dw],
    record: { pairs, stripes: stripes.length },
    workgroups: workgroupsFor(pairs, ELEMENTWISE_LANES),
  });
  return dispatches;
}
