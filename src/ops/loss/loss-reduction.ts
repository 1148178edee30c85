// How the losses of elements become one number.

import { checkWord } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, ShapeError, sameShape, type Tensor, text } from "../../graph/tensor.js";
import { mean, sum } from "../reduce/reduce.js";

/** The mean over all elements, their sum, or no reduction. */
export type LossReduction = "mean" | "sum" | "none";

/** Options of all losses. */
export interface LossOptions {
  /** By default "mean". "mean" and "sum" give a single number [1]. */
  readonly reduction?: LossReduction | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

/** Reduces the losses of elements. */
export function reduced(losses: Tensor, reduction: LossReduction, name: string): Tensor {
  checkReduction(name, reduction);
  if (reduction === "none") return losses;
  return (reduction === "mean" ? mean : sum)(losses, { name: `${name}: ${reduction}` });
}

/** Throws unless the reduction is one of the three. */
export function checkReduction(op: string, reduction: LossReduction): void {
  checkWord(`${op}: the reduction`, reduction, ["mean", "sum", "none"]);
}

/** Throws unless both tensors have the same shape and layout. */
export function expectSame(op: string, what: string, tensor: Tensor, like: Tensor): void {
  expectTensor(op, what, tensor);
  if (sameShape(tensor, like)) return;
  throw new ShapeError(
    `${op}: ${what} must be ${like.layout} ${text(like.shape)} as ${like.name}, got ` +
      `${tensor.layout} ${text(tensor.shape)}`,
  );
}

/** Throws unless a number of the options is finite and at least `least`. */
export function checkNumber(op: string, what: string, value: unknown, least = -Infinity): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  const range = least === -Infinity ? "" : ` of at least ${least}`;
  throw new Error(`${op}: ${what} must be a finite number${range}, got ${kindOf(value)}`);
}
