// ONNX files as checkpoints.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { checkNormalisation } from "../../data/check-normalisation.js";
import type { Normalisation } from "../../data/normalise.js";
import { onnxNumbers } from "../../formats/onnx/onnx-tensor.js";
import type { OnnxExternal, OnnxTensor } from "../../formats/onnx/onnx-types.js";
import { DamagedMessage } from "../../formats/onnx/protobuf.js";
import { readOnnx } from "../../formats/onnx/read-onnx.js";
import type { Tensor } from "../../graph/tensor.js";
import { parameterTensors } from "../../model/parameters.js";
import type { Checkpoint, CheckpointTensor } from "../../train/training-types.js";
import { type ModelParts, type OnnxActivation, partsOf } from "./graph-of-model.js";
import { buildOnnx } from "./onnx-graph.js";
import { type OnnxConfig, onnxNetwork } from "./onnx-network.js";
import { type OnnxSizes, sizesOf } from "./onnx-sizes.js";

/** How an ONNX file is read. */
export interface ImportOnnxOptions {
  /** The name of the file in errors. */
  readonly name?: string | undefined;
  /**
   * What makes probabilities of the output, if the file does not end with it. By default "sigmoid" for one map and
   * "softmax" for several.
   */
  readonly activation?: OnnxActivation | undefined;
  /** How images are normalised for it; by default each by its own mean and standard deviation. */
  readonly normalisation?: Normalisation | undefined;
  /** The output that is the prediction; by default the first. */
  readonly output?: string | undefined;
  /** Pixels that depend on zeros past the image, at each side of the output, if the graph does not say. */
  readonly halo?: number | undefined;
  /** Reads a range of a file next to the model, for weights that are not in it. */
  readonly readExternal?: ((place: OnnxExternal) => Promise<Uint8Array>) | undefined;
}

const OPTIONS: Keys<ImportOnnxOptions> = {
  name: 1,
  activation: 1,
  normalisation: 1,
  output: 1,
  halo: 1,
  readExternal: 1,
};

/** A network from an ONNX file. */
export interface ImportedOnnx {
  /** Its weights and its graph: predicts, is trained further and saved like any other. */
  readonly checkpoint: Checkpoint;
  /** The activation that ends the file's graph. A checkpoint has it apart from the graph. */
  readonly endsWith: OnnxActivation | undefined;
  /** What was assumed, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Reads a network for images from an ONNX file (opset 7 to 22, 32-bit floats; 16-bit and 64-bit ones are
 * converted). Throws one line with the name of the file: for damaged bytes, for an operator that the engine does
 * not have, with its node, for sizes that cannot vary.
 */
export async function importOnnx(
  bytes: Uint8Array,
  options: ImportOnnxOptions = {},
): Promise<ImportedOnnx> {
  checkKeys("importOnnx", options, OPTIONS);
  const { name: fileName = "the file", normalisation = { kind: "image" }, halo } = options;
  const model = readOnnx(bytes, fileName);
  const parts = partsOf(model, fileName, options.output);
  const tensors = await weightsOf(parts, options, fileName);
  const channels = (parts.image.dims as readonly number[])[1];
  const sizes = named(fileName, () => measured(parts, channels));
  const activation = parts.activation ?? options.activation ?? usualActivation(sizes.maps);
  const classes = activation === "sigmoid" && sizes.maps === 1 ? 2 : sizes.maps;
  if (classes < 2) {
    throw new Error(`${fileName}: its output has one map, which takes the activation sigmoid`);
  }
  const { smallest, gridStep } = sizes;
  const own = {
    graph: parts.graph,
    activation,
    smallest,
    gridStep,
    ...(halo === undefined ? {} : { halo }),
  };
  checkNormalisation(normalisation, channels, fileName);
  const config: OnnxConfig = { architecture: onnxNetwork.name, channels, classes, ...own };
  const built = named(fileName, () => onnxNetwork.build(config));
  const remarks = remarksOf(parts, activation, sizes.maps, model.outputs.length, options);
  return {
    checkpoint: {
      tensors,
      metadata: { model: built.config, normalisation },
      models: [onnxNetwork],
    },
    endsWith: parts.activation,
    remarks,
  };
}

const usualActivation = (maps: number): OnnxActivation => (maps === 1 ? "sigmoid" : "softmax");

function named<T>(fileName: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${fileName}: ${message.replace(/^onnx\.graph: /, "")}`, { cause: error });
  }
}

/** The sizes of images that the graph takes. */
function measured({ graph, image }: ModelParts, channels: number): OnnxSizes {
  let offset = 0;
  const list = graph.parameters.map(({ name, shape }) => {
    const parameter = { name, shape, offset, init: 0 };
    offset += 64 * Math.ceil(shape.reduce((a, b) => a * b, 1) / 64);
    return parameter;
  });
  const layout = { list, trained: list, count: 0, floats: offset, trainedFloats: offset };
  const tensors = parameterTensors(layout);
  const [height, width] = image.dims?.slice(2) ?? [];
  const declared = typeof height === "number" && height === width ? height : undefined;
  return sizesOf((x: Tensor) => buildOnnx(graph, x, tensors), channels, declared);
}

async function weightsOf(
  { weights }: ModelParts,
  { readExternal }: ImportOnnxOptions,
  fileName: string,
): Promise<Map<string, CheckpointTensor>> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of weights) {
    const data = tensor.external
      ? await externalNumbers(tensor, tensor.external, readExternal, fileName)
      : tensor.data;
    const floats = Float32Array.from(data);
    const wrong = floats.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new Error(`${fileName}: the weight ${name} has the value ${data[wrong]} at ${wrong}`);
    }
    tensors.set(name, { shape: tensor.dims, data: floats });
  }
  return tensors;
}

async function externalNumbers(
  { name, type, dims }: OnnxTensor,
  place: OnnxExternal,
  readExternal: ImportOnnxOptions["readExternal"],
  fileName: string,
): Promise<ArrayLike<number>> {
  if (!readExternal) {
    throw new Error(
      `${fileName}: its weights are in another file, ${place.location}, which was not given`,
    );
  }
  const count = dims.reduce((product, size) => product * size, 1);
  try {
    const numbers = onnxNumbers(name, type, await readExternal(place));
    if (numbers.length === count) return numbers;
    throw new DamagedMessage(`tensor "${name}" has ${numbers.length} elements, expected ${count}`);
  } catch (error) {
    if (!(error instanceof DamagedMessage)) throw error;
    throw new Error(`${fileName}: ${place.location}: ${error.message}`);
  }
}

function remarksOf(
  { activation: found }: ModelParts,
  activation: OnnxActivation,
  maps: number,
  outputs: number,
  { activation: given, normalisation, output }: ImportOnnxOptions,
): string[] {
  const remarks: string[] = [];
  if (!found && !given) {
    const what = maps === 1 ? "one map" : `${maps} maps`;
    remarks.push(`the file ends without an activation: ${activation} is assumed for ${what}`);
  }
  if (found && given && found !== given) {
    remarks.push(`the file ends with ${found}, which is used and not ${given}`);
  }
  if (outputs > 1 && output === undefined) {
    remarks.push(`of ${outputs} outputs the first is the prediction`);
  }
  if (!normalisation) {
    remarks.push(
      "each image is normalised by its own mean and standard deviation: the file does not say how",
    );
  }
  return remarks;
}
