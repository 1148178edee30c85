// Network files of other programs, with the files next to them.

import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import type { ByteSource } from "../formats/byte-source.js";
import type { OnnxExternal } from "../formats/onnx/onnx-types.js";
import { normalisationOf } from "../interchange/bioimageio/processing.js";
import type { OnnxActivation } from "../interchange/onnx/graph-of-model.js";
import type { ImportedOnnx, ImportOnnxOptions } from "../interchange/onnx/import-onnx.js";
import { fileSource } from "./file-source.js";
import { isModelPackage, type ModelPackage, openModelPackage } from "./model-package.js";
import { explainReason, readFileOrExplain } from "./run-files.js";

/** Options of `importNetwork`. */
export type ImportNetworkOptions = Pick<
  ImportOnnxOptions,
  "activation" | "normalisation" | "output" | "halo"
>;

/**
 * Reads a network from an ONNX file or from a package of the bioimage.io zoo (a folder, a zip file, or its
 * description), which says how images are normalised and what makes probabilities. Weights in other files are read
 * from the file's folder. Throws one line with the path if a file is missing or damaged, or if the engine cannot run
 * the network.
 */
export async function importNetwork(
  path: string,
  options: ImportNetworkOptions = {},
): Promise<ImportedOnnx> {
  if (isModelPackage(path)) return importPackage(await openModelPackage(path), options);
  const bytes = await readFileOrExplain(path, "network");
  const readExternal = (place: OnnxExternal) => readRange(path, place);
  const { importOnnx } = await import("../interchange/onnx/import-onnx.js");
  return importOnnx(bytes, { ...options, name: path, readExternal });
}

/** Reads the network of a package; what `options` say goes before what the package says. */
export async function importPackage(
  { path, description, read }: ModelPackage,
  options: ImportNetworkOptions = {},
): Promise<ImportedOnnx> {
  const { weights, input, output } = description;
  const onnx = weights.find(({ kind }) => kind === "onnx");
  if (!onnx) {
    const kinds = weights.map(({ kind }) => kind).join(", ") || "none";
    throw new Error(`${path}: its weights are ${kinds}, expected onnx among them`);
  }
  if (input.axes !== "bcyx") {
    throw new Error(`${path}: the axes of ${input.id} are ${input.axes}, expected bcyx`);
  }
  const readExternal = async ({ location, offset, length }: OnnxExternal) => {
    const folder = onnx.source.slice(0, onnx.source.lastIndexOf("/") + 1);
    const bytes = await read(folder + location);
    return bytes.subarray(offset, length === undefined ? bytes.length : offset + length);
  };
  const { importOnnx } = await import("../interchange/onnx/import-onnx.js");
  const name = `${path}: ${onnx.source}`;
  const ended = output.steps.find(({ id }) => id === "sigmoid" || id === "softmax");
  const activation = options.activation ?? (ended?.id as OnnxActivation | undefined);
  const given = { ...options, ...(activation && { activation }), name, readExternal };
  const imported = await importOnnx(await read(onnx.source), given);
  if (options.normalisation) return imported;
  const { checkpoint } = imported;
  const { metadata } = checkpoint;
  const remarks = imported.remarks.filter(
    (remark) => !remark.startsWith("each image is normalised"),
  );
  try {
    const normalisation = normalisationOf(input.steps, metadata.model.channels);
    const said = { ...checkpoint, metadata: { ...metadata, normalisation } };
    return { ...imported, checkpoint: said, remarks };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** Whether a path is that of a network of another program. */
export const isForeignNetwork = (path: string): boolean =>
  /\.onnx$/i.test(basename(path)) || isModelPackage(path);

/** Reads a range of a file in the folder of the model, or below it. */
async function readRange(
  model: string,
  { location, offset, length }: OnnxExternal,
): Promise<Uint8Array> {
  const inside = normalize(location);
  if (isAbsolute(inside) || inside.startsWith("..")) {
    throw new Error(
      `${model}: its weights are in ${location}, expected a file in the folder of the model`,
    );
  }
  const source = await openOrExplain(model, join(dirname(model), inside));
  const end = length === undefined ? source.size : offset + length;
  if (end > source.size || offset > end) {
    throw new Error(
      `${model}: its weights go to byte ${end} of ${location}, which has ${source.size} bytes`,
    );
  }
  return await source.read(offset, end);
}

async function openOrExplain(model: string, path: string): Promise<ByteSource> {
  try {
    return await fileSource(path);
  } catch (error) {
    throw new Error(`${path}: the weights of ${model} cannot be read: ${explainReason(error)}`, {
      cause: error,
    });
  }
}
