// The network of one file of another program, for a page: it has no folder with further files.

import {
  type ImportNetworkOptions,
  importPackage,
  onnxOptions,
} from "./bioimageio/import-package.js";
import { openZippedPackage } from "./bioimageio/package-files.js";
import type { ImportedNetwork } from "./graph-checkpoint.js";
import { type ImportOnnxOptions, importOnnx } from "./onnx/import-onnx.js";
import { importPytorch } from "./pytorch/import-pytorch.js";

/** Options of `importFile`. */
export type ImportFileOptions = ImportNetworkOptions & Pick<ImportOnnxOptions, "readExternal">;

/**
 * Reads a network from a file by the ending of its name: an ONNX file, a package of the bioimage.io zoo (.zip), or
 * weights of PyTorch (.pt, .pth, .bin, .ckpt, .safetensors). `readExternal` reads weights of an ONNX file that are in
 * other files. Throws one line that begins with the name if the file is
 * damaged, or if the engine cannot run its network.
 */
export async function importFile(
  bytes: Uint8Array,
  name: string,
  { readExternal, ...options }: ImportFileOptions = {},
): Promise<ImportedNetwork> {
  if (/\.zip$/i.test(name)) return importPackage(await openZippedPackage(bytes, name), options);
  if (/\.onnx$/i.test(name)) {
    return importOnnx(bytes, { ...onnxOptions(options, name), name, readExternal });
  }
  const { output, ...rest } = options;
  if (output !== undefined) throw new Error(`${name}: only ONNX files have named outputs`);
  return importPytorch(bytes, { ...rest, name });
}
