// Comparisons: 1 where something holds, else 0. They have no gradient.

import type { Tensor } from "../../graph/tensor.js";
import { type Operand, ofOperands } from "./elementwise.js";

const compare = (a: Tensor, b: Operand, relation: string, name: string) =>
  ofOperands({ a, b }, { name, value: `select(0.0, 1.0, a ${relation} b)`, gradient: {} });

/** Returns 1 where a > b, else 0. */
export function greater(a: Tensor, b: Operand, name = "greater"): Tensor {
  return compare(a, b, ">", name);
}

/** Returns 1 where a >= b, else 0. */
export function greaterEqual(a: Tensor, b: Operand, name = "greaterEqual"): Tensor {
  return compare(a, b, ">=", name);
}

/** Returns 1 where a < b, else 0. */
export function less(a: Tensor, b: Operand, name = "less"): Tensor {
  return compare(a, b, "<", name);
}

/** Returns 1 where a <= b, else 0. */
export function lessEqual(a: Tensor, b: Operand, name = "lessEqual"): Tensor {
  return compare(a, b, "<=", name);
}

/** Returns 1 where a = b, else 0. */
export function equal(a: Tensor, b: Operand, name = "equal"): Tensor {
  return compare(a, b, "==", name);
}

/** Returns a where the condition is not 0, else b. The condition has no gradient. */
export function where(condition: Tensor, a: Operand, b: Operand, name = "where"): Tensor {
  return ofOperands(
    { condition, a, b },
    {
      name,
      value: "select(b, a, condition != 0.0)",
      gradient: {
        a: "select(0.0, dy, condition != 0.0)",
        b: "select(dy, 0.0, condition != 0.0)",
      },
    },
  );
}
