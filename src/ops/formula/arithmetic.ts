// Arithmetic with broadcasting. An operand can be a number.

import { sameShape, type Tensor } from "../../graph/tensor.js";
import { add as addSame } from "../elementwise/add.js";
import { scale } from "../elementwise/scale.js";
import { type Operand, ofOperands, unary } from "./elementwise.js";
import type { FormulaGradient } from "./expression.js";

const SAME: FormulaGradient = (dy) => dy;

/** Returns a + b. */
export function add(a: Tensor, b: Operand, name = "add"): Tensor {
  if (typeof b === "object" && sameShape(a, b)) return addSame(a, b, name);
  return ofOperands({ a, b }, { name, value: "a + b", gradient: { a: SAME, b: SAME } });
}

/** Returns a - b. */
export function sub(a: Operand, b: Operand, name = "sub"): Tensor {
  return ofOperands({ a, b }, { name, value: "a - b", gradient: { a: SAME, b: "-dy" } });
}

/** Returns a * b. */
export function mul(a: Tensor, b: Operand, name = "mul"): Tensor {
  if (typeof b === "number") return scale(a, b, name);
  return ofOperands({ a, b }, { name, value: "a * b", gradient: { a: "dy * b", b: "dy * a" } });
}

/** Returns a / b. */
export function div(a: Operand, b: Operand, name = "div"): Tensor {
  const gradient = { a: "dy / b", b: "-dy * (a / b) / b" };
  return ofOperands({ a, b }, { name, value: "a / b", gradient });
}

/** The share of the gradient of the operand that is `relation` than the other; half of it if equal. */
const share = (relation: string) => `dy * select(select(0.0, 0.5, a == b), 1.0, ${relation})`;

/** Returns the larger of a and b. Equal ones share the gradient evenly. */
export function maximum(a: Tensor, b: Operand, name = "maximum"): Tensor {
  const gradient = { a: share("a > b"), b: share("b > a") };
  return ofOperands({ a, b }, { name, value: "max(a, b)", gradient });
}

/** Returns the smaller of a and b. Equal ones share the gradient evenly. */
export function minimum(a: Tensor, b: Operand, name = "minimum"): Tensor {
  const gradient = { a: share("a < b"), b: share("b < a") };
  return ofOperands({ a, b }, { name, value: "min(a, b)", gradient });
}

/** Returns -x. */
export function neg(x: Tensor, name = "neg"): Tensor {
  return unary(x, name, "-x", "-dy");
}
