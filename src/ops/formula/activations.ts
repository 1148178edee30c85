// Activations, element by element. They are finite for all finite x, also where the formulas of the
// textbooks divide infinity by infinity.

import { checkWord } from "../../arguments/keys.js";
import type { Tensor } from "../../graph/tensor.js";
import { unary } from "./elementwise.js";

/** 1 / (1 + exp(-x)). */
export const SIGMOID = `fn logistic(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
`;

/** Returns 1 / (1 + exp(-x)). */
export function sigmoid(x: Tensor, name = "sigmoid"): Tensor {
  return unary(x, name, "logistic(x)", "dy * y * (1.0 - y)", { functions: SIGMOID });
}

/** Returns log(1 / (1 + exp(-x))) = -softplus(-x). */
export function logSigmoid(x: Tensor, name = "logSigmoid"): Tensor {
  const functions = SIGMOID + SOFTPLUS;
  return unary(x, name, "-smooth_relu(-x)", "dy * logistic(-x)", { functions });
}

/** A series for small x, where 1 - exp(-2x) would cancel. */
const TANH = `fn hyperbolic(x: f32) -> f32 {
  let s = x * x;
  let series = x * (1.0 + s * (-1.0 / 3.0 + s * (2.0 / 15.0 + s * (-17.0 / 315.0 + s * (62.0 / 2835.0)))));
  let e = exp(-2.0 * abs(x));
  return select(sign(x) * (1.0 - e) / (1.0 + e), series, abs(x) < 0.25);
}
`;

/** Returns the hyperbolic tangent of x. */
export function tanh(x: Tensor, name = "tanh"): Tensor {
  return unary(x, name, "hyperbolic(x)", "dy * (1.0 - y * y)", { functions: TANH });
}

/** Returns x if it is above 0, else slope * x. */
export function leakyRelu(x: Tensor, slope = 0.01, name = "leakyRelu"): Tensor {
  return unary(x, name, "select(slope * x, x, x > 0.0)", "select(slope * dy, dy, x > 0.0)", {
    numbers: { slope },
  });
}

/** exp(x) - 1 for x up to 0: a series for small x, where it would cancel. */
const EXPM1 = `fn less_one(x: f32) -> f32 {
  let series = x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0))));
  return select(exp(min(x, 0.0)) - 1.0, series, abs(x) < 0.05);
}
`;

/** Returns x if it is above 0, else alpha * (exp(x) - 1) (Clevert et al. 2016). */
export function elu(x: Tensor, alpha = 1, name = "elu"): Tensor {
  const dx = "dy * select(alpha * exp(min(x, 0.0)), 1.0, x > 0.0)";
  return unary(x, name, "select(alpha * less_one(x), x, x > 0.0)", dx, {
    functions: EXPM1,
    numbers: { alpha },
  });
}

/**
 * The distribution function of the normal distribution, by a fit of erfc with a relative error of
 * 1.2e-7 (Press et al. 1992, "Numerical recipes", section 6.2).
 */
const NORMAL = `fn normal(x: f32) -> f32 {
  let z = abs(x) * 0.70710678;
  let t = 1.0 / (1.0 + 0.5 * z);
  let fit = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
    + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  let tail = 0.5 * t * exp(fit - z * z);
  return select(tail, 1.0 - tail, x > 0.0);
}
fn density(x: f32) -> f32 { return 0.39894228 * exp(-0.5 * x * x); }
`;

/** The argument of the logistic function in the approximation of gelu, and its derivative. */
const GELU_TANH = `${SIGMOID}fn inner(x: f32) -> f32 {
  let c = clamp(x, -100.0, 100.0);
  return 1.59576912 * c * (1.0 + 0.044715 * c * c);
}
fn inner_slope(x: f32) -> f32 {
  let c = clamp(x, -100.0, 100.0);
  return 1.59576912 * (1.0 + 0.134145 * c * c);
}
`;

/**
 * Returns x times the distribution function of the normal distribution (Hendrycks and Gimpel 2016),
 * exactly ("none"), or by their approximation with the hyperbolic tangent ("tanh").
 */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none", name = "gelu"): Tensor {
  checkWord(`${name}: approximate`, approximate, ["none", "tanh"]);
  if (approximate === "none") {
    const dx = "dy * (normal(x) + x * density(x))";
    return unary(x, name, "x * normal(x)", dx, { functions: NORMAL });
  }
  const share = "logistic(inner(x))";
  const dx = `dy * (${share} + x * ${share} * logistic(-inner(x)) * inner_slope(x))`;
  return unary(x, name, `x * ${share}`, dx, { functions: GELU_TANH });
}

/** Returns x / (1 + exp(-x)), also called swish. */
export function silu(x: Tensor, name = "silu"): Tensor {
  const dx = "dy * logistic(x) * (1.0 + x * logistic(-x))";
  return unary(x, name, "x * logistic(x)", dx, { functions: SIGMOID });
}

/** Returns x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export function hardSwish(x: Tensor, name = "hardSwish"): Tensor {
  const dx = "dy * select(select(x / 3.0 + 0.5, 1.0, x > 3.0), 0.0, x < -3.0)";
  return unary(x, name, "x * (clamp(x + 3.0, 0.0, 6.0) / 6.0)", dx);
}

/** Returns min(max(x / 6 + 1/2, 0), 1). */
export function hardSigmoid(x: Tensor, name = "hardSigmoid"): Tensor {
  const dx = "select(0.0, dy / 6.0, abs(x) < 3.0)";
  return unary(x, name, "clamp(x / 6.0 + 0.5, 0.0, 1.0)", dx);
}

/** log(1 + exp(x)): a series for small exponentials, which 1 would swallow. */
export const SOFTPLUS = `fn smooth_relu(x: f32) -> f32 {
  let e = exp(-abs(x));
  let series = e * (1.0 - e * (0.5 - e * (1.0 / 3.0)));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.01);
}
`;

/** Returns log(1 + exp(beta * x)) / beta. */
export function softplus(x: Tensor, beta = 1, name = "softplus"): Tensor {
  return unary(x, name, "smooth_relu(beta * x) / beta", "dy * logistic(beta * x)", {
    functions: SIGMOID + SOFTPLUS,
    numbers: { beta },
  });
}
