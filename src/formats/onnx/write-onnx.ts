// Writes ONNX files: the messages of onnx.proto3 that a network needs.

import {
  ONNX_TYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from "./onnx-types.js";

/** Attributes that are floats by the operators' definitions, also where their value is whole. */
const FLOATS = new Set([
  "alpha",
  "beta",
  "bias",
  "cubic_coeff_a",
  "epsilon",
  "extrapolation_value",
  "gamma",
  "lambd",
  "momentum",
  "ratio",
]);

/** ONNX's numbers of the types of attributes. */
const KIND = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

/** Bytes that are joined at the end: weights are not copied on the way. */
type Parts = readonly Uint8Array[];

const lengthOf = (parts: Parts) => parts.reduce((sum, part) => sum + part.length, 0);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const integer = (field: number, value: number): Parts => [varint(field * 8), varint(value)];
const message = (field: number, parts: Parts): Parts => [
  varint(field * 8 + 2),
  varint(lengthOf(parts)),
  ...parts,
];
const text = (field: number, value: string): Parts =>
  message(field, [new TextEncoder().encode(value)]);
const float = (field: number, value: number): Parts => [
  varint(field * 8 + 5),
  new Uint8Array(Float32Array.of(value).buffer),
];

/**
 * Writes a model; its tensors are 32-bit floats or 64-bit integers, in the file or where `external` says. Equal models
 * give equal bytes.
 */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const { irVersion, opset, producer, nodes, initializers, inputs, outputs, metadata } = model;
  const graph = [
    ...nodes.flatMap((node) => message(1, nodeParts(node))),
    ...text(2, "network"),
    ...initializers.flatMap((tensor) => message(5, tensorParts(tensor))),
    ...inputs.flatMap(({ name, dims }) => message(11, valueParts(name, dims))),
    ...outputs.flatMap(({ name, dims }) => message(12, valueParts(name, dims))),
  ];
  const parts = [
    ...integer(1, irVersion),
    ...text(2, producer),
    ...message(7, graph),
    ...message(8, [...text(1, ""), ...integer(2, opset)]),
    ...Object.entries(metadata).flatMap(([key, value]) =>
      message(14, [...text(1, key), ...text(2, value)]),
    ),
  ];
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function nodeParts({ name, operator, inputs, outputs, attributes }: OnnxNode): Parts {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...outputs.flatMap((output) => text(2, output)),
    ...text(3, name),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([key, value]) => message(5, attributeParts(key, value))),
  ];
}

function attributeParts(name: string, value: OnnxAttribute): Parts {
  const parts = (kind: number, content: Parts): Parts => [
    ...text(1, name),
    ...content,
    ...integer(20, kind),
  ];
  if (typeof value === "string") return parts(KIND.string, text(4, value));
  if (typeof value === "number") {
    const isFloat = FLOATS.has(name) || !Number.isInteger(value);
    return isFloat ? parts(KIND.float, float(2, value)) : parts(KIND.int, integer(3, value));
  }
  if (isTensor(value)) return parts(KIND.tensor, message(5, tensorParts(value)));
  if ("graph" in value) throw new Error(`attribute ${name} is a graph, which is not written`);
  const list = value as readonly (number | string)[];
  if (list.every((one) => typeof one === "string")) {
    return parts(
      KIND.strings,
      list.flatMap((one) => text(9, one)),
    );
  }
  const isWhole = list.every((one) => Number.isInteger(one));
  const numbers = list as readonly number[];
  return isWhole
    ? parts(
        KIND.ints,
        numbers.flatMap((one) => integer(8, one)),
      )
    : parts(
        KIND.floats,
        numbers.flatMap((one) => float(7, one)),
      );
}

const isTensor = (value: OnnxAttribute): value is OnnxTensor =>
  typeof value === "object" && "data" in value;

function tensorParts({ name, dims, type, data, external }: OnnxTensor): Parts {
  const [number] = Object.entries(ONNX_TYPES).find(([, [one]]) => one === type) ?? [];
  if (type !== "float" && type !== "int64") {
    throw new Error(`tensor ${name} has elements of ${type}, expected float or int64`);
  }
  const head = [
    ...dims.flatMap((size) => integer(1, size)),
    ...integer(2, Number(number)),
    ...(name ? text(8, name) : []),
  ];
  if (external) {
    const entries = Object.entries(external).map(([key, value]) =>
      message(13, [...text(1, key), ...text(2, String(value))]),
    );
    return [...head, ...entries.flat(), ...integer(14, 1)];
  }
  const typed =
    type === "float"
      ? Float32Array.from(data)
      : BigInt64Array.from(Array.from(data), (one) => BigInt(one));
  return [...head, ...message(9, [new Uint8Array(typed.buffer)])];
}

/** An input or output of 32-bit floats; a text is a size that varies. */
function valueParts(name: string, dims: readonly (number | string)[] = []): Parts {
  const size = (one: number | string) =>
    message(1, typeof one === "number" ? integer(1, one) : text(2, one));
  const shape = message(2, dims.flatMap(size));
  return [...text(1, name), ...message(2, message(1, [...integer(1, 1), ...shape]))];
}
