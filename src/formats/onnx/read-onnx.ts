// Reads ONNX files: a ModelProto (onnx.proto3) with its graph. Subgraphs, sparse tensors and functions of the
// file's own are not read.

import { addEntry, onnxTensor } from "./onnx-tensor.js";
import {
  ONNX_TYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from "./onnx-types.js";
import {
  bytesOf,
  DamagedMessage,
  floatsOfField,
  integerOf,
  integersOf,
  protobufFields,
  textOf,
} from "./protobuf.js";

/** More nodes are not a network that runs here. */
export const MOST_NODES = 20_000;

/**
 * Reads a model. Throws one line with the name of the file for bytes that are no ONNX model, and for one with
 * more than 20,000 nodes or tensors.
 */
export function readOnnx(bytes: Uint8Array, fileName: string): OnnxModel {
  try {
    return modelOf(bytes);
  } catch (error) {
    if (!(error instanceof DamagedMessage)) throw error;
    throw new Error(`${fileName}: not an ONNX model, or damaged: ${error.message}`);
  }
}

function modelOf(bytes: Uint8Array): OnnxModel {
  let [irVersion, opset, graph]: [number, number, Uint8Array | undefined] = [0, 0, undefined];
  const producer = ["", ""];
  const metadata: Record<string, string> = Object.create(null);
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) irVersion = integerOf(value);
    else if (number === 2) producer[0] = textOf(value);
    else if (number === 3) producer[1] = textOf(value);
    else if (number === 7) graph = bytesOf(value);
    else if (number === 8) opset = Math.max(opset, ownVersion(bytesOf(value)));
    else if (number === 14) addEntry(metadata, bytesOf(value));
  }
  if (!graph) throw new DamagedMessage("it has no graph");
  if (opset === 0) throw new DamagedMessage("it does not say the version of its operators");
  const written = producer.join(" ").trim();
  return { irVersion, opset, producer: written, metadata: { ...metadata }, ...graphOf(graph) };
}

/** The version of ONNX's own operators in an OperatorSetIdProto; 0 for those of another domain. */
function ownVersion(bytes: Uint8Array): number {
  let [domain, version] = ["", 0];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) domain = textOf(value);
    if (number === 2) version = integerOf(value);
  }
  return domain === "" || domain === "ai.onnx" ? version : 0;
}

type Graph = Pick<OnnxModel, "nodes" | "initializers" | "inputs" | "outputs">;

function graphOf(bytes: Uint8Array): Graph {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const [inputs, outputs]: [OnnxValue[], OnnxValue[]] = [[], []];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) nodes.push(nodeOf(bytesOf(value)));
    else if (number === 5) initializers.push(onnxTensor(bytesOf(value)));
    else if (number === 11) inputs.push(graphValue(bytesOf(value)));
    else if (number === 12) outputs.push(graphValue(bytesOf(value)));
    else if (number === 15) throw new DamagedMessage("it has sparse tensors, which are not read");
    if (nodes.length > MOST_NODES || initializers.length > MOST_NODES) {
      throw new DamagedMessage(`it has more than ${MOST_NODES} nodes or tensors`);
    }
  }
  const isWeight = new Set(initializers.map(({ name }) => name));
  return { nodes, initializers, inputs: inputs.filter(({ name }) => !isWeight.has(name)), outputs };
}

function nodeOf(bytes: Uint8Array): OnnxNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes: Record<string, OnnxAttribute> = Object.create(null);
  let [name, operator, domain] = ["", "", ""];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) inputs.push(textOf(value));
    else if (number === 2) outputs.push(textOf(value));
    else if (number === 3) name = textOf(value);
    else if (number === 4) operator = textOf(value);
    else if (number === 5) addAttribute(attributes, bytesOf(value));
    else if (number === 7) domain = textOf(value);
  }
  if (domain === "ai.onnx") domain = "";
  return { name, operator, domain, inputs, outputs, attributes };
}

/** Adds an AttributeProto. A field that is there is its value, also where the file gives no type. */
function addAttribute(attributes: Record<string, OnnxAttribute>, bytes: Uint8Array): void {
  let [name, one, type]: [string, OnnxAttribute | undefined, number] = ["", undefined, 0];
  const [numbers, texts]: [number[], string[]] = [[], []];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) name = textOf(value);
    else if (number === 2) one = floatsOfField(value)[0];
    else if (number === 3) one = integerOf(value);
    else if (number === 4) one = textOf(value);
    else if (number === 5) one = onnxTensor(bytesOf(value));
    else if (number === 6 || number === 11) one = { graph: true };
    else if (number === 7) for (const item of floatsOfField(value)) numbers.push(item);
    else if (number === 8) for (const item of integersOf(value)) numbers.push(item);
    else if (number === 9) texts.push(textOf(value));
    else if (number === 20) type = integerOf(value);
  }
  // proto3 leaves out a number that is 0 and a text that is empty.
  const usual = type === 1 || type === 2 ? 0 : type === 3 ? "" : undefined;
  attributes[name] = one ?? usual ?? (texts.length > 0 ? texts : numbers);
}

/** Reads a ValueInfoProto: name, type of elements, and sizes or their names. */
function graphValue(bytes: Uint8Array): OnnxValue {
  let [name, type, dims]: [string, OnnxType | undefined, OnnxValue["dims"]] = [
    "",
    undefined,
    undefined,
  ];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) name = textOf(value);
    if (number !== 2) continue;
    for (const { number: kind, value: tensor } of protobufFields(bytesOf(value))) {
      if (kind !== 1) continue; // a sequence, a map
      for (const { number: field, value: part } of protobufFields(bytesOf(tensor))) {
        if (field === 1) type = ONNX_TYPES[integerOf(part) as keyof typeof ONNX_TYPES]?.[0];
        if (field === 2) dims = sizesOf(bytesOf(part));
      }
    }
  }
  return { name, type, dims };
}

/** Reads a TensorShapeProto. A size that is not given is "?". */
function sizesOf(bytes: Uint8Array): (number | string)[] {
  const sizes: (number | string)[] = [];
  for (const { number, value } of protobufFields(bytes)) {
    if (number !== 1) continue;
    let size: number | string = "?";
    for (const { number: field, value: part } of protobufFields(bytesOf(value))) {
      if (field === 1) size = integerOf(part);
      if (field === 2) size = textOf(part);
    }
    sizes.push(size);
  }
  return sizes;
}
