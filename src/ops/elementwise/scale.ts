import { apply, type Op, ShapeError, type Tensor } from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

interface Attributes {
  readonly factor: number;
}

/** factor * x, element by element; the factor is fixed. */
export function scale(x: Tensor, factor: number, name?: string): Tensor {
  return apply(scaleOp, [x], { factor }, name)[0];
}

export const scaleOp: Op<Attributes> = {
  name: "scale",
  outputs([x], { factor }) {
    if (typeof factor !== "number" || !Number.isFinite(Math.fround(factor))) {
      throw new ShapeError(`scale: the factor must be a number within 32 bits, got ${factor}`);
    }
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient(node, [dy]) {
    return [dy && scale(dy, node.attributes.factor, `${node.name} gradient`)];
  },
  dispatches({ inputs: [x], outputs: [y], attributes }) {
    return [perGroup("scale", y, [x, y], { factor: attributes.factor })];
  },
};
