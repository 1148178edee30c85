// Nodes of ONNX that are added one after the other, with the constants that they read.

import type { OnnxAttribute, OnnxNode, OnnxTensor } from "../../formats/onnx/onnx-types.js";

/** Nodes, with the constants that they read. */
export interface NodeWriter {
  readonly nodes: OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Adds a node; returns the name of its output. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    output?: string,
  ): string;
  /** The name of a list of integers. */
  list(...values: readonly number[]): string;
  /** The name of a list of floats. */
  floats(...values: readonly number[]): string;
  /** The name of a float of no dimensions. */
  scalar(value: number): string;
  /** The name of a list of one float, `count` times. */
  filled(value: number, count: number): string;
  /** Cuts rows and columns at each side. */
  crop(
    x: string,
    sides: { readonly top: number; readonly bottom: number },
    output?: string,
  ): string;
}

/** "To the end", as ONNX writes it. */
const END = 2 ** 31 - 1;

export function nodeWriter(): NodeWriter {
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxTensor>();
  const add: NodeWriter["add"] = (operator, inputs, attributes = {}, output) => {
    const name = output ?? `${operator}_${nodes.length + 1}`;
    nodes.push({ name, operator, domain: "", inputs, outputs: [name], attributes });
    return name;
  };
  const constant = (
    name: string,
    type: "int64" | "float",
    values: readonly number[],
    dims: readonly number[] = [values.length],
  ) => {
    constants.set(name, { name, dims, type, data: Float64Array.from(values) });
    return name;
  };
  const list = (...values: readonly number[]) =>
    constant(`list_${values.join("_")}`, "int64", values);
  const crop: NodeWriter["crop"] = (x, { top, bottom }, output) => {
    if (top === 0 && bottom === 0)
      return output === undefined ? x : add("Identity", [x], {}, output);
    const ends = bottom === 0 ? END : -bottom;
    const inputs = [x, list(top, top), list(ends, ends), list(2, 3)];
    return add("Slice", inputs, {}, output);
  };
  return {
    nodes,
    constants,
    add,
    list,
    floats: (...values) => constant(`floats_${values.join("_")}`, "float", values),
    scalar: (value) => constant(`scalar_${value}`, "float", [value], []),
    filled: (value, count) =>
      constant(`${count}_times_${value}`, "float", Array(count).fill(value)),
    crop,
  };
}
