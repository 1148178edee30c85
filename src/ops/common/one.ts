// The seed of a gradient: d loss / d loss = 1.

import { constant, type Tensor } from "../../graph/tensor.js";

/** Creates a constant [1] with the value 1. */
export function one(name: string): Tensor {
  return constant(name, [1], [1]);
}

/** Whether a tensor is such a constant. */
export function isOne({ shape, source }: Tensor): boolean {
  return source?.kind === "constant" && shape.length === 1 && source.values[0] === 1;
}
