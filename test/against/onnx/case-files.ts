// Reads ONNX's test cases of single operators: a model, its inputs and its expected outputs, as
// protobuf messages (onnx.proto3). Only what those files use.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** ONNX's numbers of element types that a case may have. */
const FLOAT = 1;
const NAMES: Readonly<Record<number, string>> = {
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "double",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
};

/** A tensor of a file. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  /** "float", or the name of another element type. */
  readonly type: string;
  /** Row-major. */
  readonly data: Float64Array;
}

/** What a node's attribute may be here. */
export type Attribute = number | string | readonly number[] | OnnxTensor;

/** A single node with its values. */
export interface OnnxCase {
  readonly name: string;
  readonly operator: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The version of the operators. */
  readonly opset: number;
  /** Undefined for an optional input that is left out. */
  readonly inputs: readonly (OnnxTensor | undefined)[];
  readonly outputs: readonly OnnxTensor[];
}

type Field = readonly [number: number, value: bigint | Uint8Array];

/** Yields the fields of a message: numbers, or the bytes of anything else. */
function* fields(bytes: Uint8Array): Generator<Field> {
  const state = { at: 0 };
  while (state.at < bytes.length) {
    const key = Number(varint(bytes, state));
    const wire = key & 7;
    if (wire === 0) {
      yield [key >> 3, varint(bytes, state)];
      continue;
    }
    const length = wire === 2 ? Number(varint(bytes, state)) : wire === 5 ? 4 : 8;
    yield [key >> 3, bytes.subarray(state.at, state.at + length)];
    state.at += length;
  }
}

function varint(bytes: Uint8Array, state: { at: number }): bigint {
  let [value, shift] = [0n, 0n];
  for (;;) {
    const byte = bytes[state.at++];
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) return value;
  }
}

/** The integers of a repeated field, packed or not. */
function integers(value: Field[1]): number[] {
  if (typeof value === "bigint") return [Number(BigInt.asIntN(64, value))];
  const [result, state]: [number[], { at: number }] = [[], { at: 0 }];
  while (state.at < value.length) result.push(Number(BigInt.asIntN(64, varint(value, state))));
  return result;
}

const text = (value: Field[1]) => Buffer.from(value as Uint8Array).toString();
const floatOf = (value: Field[1]) => Buffer.from(value as Uint8Array).readFloatLE(0);
const number = (value: Field[1]) => Number(BigInt.asIntN(64, value as bigint));

function tensorOf(bytes: Uint8Array): OnnxTensor {
  const dims: number[] = [];
  let [type, raw]: [number, Uint8Array | undefined] = [0, undefined];
  const values: number[] = [];
  for (const [field, value] of fields(bytes)) {
    if (field === 1) dims.push(...integers(value));
    if (field === 2) type = number(value);
    if (field === 4) values.push(...new Float32Array(copied(value as Uint8Array)));
    if (field === 5 || field === 7) values.push(...integers(value));
    if (field === 9) raw = value as Uint8Array;
  }
  const data = raw ? rawValues(type, copied(raw)) : Float64Array.from(values);
  return { dims, type: type === FLOAT ? "float" : (NAMES[type] ?? `type ${type}`), data };
}

const copied = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer;

function rawValues(type: number, buffer: ArrayBuffer): Float64Array {
  if (type === FLOAT) return Float64Array.from(new Float32Array(buffer));
  if (type === 7) return Float64Array.from(new BigInt64Array(buffer), Number);
  if (type === 6) return Float64Array.from(new Int32Array(buffer));
  if (type === 11) return new Float64Array(buffer);
  return Float64Array.from(new Uint8Array(buffer));
}

function attributeOf(bytes: Uint8Array): [string, Attribute] {
  let [name, one]: [string, Attribute | undefined] = ["", undefined];
  const list: number[] = [];
  for (const [field, value] of fields(bytes)) {
    if (field === 1) name = text(value);
    if (field === 2) one = floatOf(value);
    if (field === 3) one = number(value);
    if (field === 4) one = text(value);
    if (field === 5) one = tensorOf(value as Uint8Array);
    if (field === 7) list.push(...new Float32Array(copied(value as Uint8Array)));
    if (field === 8) list.push(...integers(value));
  }
  return [name, one ?? list];
}

interface OnnxNode {
  readonly operator: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Names of tensors; empty for an optional one that is left out. */
  readonly inputs: readonly string[];
}

function nodeOf(bytes: Uint8Array): OnnxNode {
  const attributes: [string, Attribute][] = [];
  const inputs: string[] = [];
  let operator = "";
  for (const [field, value] of fields(bytes)) {
    if (field === 1) inputs.push(text(value));
    if (field === 4) operator = text(value);
    if (field === 5) attributes.push(attributeOf(value as Uint8Array));
  }
  return { operator, inputs, attributes: Object.fromEntries(attributes) };
}

function modelOf(bytes: Uint8Array): { nodes: OnnxNode[]; opset: number } {
  const nodes: OnnxNode[] = [];
  let opset = 0;
  for (const [field, value] of fields(bytes)) {
    if (field === 8) {
      for (const [part, version] of fields(value as Uint8Array)) {
        if (part === 2) opset = Math.max(opset, number(version));
      }
    }
    if (field !== 7) continue;
    for (const [part, node] of fields(value as Uint8Array)) {
      if (part === 1) nodes.push(nodeOf(node as Uint8Array));
    }
  }
  return { nodes, opset };
}

/** Yields the cases of a folder that have a single node, in the order of their names. */
export function* onnxCases(folder: string): Generator<OnnxCase> {
  for (const name of readdirSync(folder).sort()) {
    const model = join(folder, name, "model.onnx");
    const data = join(folder, name, "test_data_set_0");
    if (!existsSync(model) || !existsSync(data)) continue;
    const { nodes, opset } = modelOf(readFileSync(model));
    if (nodes.length !== 1) continue;
    const read = (kind: string) => {
      const files = readdirSync(data).filter((file) => file.startsWith(`${kind}_`));
      const ordered = files.sort((a, b) => indexOf(a) - indexOf(b));
      return ordered.map((file) => tensorOf(readFileSync(join(data, file))));
    };
    const [given, outputs] = [read("input"), read("output")];
    const { operator, attributes } = nodes[0];
    const inputs = nodes[0].inputs.map((tensor) => (tensor === "" ? undefined : given.shift()));
    yield { name, operator, attributes, opset, inputs, outputs };
  }
}

const indexOf = (file: string) => Number(/_(\d+)\.pb$/.exec(file)?.[1]);
