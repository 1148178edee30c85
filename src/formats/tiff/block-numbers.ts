// The numbers of a decoded block, in arrays of their own type.

import type { Samples } from "../../data/image-types.js";
import { sumFloatRows, sumRows, swapBytes } from "./undo-predictor.js";

/** Numbers, including those of 64 bits, which are converted to smaller types once all are known. */
export type Numbers = Samples | Float64Array;

export interface NumberKind {
  readonly bits: number;
  /** 1 unsigned integers, 2 signed integers, 3 floats. */
  readonly format: number;
}

/** Creates an array for numbers of a kind; 64-bit integers are stored as 64-bit floats for now. */
export function createNumbers({ bits, format }: NumberKind, length: number): Numbers {
  if (format === 3) return new Float32Array(length);
  if (bits > 32) return new Float64Array(length);
  if (bits > 16) return format === 2 ? new Int32Array(length) : new Uint32Array(length);
  if (bits > 8) return format === 2 ? new Int16Array(length) : new Uint16Array(length);
  return format === 2 ? new Int8Array(length) : new Uint8Array(length);
}

/** Returns the largest number of a kind; 1 for floats. */
export function maximumOf({ bits, format }: NumberKind): number {
  if (format === 3) return 1;
  return 2 ** (format === 2 ? bits - 1 : bits) - 1;
}

export interface Rows {
  readonly rowBytes: number;
  /** Numbers per row. */
  readonly rowLength: number;
  /** Adjacent numbers per pixel. */
  readonly step: number;
}

/**
 * Returns the numbers in rows of bytes, each of which begins at a whole byte. The bytes are changed
 * if they are differences or in the other byte order; integers of 8, 16 and 32 bits are views.
 */
export function numbersOf(
  given: Uint8Array,
  kind: NumberKind,
  { rowBytes, rowLength, step }: Rows,
  { little, predictor }: { readonly little: boolean; readonly predictor: number },
): Numbers {
  const { bits, format } = kind;
  if (bits < 8 || (bits > 8 && bits < 16)) return unpack(given, kind, rowBytes, rowLength);
  const size = bits / 8;
  // Views need an offset that is a multiple of their size.
  const bytes = size > 1 && given.byteOffset % 8 !== 0 ? new Uint8Array(given) : given;
  const words = bytes.length / size;
  if (predictor === 3) sumFloatRows(bytes, rowBytes, size, step);
  else if (!little) swapBytes(bytes, size);
  const view = <T>(Kind: new (buffer: ArrayBuffer, at: number, length: number) => T) =>
    new Kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, words);
  const unsigned =
    size === 1
      ? bytes
      : size === 2
        ? view(Uint16Array)
        : size === 4
          ? view(Uint32Array)
          : undefined;
  if (predictor === 2) sumRows(unsigned ?? view(BigUint64Array), rowLength, step);
  if (format === 3) {
    if (size === 4) return view(Float32Array);
    if (size === 8) return Float32Array.from(view(Float64Array));
    return size === 2 ? fromHalf(view(Uint16Array)) : from24(bytes);
  }
  if (size === 8) return from64(bytes, format === 2);
  if (format === 1) return unsigned as Numbers;
  return size === 1 ? view(Int8Array) : size === 2 ? view(Int16Array) : view(Int32Array);
}

/** Unpacks numbers of 1 to 15 bits, the highest bit first whatever the file's byte order. */
function unpack(bytes: Uint8Array, kind: NumberKind, rowBytes: number, rowLength: number): Numbers {
  const { bits, format } = kind;
  const rows = Math.floor(bytes.length / rowBytes);
  const numbers = createNumbers(kind, rows * rowLength);
  const mask = (1 << bits) - 1;
  const shift = format === 2 ? 32 - bits : 0;
  let to = 0;
  for (let row = 0; row < rows; row++) {
    let from = row * rowBytes;
    let hold = 0;
    let filled = 0;
    for (let i = 0; i < rowLength; i++) {
      while (filled < bits) {
        hold = ((hold << 8) | bytes[from++]) & 0xffffff;
        filled += 8;
      }
      filled -= bits;
      const value = (hold >> filled) & mask;
      numbers[to++] = (value << shift) >> shift;
    }
  }
  return numbers;
}

/** Decodes 16-bit floats (IEEE 754 binary16). */
function fromHalf(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) bits[i] = sign | 0x7f800000 | (fraction << 13);
    else if (exponent > 0) bits[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
    else if (fraction === 0) bits[i] = sign;
    else {
      // Subnormal in 16 bits, but not in 32.
      const lead = Math.clz32(fraction) - 21;
      bits[i] = sign | ((113 - lead) << 23) | (((fraction << lead) & 1023) << 13);
    }
  }
  return new Float32Array(bits.buffer);
}

/** Decodes 24-bit floats in little-endian order: a sign, 7 bits of exponent, 16 of fraction. */
function from24(bytes: Uint8Array): Float32Array {
  const floats = new Float32Array(bytes.length / 3);
  for (let i = 0, at = 0; i < floats.length; i++, at += 3) {
    const fraction = bytes[at] | (bytes[at + 1] << 8);
    const sign = bytes[at + 2] & 128 ? -1 : 1;
    const exponent = bytes[at + 2] & 127;
    if (exponent === 127) floats[i] = fraction ? NaN : sign * Infinity;
    else if (exponent === 0) floats[i] = sign * fraction * 2 ** -78;
    else floats[i] = sign * (65536 + fraction) * 2 ** (exponent - 79);
  }
  return floats;
}

/**
 * Decodes 64-bit integers: exact up to 2^53; above, the lowest bits are combined in one, so that
 * later rounding to 32-bit floats gives the nearest.
 */
function from64(bytes: Uint8Array, isSigned: boolean): Float64Array {
  const low = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const high = isSigned ? new Int32Array(low.buffer, low.byteOffset, low.length) : low;
  const numbers = new Float64Array(low.length / 2);
  for (let i = 0; i < numbers.length; i++) {
    const top = high[2 * i + 1];
    let bottom = low[2 * i];
    if (top >= 0x200000 || top < -0x200000) {
      bottom = ((bottom & 0xfffff000) | (bottom & 0xfff ? 0x800 : 0)) >>> 0;
    }
    numbers[i] = top * 2 ** 32 + bottom;
  }
  return numbers;
}

/** Converts 64-bit integers to 32 bits if all fit, else to the nearest 32-bit floats. */
export function settle(numbers: Numbers, { format }: NumberKind): Samples {
  if (!(numbers instanceof Float64Array)) return numbers;
  const [least, most] = format === 2 ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const fits = numbers.every((value) => value >= least && value <= most);
  if (!fits) return Float32Array.from(numbers);
  return format === 2 ? Int32Array.from(numbers) : Uint32Array.from(numbers);
}
