// What functions of one tensor, or of tensors and numbers, share.

import type { Tensor } from "../../graph/tensor.js";
import { type ExpressionOptions, expression } from "./expression.js";

/** A tensor, or a number that is the same everywhere. */
export type Operand = Tensor | number;

/** A function of x with the gradient formula `dx`, of x, y and dy. */
export function unary(
  x: Tensor,
  name: string,
  value: string,
  dx: string,
  more: Pick<ExpressionOptions, "functions" | "numbers"> = {},
): Tensor {
  return expression({ x }, { ...more, name, value, gradient: { x: dx } });
}

/** An expression of operands: numbers become numbers of the expression, without a gradient. */
export function ofOperands(
  operands: Readonly<Record<string, Operand>>,
  { gradient = {}, ...rest }: ExpressionOptions,
): Tensor {
  const given = Object.entries(operands);
  const inputs = given.filter((pair): pair is [string, Tensor] => typeof pair[1] !== "number");
  const numbers = given.filter((pair): pair is [string, number] => typeof pair[1] === "number");
  const isInput = (name: string) => inputs.some(([one]) => one === name);
  return expression(Object.fromEntries(inputs), {
    ...rest,
    numbers: { ...rest.numbers, ...Object.fromEntries(numbers) },
    gradient: Object.fromEntries(Object.entries(gradient).filter(([name]) => isInput(name))),
  });
}
