// Checkpoints as ONNX files, for programs that run those.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../formats/onnx/onnx-types.js";
import { writeOnnx } from "../../formats/onnx/write-onnx.js";
import { readSafetensorsHeader } from "../../formats/safetensors.js";
import { createModel } from "../../model/architectures.js";
import type { Model } from "../../model/model.js";
import { slice } from "../../model/parameters.js";
import { flatten } from "../../train/restore.js";
import type { Checkpoint } from "../../train/training-types.js";
import { marginsOf } from "../margins.js";
import { writeNetwork } from "./graph-of-network.js";
import type { Known } from "./known-values.js";
import { type NodeWriter, nodeWriter } from "./node-writer.js";
import { shownNode } from "./onnx-graph.js";
import type { OnnxFields } from "./onnx-network.js";
import { inOpset13 } from "./opset-13.js";

/** An ONNX file and the sizes of images that it takes. */
export interface ExportedOnnx {
  /** The contents of the file. */
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

/** How an ONNX file is written. */
export interface ExportOnnxOptions {
  /**
   * The checkpoint's own file: the ONNX file then has its place instead of the weights, and is a few kB. It is
   * the contents of the file, and its path from the folder of the ONNX file, "best.safetensors".
   */
  readonly weightsIn?: { readonly location: string; readonly bytes: Uint8Array } | undefined;
}

const OPTIONS: Keys<ExportOnnxOptions> = { weightsIn: 1 };

/** What Fiji's runtime (ONNX Runtime 1.13) takes. */
const [OPSET, IR_VERSION] = [13, 7];

/**
 * Writes a network as an ONNX file of opset 13 whose input is a normalised image [N,C,H,W] and whose output are
 * probabilities of the same height and width, as `Predictor.predict` computes them for the whole image: the border is
 * mirrored in the graph. Throws for an op that has no form in ONNX here, and names it, and if the file that
 * `weightsIn` names has not the checkpoint's weights.
 */
export function exportOnnx(
  { metadata, tensors, models }: Checkpoint,
  options: ExportOnnxOptions = {},
): ExportedOnnx {
  checkKeys("exportOnnx", options, OPTIONS);
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
  const weights = weightsOf(model, tensors, w, options);
  const file: OnnxModel = {
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: "micrograph",
    nodes: w.nodes,
    initializers: [...weights, ...constantsRead(w, graph)],
    inputs: [{ name: "image", type: "float", dims: ["N", metadata.model.channels, "H", "W"] }],
    outputs: [{ name: "probabilities", type: "float", dims: ["N", count, "H", "W"] }],
    metadata: described(metadata),
  };
  return { bytes: writeOnnx(file), step, smallest, halo, maps: count, opset: OPSET };
}

/** The weights that the nodes read: not those of heads that only train. */
function weightsOf(
  model: Model,
  tensors: Checkpoint["tensors"],
  { nodes }: NodeWriter,
  { weightsIn }: ExportOnnxOptions,
): OnnxTensor[] {
  const flat = flatten(model, tensors);
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const places = weightsIn && readSafetensorsHeader(weightsIn.bytes, weightsIn.location).places();
  return model.parameters.list
    .filter(({ name }) => read.has(name))
    .map((parameter): OnnxTensor => {
      const { name, shape: dims } = parameter;
      const data = slice(parameter, flat);
      if (!weightsIn) return { name, dims, type: "float", data };
      const place = places?.get(name);
      if (place?.length !== data.byteLength) {
        throw new Error(`${weightsIn.location}: it has no weight ${name} of ${data.length} floats`);
      }
      const external = { location: weightsIn.location, ...place };
      return { name, dims, type: "float", data: new Float32Array(), external };
    });
}

/** The graph of a network that came as one. */
function graphOf({ config }: Model): OnnxFields | undefined {
  const fields = config as unknown as Partial<OnnxFields>;
  return fields.graph && fields.activation ? (fields as OnnxFields) : undefined;
}

const mapsOf = ({ config }: Model, graph: OnnxFields | undefined) =>
  graph?.activation === "sigmoid" && config.classes === 2 ? 1 : config.classes;

/** Copies the nodes of an imported graph, of any version; returns the name of its output. */
function copyGraph({ graph }: OnnxFields, image: string, w: NodeWriter): string {
  const own = new Map<string, string>([[graph.input, image]]);
  const named = (name: string) => own.get(name) ?? name;
  for (const stored of graph.nodes) {
    for (const output of stored.outputs) {
      if (output !== "") own.set(output, `network.${output}`);
    }
    const name = stored.name || `network.${stored.outputs[0]}`;
    const [inputs, outputs] = [stored.inputs.map(named), stored.outputs.map(named)];
    const known = (i: number): Known | undefined => graph.constants[stored.inputs[i]];
    const node = inOpset13({ node: { ...stored, name, inputs, outputs }, known, w });
    const isTensor = (value: unknown) => typeof value === "object" && !Array.isArray(value);
    if (Object.values(node.attributes).some(isTensor)) {
      throw new Error(`node ${shownNode(node)}: an attribute that is a tensor is not written`);
    }
    const attributes = node.attributes as OnnxNode["attributes"];
    w.nodes.push({ ...node, domain: "", attributes });
  }
  return named(graph.output);
}

/** Constants of an imported graph: those of resizings are floats, sizes are integers. */
function constantsOf(fields: OnnxFields | undefined): OnnxTensor[] {
  if (!fields) return [];
  const { constants, nodes } = fields.graph;
  const isFloat = (name: string) =>
    nodes.some(({ operator, inputs }) =>
      operator === "Resize"
        ? inputs[2] === name || inputs[1] === name
        : operator === "Pad"
          ? inputs[2] === name
          : FLOAT_INPUTS.has(operator) && inputs.includes(name),
    );
  return Object.entries(constants).map(([name, { dims, values }]) => {
    const isWhole = !isFloat(name) && values.every(Number.isInteger);
    return { name, dims, type: isWhole ? "int64" : "float", data: Float64Array.from(values) };
  });
}

/** The constants that nodes read, each once: a graph that this function wrote has some of them again. */
function constantsRead({ nodes, constants }: NodeWriter, fields: OnnxFields | undefined) {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const all = [...constants.values(), ...constantsOf(fields)];
  const byName = new Map(all.map((tensor) => [tensor.name, tensor]));
  return [...byName.values()].filter(({ name }) => read.has(name));
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
