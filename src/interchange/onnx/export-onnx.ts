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
import { type NodeWriter, nodeWriter } from "./node-writer.js";
import { groupNorm } from "./norm-writers.js";
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
    initializers: [...weights, ...w.constants.values(), ...constantsOf(graph)],
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

/** Copies the nodes of an imported graph; returns the name of its output. */
function copyGraph({ graph }: OnnxFields, image: string, w: NodeWriter): string {
  const own = new Map<string, string>([[graph.input, image]]);
  const named = (name: string) => own.get(name) ?? name;
  for (const { operator, inputs, outputs, attributes, name } of graph.nodes) {
    const isTensor = (value: unknown) => typeof value === "object" && !Array.isArray(value);
    if (Object.values(attributes).some(isTensor)) {
      throw new Error(`node ${operator} of ${name}: an attribute that is a tensor is not written`);
    }
    if (operator === "GroupNormalization" && inputs.length === 1) {
      const { num_groups: groups, epsilon } = attributes as Record<string, number>;
      own.set(outputs[0], groupNorm(named(inputs[0]), { groups, epsilon }, w));
      continue;
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
