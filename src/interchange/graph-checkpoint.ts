// A checkpoint from a graph and its weights, whatever file they come from.

import { checkWord } from "../arguments/keys.js";
import { checkNormalisation } from "../data/check-normalisation.js";
import type { Normalisation } from "../data/normalise.js";
import type { Tensor } from "../graph/tensor.js";
import { layOut, type ParameterLayout, parameterTensors } from "../model/parameters.js";
import type { Checkpoint, CheckpointTensor } from "../train/training-types.js";
import type { OnnxActivation } from "./onnx/end-activation.js";
import { type Budget, buildOnnx, type OnnxGraph } from "./onnx/onnx-graph.js";
import { type OnnxConfig, onnxNetwork } from "./onnx/onnx-network.js";
import { enlargement, sizesOf, withEnlargement } from "./onnx/onnx-sizes.js";

/** What a file does not say about its network. */
export interface ImportOptions {
  /** The name of the file in errors. */
  readonly name?: string | undefined;
  /**
   * What makes probabilities of the output, if the file does not end with it. By default "sigmoid" for one map and
   * "softmax" for several.
   */
  readonly activation?: OnnxActivation | undefined;
  /** How images are normalised for it; by default each by its own mean and standard deviation. */
  readonly normalisation?: Normalisation | undefined;
  /** Pixels that depend on zeros past the image, at each side of the output, if the graph does not say. */
  readonly halo?: number | undefined;
  /**
   * What training does with the running averages of batch norms: "frozen" (the default) normalises by them, as in
   * prediction; "trained" normalises by each batch and moves them on.
   */
  readonly norms?: "frozen" | "trained" | undefined;
}

/** A network of another program. */
export interface ImportedNetwork {
  /** Its weights and its graph: predicts, and is saved like any other. */
  readonly checkpoint: Checkpoint;
  /** The activation that ends the file's network. A checkpoint has it apart from the graph. */
  readonly endsWith: OnnxActivation | undefined;
  /** What was assumed, a sentence each. */
  readonly remarks: readonly string[];
}

/** A graph with what its file says about it. */
export interface GraphFile {
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly channels: number;
  readonly endsWith: OnnxActivation | undefined;
  /** The side of the image that the file gives. */
  readonly side?: number | undefined;
  /** What was assumed about it. */
  readonly remarks?: readonly string[];
  /** The values of the graph's parameters. */
  readonly weights: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  >;
}

/** The tensors of a graph's parameters, which a plan has as one state. */
export const layoutOf = ({ parameters }: OnnxGraph): ParameterLayout =>
  layOut(parameters.map(({ name, shape }) => ({ name, shape, init: 0 })));

/** Makes the checkpoint. Throws one line with the name of the file. */
export function graphCheckpoint(file: GraphFile, options: ImportOptions): ImportedNetwork {
  const { name, channels, endsWith } = file;
  const { normalisation = { kind: "image" }, halo, norms = "frozen" } = options;
  checkWord(`${name}: norms`, norms, ["frozen", "trained"]);
  const tensors = graphTensors(file);
  const parameters = parameterTensors(layoutOf(file.graph));
  const buildOf = (graph: OnnxGraph) => (x: Tensor, budget: Budget) =>
    buildOnnx(graph, x, parameters, undefined, budget);
  const factor = enlargement(buildOf(file.graph), channels, file.side);
  const graph = withEnlargement(file.graph, factor);
  const { maps, smallest, gridStep } = named(name, () =>
    sizesOf(buildOf(graph), channels, file.side),
  );
  const usual: OnnxActivation = maps === 1 ? "sigmoid" : "softmax";
  const activation = endsWith ?? options.activation ?? usual;
  if (maps === 1 && activation === "softmax") {
    throw new Error(`${name}: its output has one map, which takes the activation sigmoid`);
  }
  checkNormalisation(normalisation, channels, name);
  const classes = maps === 1 ? 2 : maps;
  const own = { graph, activation, smallest, gridStep, ...(norms === "trained" && { norms }) };
  const config: OnnxConfig = { architecture: onnxNetwork.name, channels, classes, ...own };
  const given = halo === undefined ? config : { ...config, halo };
  const remarks = [...(file.remarks ?? []), ...remarksOf(endsWith, activation, maps, options)];
  if (factor !== 1) {
    remarks.push(`its maps are ${1 / factor} times as large as the image: they are resized to it`);
  }
  const build = () => {
    const near = halo === undefined && hasAlignedCorners(graph) ? nearHalo(config) : undefined;
    if (near === undefined) return onnxNetwork.build(given);
    remarks.push(
      "a resizing with aligned corners depends on the size of the image: predictions in tiles differ a little " +
        `from one of the whole image; ${near} pixels at each side of a tile are cut`,
    );
    return onnxNetwork.build({ ...config, halo: near });
  };
  const { config: model } = named(name, build);
  const checkpoint = { tensors, metadata: { model, normalisation }, models: [onnxNetwork] };
  return { checkpoint, endsWith, remarks };
}

const ALIGNED = "align_corners";

const hasAlignedCorners = ({ nodes }: OnnxGraph) =>
  nodes.some(({ attributes }) => attributes.coordinate_transformation_mode === ALIGNED);

/** How far the same network sees if its resizings are those of half pixels. */
function nearHalo(config: OnnxConfig): number {
  const nodes = config.graph.nodes.map((node) => {
    const { coordinate_transformation_mode: mode, ...rest } = node.attributes;
    if (mode !== ALIGNED) return node;
    return { ...node, attributes: { ...rest, coordinate_transformation_mode: "half_pixel" } };
  });
  return onnxNetwork.build({ ...config, graph: { ...config.graph, nodes } }).halo;
}

function named<T>(fileName: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${fileName}: ${message.replace(/^onnx\.graph: /, "")}`, { cause: error });
  }
}

/** The weights as 32-bit floats. Throws for a value that is not finite. */
export function graphTensors({
  name: fileName,
  weights,
  graph,
}: GraphFile): Map<string, CheckpointTensor> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name } of graph.parameters) {
    const { shape, data } = weights.get(name) ?? { shape: [], data: [] };
    const floats = Float32Array.from(data);
    const wrong = floats.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new Error(`${fileName}: the weight ${name} has the value ${data[wrong]} at ${wrong}`);
    }
    tensors.set(name, { shape, data: floats });
  }
  return tensors;
}

function remarksOf(
  found: OnnxActivation | undefined,
  activation: OnnxActivation,
  maps: number,
  { activation: given, normalisation }: ImportOptions,
): string[] {
  const remarks: string[] = [];
  if (!found && !given) {
    const what = maps === 1 ? "one map" : `${maps} maps`;
    remarks.push(`the file ends without an activation: ${activation} is assumed for ${what}`);
  }
  if (found && given && found !== given) {
    remarks.push(`the file ends with ${found}, which is used and not ${given}`);
  }
  if (!normalisation) {
    remarks.push(
      "each image is normalised by its own mean and standard deviation: the file does not say how",
    );
  }
  return remarks;
}
