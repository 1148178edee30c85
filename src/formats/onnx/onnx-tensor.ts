// The numbers of an ONNX tensor: raw bytes, little-endian, or a field by type.

import { brainFloat, halfFloat } from "../half-float.js";
import { ONNX_TYPES, type OnnxExternal, type OnnxTensor, type OnnxType } from "./onnx-types.js";
import {
  bytesOf,
  DamagedMessage,
  floatsOfField,
  integerOf,
  integersOf,
  protobufFields,
  textOf,
} from "./protobuf.js";

/** The most elements of a tensor: 2 GiB of 32-bit floats. */
const MOST_ELEMENTS = 2 ** 29;

/** Reads a TensorProto. */
export function onnxTensor(bytes: Uint8Array): OnnxTensor {
  const dims: number[] = [];
  const values: number[] = [];
  let [name, number, raw]: [string, number, Uint8Array | undefined] = ["", 0, undefined];
  let isExternal = false;
  const external: Record<string, string> = Object.create(null);
  for (const { number: field, value } of protobufFields(bytes)) {
    if (field === 1) for (const size of integersOf(value)) dims.push(size);
    else if (field === 2) number = integerOf(value);
    else if (field === 4) for (const one of floatsOfField(value)) values.push(one);
    else if (field === 5 || field === 7 || field === 11) {
      for (const one of integersOf(value)) values.push(one);
    } else if (field === 8) name = textOf(value);
    else if (field === 9) raw = bytesOf(value);
    else if (field === 10) for (const one of doublesOf(bytesOf(value))) values.push(one);
    else if (field === 13) addEntry(external, bytesOf(value));
    else if (field === 14) isExternal = integerOf(value) === 1;
  }
  const known = ONNX_TYPES[number as keyof typeof ONNX_TYPES];
  if (!known) throw new DamagedMessage(`tensor "${name}" has type ${number} of its elements`);
  const [type] = known;
  const count = countOf(name, dims);
  if (isExternal) {
    return { name, dims, type, data: new Float32Array(), external: externalOf(name, external) };
  }
  const stored = () => (type === "float" ? Float32Array.from(values) : storedValues(type, values));
  const data = raw ? onnxNumbers(name, type, raw) : stored();
  if (data.length !== count && type !== "string") {
    throw new DamagedMessage(
      `tensor "${name}" of shape [${dims}] has ${data.length} elements, expected ${count}`,
    );
  }
  return { name, dims, type, data };
}

/** The numbers of raw bytes. Throws `DamagedMessage` for a type that is not read, and for odd bytes. */
export function onnxNumbers(
  name: string,
  type: OnnxType,
  raw: Uint8Array,
): Float32Array | Float64Array {
  const size = Object.values(ONNX_TYPES).find(([one]) => one === type)?.[1] ?? 0;
  if (size === 0) throw new DamagedMessage(`tensor "${name}" has elements of ${type}`);
  if (raw.length % size !== 0) {
    throw new DamagedMessage(`tensor "${name}" of ${type} has ${raw.length} bytes`);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const count = raw.length / size;
  if (type === "float") {
    return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  }
  const read = READERS[type as keyof typeof READERS];
  return Float64Array.from({ length: count }, (_, i) => read(view, size * i));
}

const READERS = {
  uint8: (view: DataView, at: number) => view.getUint8(at),
  bool: (view: DataView, at: number) => view.getUint8(at),
  int8: (view: DataView, at: number) => view.getInt8(at),
  uint16: (view: DataView, at: number) => view.getUint16(at, true),
  int16: (view: DataView, at: number) => view.getInt16(at, true),
  uint32: (view: DataView, at: number) => view.getUint32(at, true),
  int32: (view: DataView, at: number) => view.getInt32(at, true),
  uint64: (view: DataView, at: number) => Number(view.getBigUint64(at, true)),
  int64: (view: DataView, at: number) => Number(view.getBigInt64(at, true)),
  double: (view: DataView, at: number) => view.getFloat64(at, true),
  float16: (view: DataView, at: number) => halfFloat(view.getUint16(at, true)),
  bfloat16: (view: DataView, at: number) => brainFloat(view.getUint16(at, true)),
};

/** Integers of 16-bit floats are their bits; others are the numbers themselves. */
function storedValues(type: OnnxType, values: readonly number[]): Float64Array {
  const read =
    type === "float16" ? halfFloat : type === "bfloat16" ? brainFloat : (value: number) => value;
  return Float64Array.from(values, read);
}

function doublesOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) =>
    view.getFloat64(8 * i, true),
  );
}

function countOf(name: string, dims: readonly number[]): number {
  const count = dims.reduce((product, size) => product * size, 1);
  if (dims.every((size) => size >= 0) && count <= MOST_ELEMENTS) return count;
  throw new DamagedMessage(`tensor "${name}" has shape [${dims}]`);
}

/** Adds a StringStringEntryProto: a key and its value. */
export function addEntry(entries: Record<string, string>, bytes: Uint8Array): void {
  let [key, text] = ["", ""];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) key = textOf(value);
    if (number === 2) text = textOf(value);
  }
  entries[key] = text;
}

function externalOf(name: string, entries: Readonly<Record<string, string>>): OnnxExternal {
  const { location, offset = "0", length } = entries;
  const numbers = [offset, length ?? "0"].map(Number);
  const isRange = numbers.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!location || !isRange) {
    throw new DamagedMessage(`tensor "${name}" does not say where its data are`);
  }
  return { location, offset: numbers[0], ...(length === undefined ? {} : { length: numbers[1] }) };
}
