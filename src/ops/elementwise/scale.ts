import { apply, type Op } from "../../graph/op.js";
import { ShapeError, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

interface Attributes {
  readonly factor: number;
}

/** Returns factor * x, element by element, for a constant factor. */
export function scale(x: Tensor, factor: number, name?: string): Tensor {
  return apply(scaleOp, [x], { factor }, name)[0];
}

export const scaleOp: Op<Attributes> = {
  name: "scale",
  outputs([x], { factor }) {
    if (typeof factor !== "number" || !Number.isFinite(Math.fround(factor))) {
      throw new ShapeError(`scale: the factor must be a finite 32-bit number, got ${factor}`);
    }
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient(node, [dy]) {
    return [dy && scale(dy, node.attributes.factor, `${node.name} gradient`)];
  },
  kernels: [
    {
      name: "scale",
      dispatches({ inputs: [x], outputs: [y], attributes: { factor } }) {
        return [perGroup(shaders.scale, y, { bindings: [x, y], uniforms: { factor } })];
      },
    },
  ],
};
