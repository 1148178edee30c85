// NumPy's .npy files (numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3.

import { shownText } from "../arguments/shown.js";
import { halfFloat } from "./half-float.js";

/** An array of a file. */
export interface NpyArray {
  /** Outermost dimension first; empty for a scalar. */
  readonly shape: readonly number[];
  /** "<f4" for 32-bit floats: NumPy's name of the type. */
  readonly type: string;
  /** Row-major. Integers of 64 bits are rounded to 53. */
  readonly data: Float32Array | Float64Array;
}

type Read = (view: DataView, at: number, isLittle: boolean) => number;

/** Types of elements without their byte order: bytes and how one is read. */
const TYPES: Readonly<Record<string, readonly [number, Read]>> = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, isLittle) => view.getUint16(at, isLittle)],
  i2: [2, (view, at, isLittle) => view.getInt16(at, isLittle)],
  f2: [2, (view, at, isLittle) => halfFloat(view.getUint16(at, isLittle))],
  u4: [4, (view, at, isLittle) => view.getUint32(at, isLittle)],
  i4: [4, (view, at, isLittle) => view.getInt32(at, isLittle)],
  f4: [4, (view, at, isLittle) => view.getFloat32(at, isLittle)],
  u8: [8, (view, at, isLittle) => Number(view.getBigUint64(at, isLittle))],
  i8: [8, (view, at, isLittle) => Number(view.getBigInt64(at, isLittle))],
  f8: [8, (view, at, isLittle) => view.getFloat64(at, isLittle)],
};

/** Reads an array. Throws one line with `fileName` for other bytes and for other types of elements. */
export function readNpy(bytes: Uint8Array, fileName: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isNpy =
    bytes.length >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!isNpy) throw new Error(`${fileName}: not an .npy file`);
  const isFirst = bytes[6] === 1;
  const start = isFirst ? 10 : 12;
  const headerBytes = isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + headerBytes));
  const [, type = "?"] = header.match(/'descr': *'([^']+)'/) ?? [];
  const [, sizes] = header.match(/'shape': *\(([^)]*)\)/) ?? [];
  const isFortran = /'fortran_order': *True/.test(header);
  const [size, read] = TYPES[type.slice(1)] ?? [0, undefined];
  if (sizes === undefined || !read || !"<>|=".includes(type[0])) {
    throw new Error(`${fileName}: its elements are ${shownText(type)}, expected numbers`);
  }
  const shape = sizes
    .split(",")
    .filter((text) => text.trim() !== "")
    .map(Number);
  const count = shape.reduce((product, one) => product * one, 1);
  const data = start + headerBytes;
  if (!(shape.every(Number.isSafeInteger) && data + count * size <= bytes.length)) {
    throw new Error(
      `${fileName}: truncated: [${shape}] of ${type} takes ${count * size} bytes, but ${bytes.length - data} follow`,
    );
  }
  const isLittle = type[0] !== ">";
  const at = (_: unknown, i: number) => read(view, data + size * i, isLittle);
  const isFloat = type.endsWith("f4");
  const stored = isFloat
    ? Float32Array.from({ length: count }, at)
    : Float64Array.from({ length: count }, at);
  return { shape, type, data: isFortran ? rowMajor(stored, shape) : stored };
}

/** From the order in which the first index changes fastest. */
function rowMajor(
  stored: Float32Array | Float64Array,
  shape: readonly number[],
): Float32Array | Float64Array {
  const result = stored.slice();
  for (let i = 0; i < stored.length; i++) {
    let [rest, at, step] = [i, 0, stored.length];
    for (const size of shape) {
      step /= size;
      at += (rest % size) * step;
      rest = Math.floor(rest / size);
    }
    result[at] = stored[i];
  }
  return result;
}

/** Writes an array of 32-bit floats, row-major. */
export function writeNpy({
  shape,
  data,
}: Pick<NpyArray, "shape"> & { data: Float32Array }): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The elements begin at a multiple of 64 bytes.
  const start = 10;
  const length = Math.ceil((start + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, length - start, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - start - 1)}\n`), start);
  for (const [i, value] of data.entries()) view.setFloat32(length + 4 * i, value, true);
  return bytes;
}
