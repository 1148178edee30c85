// Mathematical functions, element by element.

import { kindOf } from "../../arguments/numbers.js";
import { ShapeError, type Tensor } from "../../graph/tensor.js";
import { unary } from "./elementwise.js";

/** Returns e to the power x. */
export function exp(x: Tensor, name = "exp"): Tensor {
  return unary(x, name, "exp(x)", "dy * y");
}

/** Returns the natural logarithm of x, for x above 0. */
export function log(x: Tensor, name = "log"): Tensor {
  return unary(x, name, "log(x)", "dy / x");
}

/** Returns the square root of x, for x from 0. */
export function sqrt(x: Tensor, name = "sqrt"): Tensor {
  return unary(x, name, "sqrt(x)", "0.5 * dy / y");
}

/** Returns 1 / sqrt(x), for x above 0. */
export function rsqrt(x: Tensor, name = "rsqrt"): Tensor {
  return unary(x, name, "1.0 / sqrt(x)", "-0.5 * dy * y / x");
}

/** Returns |x|. The gradient at 0 is 0. */
export function abs(x: Tensor, name = "abs"): Tensor {
  return unary(x, name, "abs(x)", "dy * sign(x)");
}

/** Returns x * x. */
export function square(x: Tensor, name = "square"): Tensor {
  return unary(x, name, "x * x", "2.0 * dy * x");
}

/** The largest exponent whose power is written as products. */
const MOST_FACTORS = 4;

/** Returns WGSL of x to a power: `exponent` is the WGSL of the same number. */
function power(number: number, exponent: string): string {
  if (number === 0) return "1.0";
  if (Number.isInteger(number) && Math.abs(number) <= MOST_FACTORS) {
    const product = new Array(Math.abs(number)).fill("x").join(" * ");
    return number > 0 ? `(${product})` : `(1.0 / (${product}))`;
  }
  if (number === 0.5) return "sqrt(x)";
  if (!Number.isInteger(number)) return `pow(x, ${exponent})`;
  return number % 2 === 0 ? `pow(abs(x), ${exponent})` : `(sign(x) * pow(abs(x), ${exponent}))`;
}

/** Returns x to the power of a number; x must be from 0 if the number is not whole. */
export function pow(x: Tensor, exponent: number, name = "pow"): Tensor {
  if (typeof exponent !== "number" || !Number.isFinite(exponent)) {
    throw new ShapeError(`${name}: the exponent must be a finite number, got ${kindOf(exponent)}`);
  }
  const slope = power(exponent - 1, "(exponent - 1.0)");
  const dx = exponent === 0 ? "0.0 * dy" : `dy * exponent * ${slope}`;
  return unary(x, name, power(exponent, "exponent"), dx, { numbers: { exponent } });
}

/** Returns x limited to the range from `least` to `most`; the gradient is 0 outside of it. */
export function clip(x: Tensor, least = -Infinity, most = Infinity, name = "clip"): Tensor {
  if (!(least <= most)) {
    throw new ShapeError(
      `${name}: least must be a number of at most \`most\`, got ${kindOf(least)} and ${kindOf(most)}`,
    );
  }
  const inside = "x >= least && x <= most";
  return unary(x, name, "clamp(x, least, most)", `select(0.0, dy, ${inside})`, {
    numbers: { least: finite(least), most: finite(most) },
  });
}

/** The nearest finite 32-bit number. */
const finite = (value: number) => Math.max(-LARGEST, Math.min(LARGEST, value));
const LARGEST = (2 - 2 ** -23) * 2 ** 127;
