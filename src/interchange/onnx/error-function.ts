// The error function, of which exporters compose the exact gelu.

import type { Tensor } from "../../graph/tensor.js";
import * as ops from "../../operations.js";

/**
 * A fit of erfc (Press et al. 1992, "Numerical recipes", section 6.2), and near 0, where 1 - erfc loses digits, the
 * power series.
 */
const ERROR_FUNCTION = `fn error_function(x: f32) -> f32 {
  let s = x * x;
  let near = 1.12837917 * x * (1.0 - s * (0.33333333 - s * (0.1 - s * (0.02380952 - s * 0.00462963))));
  let z = abs(x);
  let t = 1.0 / (1.0 + 0.5 * z);
  let fit = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
    + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  let far = sign(x) * (1.0 - t * exp(fit - min(s, 80.0)));
  return select(far, near, z < 0.4);
}
`;

/** Returns 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export const erf = (x: Tensor): Tensor =>
  ops.expression(
    { x },
    {
      name: "erf",
      value: "error_function(x)",
      functions: ERROR_FUNCTION,
      gradient: { x: "dy * 1.12837917 * exp(-x * x)" },
    },
  );
