// Networks from ONNX files as an architecture: its configuration holds the graph, its parameters are the file's
// weights under their names.

import { shown } from "../../arguments/shown.js";
import { MOST_NODES } from "../../formats/onnx/read-onnx.js";
import type { Tensor } from "../../graph/tensor.js";
import type { Architecture } from "../../model/architecture.js";
import { defineArchitecture } from "../../model/define-architecture.js";
import type { Dropout, Model, ModelConfig } from "../../model/model.js";
import type { ParameterSpec } from "../../model/parameters.js";
import * as ops from "../../operations.js";
import type { OnnxActivation } from "./end-activation.js";
import { buildOnnx, type OnnxGraph, type StoredParameter } from "./onnx-graph.js";

/** The fields of a network that came as an ONNX file. */
export type OnnxFields = {
  /** Nodes, constants, and the names and shapes of the weights. */
  readonly graph: OnnxGraph;
  /** What makes probabilities of the graph's output. */
  readonly activation: OnnxActivation;
  /** The smallest valid side of an image, in pixels. */
  readonly smallest: number;
  /** The distance between valid sides, in pixels. */
  readonly gridStep: number;
  /** Pixels at each side of the output that depend on zeros past the image, if the graph does not say. */
  readonly halo?: number | undefined;
  /** "trained": training normalises by each batch, and moves the running averages of batch norms on. */
  readonly norms?: "trained" | undefined;
};

/** The configuration of such a network. */
export type OnnxConfig = ModelConfig<OnnxFields>;

const NAME = "onnx";

/**
 * Networks that were ONNX files (`importOnnx`): pass it in `models` to functions that read checkpoint files;
 * `loadCheckpoint` of Node knows it. A single map with a sigmoid is a network of two classes whose first logit
 * is 0, which is the same probability. Several maps with a sigmoid each are probabilities of classes that do
 * not exclude each other: such a network predicts and is not trained.
 */
export const onnxNetwork: Architecture<OnnxFields> = {
  name: NAME,
  defaults: {
    graph: { opset: 0, input: "", output: "", nodes: [], constants: {}, parameters: [] },
    activation: "softmax",
    smallest: 1,
    gridStep: 1,
    halo: undefined,
    norms: undefined,
  },
  read({ graph, activation, smallest, gridStep, halo, norms }, where) {
    const damaged = (what: string, value: unknown, right: string) =>
      new Error(`${where}: damaged: the model's ${what} is ${shown(value)}, expected ${right}`);
    if (!isGraph(graph)) throw damaged("graph", graph, "nodes, constants and parameters");
    if (activation !== "softmax" && activation !== "sigmoid") {
      throw damaged("activation", activation, "softmax or sigmoid");
    }
    for (const [name, value] of Object.entries({ smallest, gridStep, halo: halo ?? 1 })) {
      if (Number.isSafeInteger(value) && (value as number) >= 0) continue;
      throw damaged(name, value, "a whole number from 0");
    }
    const sizes = { smallest: smallest as number, gridStep: gridStep as number };
    const own: OnnxFields = { graph, activation, ...sizes };
    if (norms !== undefined && norms !== "trained") {
      throw damaged("norms", norms, "trained, or nothing");
    }
    return {
      ...own,
      ...(halo === undefined ? {} : { halo: halo as number }),
      ...(norms && { norms }),
    };
  },
  build(config) {
    const { graph, activation, smallest, gridStep, halo, channels, classes } = config;
    const isOneMap = activation === "sigmoid" && classes === 2;
    const mapsOf = (x: Tensor, get: (name: string) => Tensor, training?: Dropout) => {
      const tensors = new Map(graph.parameters.map(({ name }) => [name, get(name)]));
      const maps = buildOnnx(graph, x, tensors, training);
      return isOneMap && maps.shape[1] === 1 ? withZeros(maps) : maps;
    };
    const model = defineArchitecture({
      name: "onnx.graph",
      fields: {},
      parameters: () => graph.parameters.map(specOf),
      logits: (x, { get }) => mapsOf(x, get),
      gridStep: () => gridStep,
      smallest: () => smallest,
      ...(halo === undefined ? {} : { halo: () => halo }),
      // An instance norm of the file normalises by tile, as in the program that trained it.
      tileStatistics: true,
      title: () => `network of ${graph.nodes.length} ONNX nodes`,
    }).model({ channels, classes });
    const isIndependent = activation === "sigmoid" && !isOneMap;
    const logits: Model["logits"] = (x, tensors, training) => {
      const untrained = model.logits(x, tensors);
      if (!training || !config.norms) return untrained;
      return mapsOf(x, (name) => tensors.get(name) as Tensor, training);
    };
    const outputs: Model["outputs"] = (x, tensors, training) => {
      return { logits: logits(x, tensors, training) };
    };
    const independent = isIndependent && { probabilities: ops.sigmoid };
    return { ...model, config, logits, outputs, ...independent };
  },
};

/** Logits of two classes, 0 and z, whose softmax is the sigmoid of z. */
function withZeros(z: Tensor): Tensor {
  return ops.pad(z, [
    [0, 0],
    [1, 0],
    [0, 0],
    [0, 0],
  ]);
}

function specOf({ name, shape, role }: StoredParameter): ParameterSpec {
  if (role === "mean") return { name, shape, init: 0, isBuffer: true };
  if (role === "variance") return { name, shape, init: 1, isBuffer: true };
  const init = role === "gain" ? 1 : role === "weight" ? "he" : 0;
  return { name, shape, init };
}

/** Whether a value from a file has the form of a graph; what its nodes mean is checked when it is built. */
function isGraph(value: unknown): value is OnnxGraph {
  const { opset, input, output, nodes, constants, parameters } = record(value);
  const isText = (one: unknown) => typeof one === "string";
  const isNode = (node: unknown) => {
    const { operator, name, inputs, outputs, attributes } = record(node);
    const isNamed = isText(operator) && isText(name) && isRecord(attributes);
    return isNamed && [inputs, outputs].every((list) => Array.isArray(list) && list.every(isText));
  };
  const isKnown = (one: unknown) => isNumbers(record(one).dims) && isNumbers(record(one).values);
  const isParameter = (one: unknown) => isText(record(one).name) && isNumbers(record(one).shape);
  return (
    typeof opset === "number" &&
    isText(input) &&
    isText(output) &&
    Array.isArray(nodes) &&
    nodes.length <= MOST_NODES &&
    nodes.every(isNode) &&
    isRecord(constants) &&
    Object.values(constants).every(isKnown) &&
    Array.isArray(parameters) &&
    parameters.every(isParameter)
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

const isNumbers = (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === "number");
