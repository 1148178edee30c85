// Network files of other programs, with the files next to them.

import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import type { ByteSource } from "../formats/byte-source.js";
import type { OnnxExternal } from "../formats/onnx/onnx-types.js";
import { normalisationOf } from "../interchange/bioimageio/processing.js";
import type { ImportedNetwork } from "../interchange/graph-checkpoint.js";
import type { OnnxActivation } from "../interchange/onnx/graph-of-model.js";
import type { ImportOnnxOptions } from "../interchange/onnx/import-onnx.js";
import { fileSource } from "./file-source.js";
import { isModelPackage, type ModelPackage, openModelPackage } from "./model-package.js";
import { explainReason, readFileOrExplain } from "./run-files.js";

/** Options of `importNetwork`. */
export type ImportNetworkOptions = Pick<
  ImportOnnxOptions,
  "activation" | "normalisation" | "output" | "halo"
>;

/**
 * Reads a network from an ONNX file, from weights of PyTorch (`importPytorch`), or from a package of the bioimage.io
 * zoo (a folder, a zip file, or its description), which says how images are normalised and what makes
 * probabilities. Weights in other files are read from the file's folder. Throws one line with the path if a file is missing or damaged, or if the engine cannot run
 * the network.
 */
export async function importNetwork(
  path: string,
  options: ImportNetworkOptions = {},
): Promise<ImportedNetwork> {
  if (isModelPackage(path)) return importPackage(await openModelPackage(path), options);
  const bytes = await readFileOrExplain(path, "network");
  if (!/\.onnx$/i.test(path)) {
    const { output, ...rest } = options;
    if (output !== undefined) throw new Error(`${path}: only ONNX files have named outputs`);
    const { importPytorch } = await import("../interchange/pytorch/import-pytorch.js");
    return importPytorch(bytes, { ...rest, name: path });
  }
  const readExternal = (place: OnnxExternal) => readRange(path, place);
  const { importOnnx } = await import("../interchange/onnx/import-onnx.js");
  return importOnnx(bytes, { ...options, name: path, readExternal });
}

/** Reads the network of a package; what `options` say goes before what the package says. */
export async function importPackage(
  { path, description, read }: ModelPackage,
  options: ImportNetworkOptions = {},
): Promise<ImportedNetwork> {
  const { input, output } = description;
  if (input.axes !== "bcyx") {
    throw new Error(`${path}: the axes of ${input.id} are ${input.axes}, expected bcyx`);
  }
  const ended = output.steps.find(({ id }) => id === "sigmoid" || id === "softmax");
  const activation = options.activation ?? (ended?.id as OnnxActivation | undefined);
  const imported = await importWeights(
    { path, description, read },
    { ...options, ...(activation && { activation }) },
  );
  if (options.normalisation) return imported;
  const { checkpoint } = imported;
  const { metadata } = checkpoint;
  const remarks = imported.remarks.filter(
    (remark) => !remark.startsWith("each image is normalised"),
  );
  try {
    const normalisation = normalisationOf(input.steps, metadata.model.channels, input.maximum);
    const said = { ...checkpoint, metadata: { ...metadata, normalisation } };
    return { ...imported, checkpoint: said, remarks };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** The first of a package's weights that can be read. */
async function importWeights(
  { path, description: { weights }, read }: ModelPackage,
  options: ImportNetworkOptions,
): Promise<ImportedNetwork> {
  const readable = ["onnx", "pytorch_state_dict", "torchscript"];
  const inside = weights.filter(({ source }) => !/^[a-z]+:\/\//i.test(source));
  const [kind] = readable.filter((one) => inside.some((entry) => entry.kind === one));
  const entry = inside.find((one) => one.kind === kind);
  if (!entry) {
    const kinds = weights.map((one) => one.kind).join(", ") || "none";
    throw new Error(
      `${path}: its weights are ${kinds}, expected ${readable.join(", ")} as files of the package`,
    );
  }
  const name = `${path}: ${entry.source}`;
  const bytes = await read(entry.source);
  if (kind !== "onnx") {
    const { output, ...rest } = options;
    const { importPytorch } = await import("../interchange/pytorch/import-pytorch.js");
    return importPytorch(bytes, { ...rest, name });
  }
  const folder = entry.source.slice(0, entry.source.lastIndexOf("/") + 1);
  const readExternal = async ({ location, offset, length }: OnnxExternal) => {
    const file = await read(folder + location);
    return file.subarray(offset, length === undefined ? file.length : offset + length);
  };
  const { importOnnx } = await import("../interchange/onnx/import-onnx.js");
  return importOnnx(bytes, { ...options, name, readExternal });
}

/** Whether a path is that of a network of another program. */
export const isForeignNetwork = (path: string): boolean =>
  /\.(onnx|pt|pth|bin|ckpt)$/i.test(basename(path)) || isModelPackage(path);

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
