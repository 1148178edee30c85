// A case of ONNX as a call of its operator.

import type { OnnxTensor } from "../../../src/formats/onnx/onnx-types.js";
import { input, type Tensor } from "../../../src/graph/tensor.js";
import {
  attributesOf,
  type Call,
  Unsupported,
} from "../../../src/interchange/onnx/operator-call.js";
import { toDense } from "../../../src/ops/rearrange/reshape.js";
import type { OnnxCase } from "./case-files.js";

/** Element types whose values here are computed as 32-bit floats, without loss. */
const COMPUTED = ["float", "double", "int32", "int64", "bool"];

/** The call, and the values of the inputs that it read as tensors, by their names. */
export function callOf(one: OnnxCase): {
  readonly call: Call;
  readonly fed: Record<string, Float32Array>;
} {
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
  const call = {
    operator: one.operator,
    outputs: one.outputs.length,
    opset: one.opset,
    has: (i: number) => one.inputs[i] !== undefined && (one.inputs[i]?.data.length ?? 0) > 0,
    count: one.inputs.length,
    tensor: read,
    dense: (i: number) => toDense(read(i)),
    known: (i: number) => ({ dims: given(i).dims, values: [...given(i).data] }),
    values: (i: number) => [...given(i).data],
    ...attributesOf(one.attributes),
  };
  return { call, fed };
}
