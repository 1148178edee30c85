// Network files of other programs, with the files next to them.

import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import type { ByteSource } from "../formats/byte-source.js";
import type { OnnxExternal } from "../formats/onnx/onnx-types.js";
import type { ImportedOnnx, ImportOnnxOptions } from "../interchange/onnx/import-onnx.js";
import { fileSource } from "./file-source.js";
import { explainReason, readFileOrExplain } from "./run-files.js";

/** Options of `importNetwork`. */
export type ImportNetworkOptions = Pick<
  ImportOnnxOptions,
  "activation" | "normalisation" | "output" | "halo"
>;

/**
 * Reads a network from an ONNX file; weights in other files are read from its folder. Throws one line with the
 * path if a file is missing or damaged, or if the engine cannot run the network.
 */
export async function importNetwork(
  path: string,
  options: ImportNetworkOptions = {},
): Promise<ImportedOnnx> {
  const bytes = await readFileOrExplain(path, "network");
  const readExternal = (place: OnnxExternal) => readRange(path, place);
  const { importOnnx } = await import("../interchange/onnx/import-onnx.js");
  return importOnnx(bytes, { ...options, name: path, readExternal });
}

/** Whether the name of a file is that of a network of another program. */
export const isForeignNetwork = (path: string): boolean => /\.onnx$/i.test(basename(path));

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
