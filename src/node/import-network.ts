// Network files of other programs, with the files next to them.

import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, normalize, relative } from "node:path";
import type { ByteSource } from "../formats/byte-source.js";
import type { OnnxExternal } from "../formats/onnx/onnx-types.js";
import {
  type ImportNetworkOptions,
  importPackage,
  onnxOptions,
} from "../interchange/bioimageio/import-package.js";
import type { ImportedNetwork } from "../interchange/graph-checkpoint.js";
import { fileSource } from "./file-source.js";
import { isModelPackage, openModelPackage } from "./model-package.js";
import { explainReason, readFileOrExplain } from "./run-files.js";

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
  return importOnnx(bytes, { ...onnxOptions(options, path), name: path, readExternal });
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
  await checkLinks(model, location);
  const end = length === undefined ? source.size : offset + length;
  if (end > source.size || offset > end) {
    throw new Error(
      `${model}: its weights go to byte ${end} of ${location}, which has ${source.size} bytes`,
    );
  }
  return await source.read(offset, end);
}

/**
 * Throws if a file is outside of the model's folder by a link. Caches of downloads have links at the model and its weights,
 * to files in one folder.
 */
async function checkLinks(model: string, location: string): Promise<void> {
  const folders = [await realpath(dirname(model)), dirname(await realpath(model))];
  const there = await realpath(join(dirname(model), location));
  if (folders.some((folder) => !relative(folder, there).startsWith(".."))) return;
  throw new Error(
    `${model}: its weights ${location} are a link to ${there}, expected a file in the folder of the model`,
  );
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
