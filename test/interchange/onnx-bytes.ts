// Writes ONNX files for tests: messages of protocol buffers by hand.

/** An attribute: an integer, a float ({ float }), a text, a list of integers, a tensor. */
export type AttributeGiven =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | TensorGiven;

export interface TensorGiven {
  readonly dims: readonly number[];
  /** 1: 32-bit floats; 7: 64-bit integers. */
  readonly type?: 1 | 7;
  readonly values: ArrayLike<number>;
  /** Where the values are, if not in the file. */
  readonly external?: Readonly<Record<string, string>>;
}

export interface NodeGiven {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeGiven>>;
  readonly name?: string;
}

export interface ModelGiven {
  readonly nodes: readonly NodeGiven[];
  readonly initializers: Readonly<Record<string, TensorGiven>>;
  /** The image's name and sizes; a text is a size that varies. */
  readonly inputs: readonly (readonly [string, readonly (number | string)[]])[];
  readonly outputs: readonly string[];
  readonly opset?: number;
}

const joined = (parts: readonly (readonly number[])[]): number[] =>
  parts.flatMap((part) => [...part]);

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return bytes;
}

const integer = (field: number, value: number) => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: readonly number[]) =>
  joined([varint(field * 8 + 2), varint(content.length), content]);
const text = (field: number, value: string) => bytes(field, [...new TextEncoder().encode(value)]);
const float = (field: number, value: number) => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

/** The raw data of a tensor. */
export function rawBytes({ type = 1, values }: TensorGiven): Uint8Array {
  const list = Array.from(values);
  const typed = type === 1 ? Float32Array.from(list) : BigInt64Array.from(list, BigInt);
  return new Uint8Array(typed.buffer);
}

function tensor(name: string, given: TensorGiven): number[] {
  const { dims, type = 1, external } = given;
  const entry = ([key, value]: [string, string]) =>
    bytes(13, joined([text(1, key), text(2, value)]));
  return joined([
    ...dims.map((size) => integer(1, size)),
    integer(2, type),
    text(8, name),
    external ? joined(Object.entries(external).map(entry)) : bytes(9, [...rawBytes(given)]),
    external ? integer(14, 1) : [],
  ]);
}

function attribute(name: string, value: AttributeGiven): number[] {
  const content = () => {
    if (typeof value === "number") return joined([integer(3, value), integer(20, 2)]);
    if (typeof value === "string") return joined([text(4, value), integer(20, 3)]);
    if ("float" in value) return joined([float(2, value.float), integer(20, 1)]);
    if ("dims" in value) return joined([bytes(5, tensor("", value)), integer(20, 4)]);
    return joined([...value.map((one) => integer(8, one)), integer(20, 7)]);
  };
  return joined([text(1, name), content()]);
}

const node = ({ op, inputs, outputs, attributes = {}, name = "" }: NodeGiven): number[] =>
  joined([
    ...inputs.map((one) => text(1, one)),
    ...outputs.map((one) => text(2, one)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
  ]);

function value(name: string, dims: readonly (number | string)[]): number[] {
  const size = (one: number | string) =>
    bytes(1, typeof one === "number" ? integer(1, one) : text(2, one));
  const shape = joined(dims.map(size));
  return joined([text(1, name), bytes(2, bytes(1, joined([integer(1, 1), bytes(2, shape)])))]);
}

/** The bytes of a model. */
export function onnxBytes({
  nodes,
  initializers,
  inputs,
  outputs,
  opset = 17,
}: ModelGiven): Uint8Array {
  const graph = joined([
    ...nodes.map((one) => bytes(1, node(one))),
    ...Object.entries(initializers).map(([name, one]) => bytes(5, tensor(name, one))),
    ...inputs.map(([name, dims]) => bytes(11, value(name, dims))),
    ...outputs.map((name) => bytes(12, value(name, []))),
  ]);
  const own = bytes(8, joined([text(1, ""), integer(2, opset)]));
  return Uint8Array.from(joined([integer(1, 8), text(2, "test"), bytes(7, graph), own]));
}
