// Gradients computed by the ops: the seed, and sums where several paths meet.

import { differentiate } from "../graph/differentiate.js";
import { expectTensor, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { one } from "./common/one.js";
import { add } from "./elementwise/add.js";

/**
 * Returns the gradients of `output` with respect to each tensor of `of`; undefined if `output` does
 * not depend on one. Without `seed`, `output` must be a single number [1] such as a loss; with it,
 * the gradients are those of sum(seed * output).
 */
export function gradients(
  output: Tensor,
  of: readonly Tensor[],
  seed?: Tensor,
): (Tensor | undefined)[] {
  expectTensor("gradients", "the output", output);
  if (!seed && (output.shape.length !== 1 || output.shape[0] !== 1)) {
    throw new ShapeError(
      `gradients: ${output.name} ${text(output.shape)} is not a single number: pass a seed of its shape`,
    );
  }
  return differentiate(output, of, seed ?? one("gradient of the loss"), add);
}
