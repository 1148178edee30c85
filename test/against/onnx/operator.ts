// What the operators of ONNX read: attributes, tensors of a graph, and values known before it runs.

import { input, type Tensor } from "../../../src/graph/tensor.js";
import { toDense } from "../../../src/ops/rearrange/reshape.js";
import type { OnnxCase, OnnxTensor } from "./case-files.js";

/** Element types whose values here are computed as 32-bit floats, without loss. */
const COMPUTED = ["float", "double", "int32", "int64", "bool"];

/** Thrown for what the engine does not do, with the reason. */
export class Unsupported extends Error {}

/** A case, with the inputs that a graph of it reads. */
export interface Call {
  readonly operator: string;
  /** The shape of the first output. */
  readonly shape: readonly number[];
  readonly outputs: number;
  readonly opset: number;
  /** Whether an input is there. */
  has(i: number): boolean;
  /** The number of inputs. */
  readonly count: number;
  /** An input as a tensor: of rank 4 an image, else dense. */
  tensor(i: number): Tensor;
  /** The same, always dense. */
  dense(i: number): Tensor;
  /** Values of an input that shapes depend on. */
  values(i: number): number[];
  number(name: string, usual: number): number;
  word(name: string, usual: string): string;
  list(name: string): readonly number[] | undefined;
  /** Values of the inputs that were read as tensors, by their names. */
  readonly fed: Record<string, Float32Array>;
}

export function callOf(one: OnnxCase): Call {
  if (one.outputs.some(({ data }) => data.length === 0)) throw new Unsupported("empty tensors");
  const tensors = new Map<number, Tensor>();
  const fed: Record<string, Float32Array> = {};
  const given = (i: number): OnnxTensor => {
    const found = one.inputs[i];
    if (!found) throw new Error(`${one.name}: input ${i} is missing`);
    return found;
  };
  const read = (i: number): Tensor => {
    const { type, dims, data } = given(i);
    if (!COMPUTED.includes(type)) throw new Unsupported(`elements of ${type}`);
    if (data.length === 0) throw new Unsupported("empty tensors");
    const shape = dims.length > 0 ? dims : [1];
    const known = tensors.get(i) ?? input(`input ${i}`, shape);
    tensors.set(i, known);
    fed[`input ${i}`] = Float32Array.from(data);
    return known;
  };
  const attribute = <T>(name: string, isRight: (value: unknown) => boolean): T | undefined => {
    const value = one.attributes[name];
    if (value === undefined || isRight(value)) return value as T | undefined;
    throw new Unsupported(`attribute ${name}`);
  };
  return {
    operator: one.operator,
    shape: one.outputs[0].dims,
    outputs: one.outputs.length,
    opset: one.opset,
    has: (i) => one.inputs[i] !== undefined && (one.inputs[i]?.data.length ?? 0) > 0,
    count: one.inputs.length,
    tensor: read,
    dense: (i) => toDense(read(i)),
    values: (i) => [...given(i).data],
    number: (name, usual) => attribute<number>(name, (v) => typeof v === "number") ?? usual,
    word: (name, usual) => attribute<string>(name, (v) => typeof v === "string") ?? usual,
    list: (name) => attribute<readonly number[]>(name, Array.isArray),
    fed,
  };
}
