import { apply, type Op } from "../../graph/op.js";
import { ShapeError, sameShape, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { perGroup } from "../common/per-group.js";

/** Returns a + b, element by element. Both must have the same shape and layout. */
export function add(a: Tensor, b: Tensor, name?: string): Tensor {
  return apply(addOp, [a, b], undefined, name)[0];
}

export const addOp: Op<undefined> = {
  name: "add",
  outputs([a, b]) {
    if (!sameShape(a, b)) {
      throw new ShapeError(
        `add: the shapes differ: ${a.layout} ${text(a.shape)} and ${b.layout} ${text(b.shape)}`,
      );
    }
    return [{ shape: a.shape, layout: a.layout }];
  },
  gradient(_node, [dy]) {
    return [dy, dy];
  },
  receptiveField: ({ inputs }, rows) => inputs.map((tensor) => [tensor, rows]),
  words: () => "sum",
  kernels: [
    {
      name: "add",
      fusesReluMask: true,
      dispatches({ inputs: [a, b], outputs: [y], mask }) {
        const constants = { MASK: Number(mask !== undefined) };
        return [perGroup(shaders.add, y, { constants, bindings: [a, b, mask ?? ABSENT, y] })];
      },
    },
  ],
};
