// Checks numbers given by a caller: values that are not numbers, and numbers that 32 bits cannot
// hold.

import { shown } from "./shown.js";

/**
 * Throws unless `values` are numbers that 32 bits can hold: a finite one must not become infinite.
 * NaN and infinities that are given on purpose pass. `what` begins the sentence.
 */
export function checkNumbers(what: string, values: ArrayLike<number>): void {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const name = values instanceof BigInt64Array ? "BigInt64Array" : "BigUint64Array";
    throw new Error(
      `${what} is a ${name}, expected numbers: use Float32Array.from(values, Number)`,
    );
  }
  const isTyped = ArrayBuffer.isView(values) && !(values instanceof DataView);
  // The other typed arrays cannot hold such values.
  if (isTyped && !(values instanceof Float64Array)) return;
  if (typeof (values as unknown) !== "object" || values === null || !("length" in values)) {
    throw new Error(`${what} must be an array of numbers, got ${kindOf(values)}`);
  }
  if (!isTyped) checkKinds(what, values);
  checkRange(what, values);
}

function checkKinds(what: string, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] === "number") continue;
    throw new Error(`${what}: value ${i} must be a number, got ${kindOf(values[i])}`);
  }
}

/**
 * The largest finite 32-bit number plus half the distance to the next: numbers below this are
 * rounded to it.
 */
const LARGEST = 2 ** 128 - 2 ** 103;

function checkRange(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size < LARGEST || size === Infinity || Number.isNaN(size)) continue;
    throw new Error(`${what}: value ${i} is ${values[i]}, which is infinite in 32 bits (3.4e38)`);
  }
}

/** Describes a value for errors. */
export function kindOf(value: unknown): string {
  if (typeof value === "string") return `the text "${value.slice(0, 20)}"`;
  if (typeof value !== "object" || value === null) return String(value).slice(0, 40);
  if (Array.isArray(value) && value.flat().every((one) => typeof one === "number")) {
    return shown(value);
  }
  const name = value.constructor?.name ?? "Object";
  if (name === "Object") return JSON.stringify(value).slice(0, 60);
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * Returns the indices of element `index` of a row-major array; only the first may exceed its size.
 */
export function placeIn(shape: readonly number[], index: number): number[] {
  let rest = index;
  const place = [...shape].reverse().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return place.reverse();
}

/** Returns the index of the first value that is NaN or infinite; -1 if all are finite. */
export function firstNotFinite(values: ArrayLike<number>): number {
  // A product with 0 is NaN only for those. Four sums, since each addition waits for the previous
  // one.
  const { length } = values;
  const end = length - (length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < end; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (let i = end; i < length; i++) a += values[i] * 0;
  if (!Number.isNaN(a + b + c + d)) return -1;
  for (let i = 0; i < length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}
