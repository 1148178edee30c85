// Checkpoints as ONNX files, for programs that run those.

import type { OnnxModel, OnnxNode, OnnxTensor } from "../../formats/onnx/onnx-types.js";
import { writeOnnx } from "../../formats/onnx/write-onnx.js";
import { createModel } from "../../model/architectures.js";
import type { Model } from "../../model/model.js";
import { slice } from "../../model/parameters.js";
import { flatten } from "../../train/restore.js";
import type { Checkpoint } from "../../train/training-types.js";
import { marginsOf } from "../margins.js";
import { type NodeWriter, nodeWriter, writeNetwork } from "./graph-of-network.js";
import type { OnnxFields } from "./onnx-network.js";

/** An ONNX file and the sizes of images that it takes. */
export interface ExportedOnnx {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Height and width must be multiples of this. */
  readonly step: number;
  /** The smallest height and width: mirrored pixels come from inside the image. */
  readonly smallest: number;
  /** Pixels at each side of a tile whose probabilities differ from those of the whole image. */
  readonly halo: number;
  /** Maps of the output: one for each class, or one for two classes. */
  readonly maps: number;
  /** The version of ONNX's operators. */
  readonly opset: number;
}

/** What Fiji's runtime (ONNX Runtime 1.13) takes. */
const [OPSET, IR_VERSION] = [13, 7];

/**
 * Writes a network as an ONNX file of opset 13 whose input is a normalised image [N,C,H,W] and whose output are
 * probabilities of the same height and width, as `Predictor.predict` computes them for the whole image: the border is
 * mirrored in the graph. Throws for an op that has no form in ONNX here, and names it.
 */
export function exportOnnx({ metadata, tensors, models }: Checkpoint): ExportedOnnx {
  const model = createModel(metadata.model, models);
  const w = nodeWriter();
  const { before, after, cut: sides, step, smallest, halo } = marginsOf(model);
  const padded =
    after === 0
      ? "image"
      : w.add(
          "Pad",
          ["image", w.list(0, 0, before, before, 0, 0, after, after)],
          { mode: "reflect" },
          "mirrored",
        );
  const graph = graphOf(model);
  const logits = graph ? copyGraph(graph, padded, w) : writeNetwork(model, padded, w);
  const count = mapsOf(model, graph);
  const cut = w.crop(logits, sides);
  const end =
    graph?.activation === "sigmoid" ? w.add("Sigmoid", [cut], {}, "probabilities") : undefined;
  if (end === undefined) w.add("Softmax", [cut], { axis: 1 }, "probabilities");
  const flat = flatten(model, tensors);
  const weights = model.parameters.list.map(
    (parameter): OnnxTensor => ({
      name: parameter.name,
      dims: parameter.shape,
      type: "float",
      data: slice(parameter, flat),
    }),
  );
  const file: OnnxModel = {
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: "micrograph",
    nodes: w.nodes,
    initializers: [...weights, ...listsOf(w), ...constantsOf(graph)],
    inputs: [{ name: "image", type: "float", dims: ["N", metadata.model.channels, "H", "W"] }],
    outputs: [{ name: "probabilities", type: "float", dims: ["N", count, "H", "W"] }],
    metadata: described(metadata),
  };
  return { bytes: writeOnnx(file), step, smallest, halo, maps: count, opset: OPSET };
}

/** The graph of a network that came as one. */
function graphOf({ config }: Model): OnnxFields | undefined {
  const fields = config as unknown as Partial<OnnxFields>;
  return fields.graph && fields.activation ? (fields as OnnxFields) : undefined;
}

const mapsOf = ({ config }: Model, graph: OnnxFields | undefined) =>
  graph?.activation === "sigmoid" && config.classes === 2 ? 1 : config.classes;

/** Copies the nodes of an imported graph; returns the name of its output. */
function copyGraph({ graph }: OnnxFields, image: string, w: NodeWriter): string {
  const own = new Map<string, string>([[graph.input, image]]);
  const named = (name: string) => own.get(name) ?? name;
  for (const { operator, inputs, outputs, attributes, name } of graph.nodes) {
    const isTensor = (value: unknown) => typeof value === "object" && !Array.isArray(value);
    if (Object.values(attributes).some(isTensor)) {
      throw new Error(`node ${operator} of ${name}: an attribute that is a tensor is not written`);
    }
    for (const output of outputs) own.set(output, `network.${output}`);
    const node: OnnxNode = {
      name: name || `network.${outputs[0]}`,
      operator,
      domain: "",
      inputs: inputs.map(named),
      outputs: outputs.map(named),
      attributes: attributes as OnnxNode["attributes"],
    };
    w.nodes.push(node);
  }
  return named(graph.output);
}

const listsOf = ({ lists }: NodeWriter): OnnxTensor[] =>
  [...lists].map(([name, values]) => ({
    name,
    dims: [values.length],
    type: "int64",
    data: Float64Array.from(values),
  }));

/** Constants of an imported graph: those of resizings are floats, sizes are integers. */
function constantsOf(fields: OnnxFields | undefined): OnnxTensor[] {
  if (!fields) return [];
  const { constants, nodes } = fields.graph;
  const isFloat = (name: string) =>
    nodes.some(({ operator, inputs }) =>
      operator === "Resize"
        ? inputs[2] === name || inputs[1] === name
        : FLOAT_INPUTS.has(operator) && inputs.includes(name),
    );
  return Object.entries(constants).map(([name, { dims, values }]) => {
    const isWhole = !isFloat(name) && values.every(Number.isInteger);
    return { name, dims, type: isWhole ? "int64" : "float", data: Float64Array.from(values) };
  });
}

/** Operators whose constants are floats, whatever their values. */
const FLOAT_INPUTS = new Set([
  "Add",
  "BatchNormalization",
  "Clip",
  "Div",
  "InstanceNormalization",
  "Mul",
  "Pow",
  "PRelu",
  "Sub",
  "Upsample",
]);

/** What readers may want to know: classes and normalisation, as JSON. */
function described({ task, normalisation }: Checkpoint["metadata"]): Record<string, string> {
  return {
    normalisation: JSON.stringify(normalisation),
    ...(task?.classNames ? { class_names: JSON.stringify(task.classNames) } : {}),
  };
}
