// ONNX files as checkpoints.

import { parseJson } from "../../arguments/json.js";
import { checkKeys, type Keys } from "../../arguments/keys.js";
import { checkNormalisation } from "../../data/check-normalisation.js";
import type { Normalisation } from "../../data/normalise.js";
import { onnxNumbers } from "../../formats/onnx/onnx-tensor.js";
import type { OnnxExternal, OnnxModel, OnnxTensor } from "../../formats/onnx/onnx-types.js";
import { DamagedMessage } from "../../formats/onnx/protobuf.js";
import { readOnnx } from "../../formats/onnx/read-onnx.js";
import {
  type GraphFile,
  graphCheckpoint,
  type ImportedNetwork,
  type ImportOptions,
} from "../graph-checkpoint.js";
import { refusing } from "../refusal.js";
import { type PartsOptions, partsOf } from "./graph-of-model.js";

/** How an ONNX file is read. */
export interface ImportOnnxOptions extends ImportOptions {
  /** The output that is the prediction; by default the first. */
  readonly output?: string | undefined;
  /**
   * Axes of all inputs and of the output by letters, "bcyx" for [N,C,H,W]; by default as their sizes say. Several inputs
   * are channels of the image, one after the other.
   */
  readonly axes?: { readonly inputs: readonly string[]; readonly output: string } | undefined;
  /** Reads a range of a file next to the model, for weights that are not in it. */
  readonly readExternal?: ((place: OnnxExternal) => Promise<Uint8Array>) | undefined;
}

const OPTIONS: Keys<ImportOnnxOptions> = {
  name: 1,
  activation: 1,
  normalisation: 1,
  output: 1,
  axes: 1,
  halo: 1,
  norms: 1,
  readExternal: 1,
};

/**
 * Reads a network for images from an ONNX file (opset 7 or later, 32-bit floats; 16-bit and 64-bit ones are
 * converted). Throws one line with the name of the file: for damaged bytes, for an operator that the engine does
 * not have, with its node, for sizes that cannot vary.
 */
export async function importOnnx(
  bytes: Uint8Array,
  options: ImportOnnxOptions = {},
): Promise<ImportedNetwork> {
  checkKeys("importOnnx", options, OPTIONS);
  const { name = "the file" } = options;
  return refusing(name, () => networkOf(bytes, name, options));
}

async function networkOf(
  bytes: Uint8Array,
  name: string,
  options: ImportOnnxOptions,
): Promise<ImportedNetwork> {
  const model = readOnnx(bytes, name);
  const file = await graphOf(model, options);
  const said = saidBy(model, file.channels, name);
  const { normalisation = said.normalisation } = options;
  const made = graphCheckpoint(file, { ...options, normalisation });
  const imported = withNames(made, said.classNames);
  if (model.outputs.length === 1 || options.output !== undefined) return imported;
  const told = `of ${model.outputs.length} outputs the first is the prediction`;
  return { ...imported, remarks: [...imported.remarks, told] };
}

/** How the graph of a file is read. */
export type OnnxGraphOptions = PartsOptions & Pick<ImportOnnxOptions, "name" | "readExternal">;

/** Reads the graph of one output, with its weights. Throws one line with the name of the file. */
export async function readOnnxGraph(
  bytes: Uint8Array,
  options: OnnxGraphOptions = {},
): Promise<GraphFile> {
  return graphOf(readOnnx(bytes, options.name ?? "the file"), options);
}

async function graphOf(
  model: OnnxModel,
  { name = "the file", readExternal, ...options }: OnnxGraphOptions,
): Promise<GraphFile> {
  const { activation: endsWith, weights: stored, inputs, ...rest } = partsOf(model, name, options);
  const weights = new Map<string, { shape: readonly number[]; data: ArrayLike<number> }>();
  for (const [key, tensor] of stored) {
    weights.set(key, { shape: tensor.dims, data: await numbersOf(tensor, readExternal, name) });
  }
  const remarks =
    inputs.length > 1 ? [`the channels of an image are its inputs: ${shownInputs(inputs)}`] : [];
  return { name, ...rest, endsWith, weights, remarks };
}

const shownInputs = (inputs: readonly { readonly name: string; readonly channels: number }[]) =>
  inputs.map(({ name, channels }) => (channels > 1 ? `${name} (${channels})` : name)).join(", ");

interface Said {
  readonly normalisation?: Normalisation | undefined;
  readonly classNames?: readonly string[] | undefined;
}

/** What a file of `exportOnnx` says about images and classes. */
function saidBy({ producer, metadata }: OnnxModel, channels: number, name: string): Said {
  if (!producer.startsWith("micrograph")) return {};
  const parsed = (key: string): unknown => {
    if (!Object.hasOwn(metadata, key)) return undefined;
    try {
      return parseJson(metadata[key]);
    } catch {
      throw new Error(`${name}: damaged: its metadata "${key}" is not JSON`);
    }
  };
  const normalisation = parsed("normalisation");
  const names = parsed("class_names");
  const isList = Array.isArray(names) && names.every((one) => typeof one === "string");
  return {
    ...(normalisation === undefined
      ? {}
      : { normalisation: checkNormalisation(normalisation, channels, name) }),
    ...(isList ? { classNames: names } : {}),
  };
}

/** With the names of the classes, if there is one for each. */
function withNames(imported: ImportedNetwork, classNames: Said["classNames"]): ImportedNetwork {
  const { checkpoint } = imported;
  const { metadata } = checkpoint;
  const isFit = classNames?.length === metadata.model.classes;
  if (!classNames || !isFit || new Set(classNames).size !== classNames.length) return imported;
  const named = { ...metadata, task: { classNames } };
  return { ...imported, checkpoint: { ...checkpoint, metadata: named } };
}

/** The numbers of a weight, which may be in another file. */
async function numbersOf(
  { name, type, dims, data, external }: OnnxTensor,
  readExternal: ImportOnnxOptions["readExternal"],
  fileName: string,
): Promise<ArrayLike<number>> {
  if (!external) return data;
  if (!readExternal) {
    throw new Error(
      `${fileName}: its weights are in another file, ${external.location}, which was not given`,
    );
  }
  const count = dims.reduce((product, size) => product * size, 1);
  try {
    const numbers = onnxNumbers(name, type, await readExternal(external));
    if (numbers.length === count) return numbers;
    throw new DamagedMessage(`tensor "${name}" has ${numbers.length} elements, expected ${count}`);
  } catch (error) {
    if (!(error instanceof DamagedMessage)) throw error;
    throw new Error(`${fileName}: ${external.location}: ${error.message}`);
  }
}
