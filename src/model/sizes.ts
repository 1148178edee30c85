// The valid sides of an input tile: a smallest one, and multiples of a period above it.

import { ShapeError } from "../graph/tensor.js";

/** The valid sides of an input. */
export interface InputSizes {
  /** Of the smallest. */
  readonly smallest: number;
  /** The distance from one to the next. */
  readonly period: number;
}

export function isValidSize(size: number, { smallest, period }: InputSizes): boolean {
  return Number.isInteger(size) && size >= smallest && (size - smallest) % period === 0;
}

/** Returns the nearest valid sizes below and above `size`, excluding `size` itself. */
export function nearestSizes(
  size: number,
  { smallest, period }: InputSizes,
): { below?: number; above: number } {
  const steps = Math.max(0, Math.floor((size - smallest) / period) + 1);
  const above = smallest + steps * period;
  const last = smallest + (Math.ceil((size - smallest) / period) - 1) * period;
  return last >= smallest ? { below: last, above } : { above };
}

/** Returns the error for a tile that `network` ("a U-Net of depth 4") does not accept. */
export function invalidSize(size: number, network: string, sizes: InputSizes): ShapeError {
  const { below, above } = nearestSizes(size, sizes);
  const nearest = below === undefined ? `size is ${above}` : `sizes are ${below} and ${above}`;
  return new ShapeError(
    `a tile of ${size} pixels does not fit ${network}: the nearest valid ${nearest}`,
  );
}
