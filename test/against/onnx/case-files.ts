// Reads ONNX's test cases of single operators: a model, its inputs and its expected outputs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onnxTensor } from "../../../src/formats/onnx/onnx-tensor.js";
import type { OnnxAttribute, OnnxTensor } from "../../../src/formats/onnx/onnx-types.js";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.js";

/** A single node with its values. */
export interface OnnxCase {
  readonly name: string;
  readonly operator: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** The version of the operators. */
  readonly opset: number;
  /** Undefined for an optional input that is left out. */
  readonly inputs: readonly (OnnxTensor | undefined)[];
  readonly outputs: readonly OnnxTensor[];
}

/** Yields the cases of a folder that have a single node, in the order of their names. */
export function* onnxCases(folder: string): Generator<OnnxCase> {
  for (const name of readdirSync(folder).sort()) {
    const model = join(folder, name, "model.onnx");
    const data = join(folder, name, "test_data_set_0");
    if (!existsSync(model) || !existsSync(data)) continue;
    const one = caseOf(name, model, data);
    if (one) yield one;
  }
}

/** The case of a folder; undefined if it has several nodes, or values that are no tensors. */
function caseOf(name: string, model: string, data: string): OnnxCase | undefined {
  try {
    const { nodes, opset } = readOnnx(readFileSync(model), model);
    if (nodes.length !== 1) return undefined;
    const read = (kind: string) => {
      const files = readdirSync(data).filter((file) => file.startsWith(`${kind}_`));
      const ordered = files.sort((a, b) => indexOf(a) - indexOf(b));
      return ordered.map((file) => onnxTensor(readFileSync(join(data, file))));
    };
    const [given, outputs] = [read("input"), read("output")];
    const { operator, attributes } = nodes[0];
    const inputs = nodes[0].inputs.map((tensor) => (tensor === "" ? undefined : given.shift()));
    return { name, operator, attributes, opset, inputs, outputs };
  } catch {
    return undefined; // a sequence, an optional value, strings
  }
}

const indexOf = (file: string) => Number(/_(\d+)\.pb$/.exec(file)?.[1]);
