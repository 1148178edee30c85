// The network as a file for other programs.

import { writeZip } from "../../../src/formats/index.js";
import { decodeNetwork } from "../networks/decode-network.js";
import type { OutputFile } from "./pictures.js";

/** A file of one format, and how it is used, in a sentence. */
export interface ExportedNetwork extends OutputFile {
  readonly use: string;
}

/** Who made a package of the bioimage.io zoo, how it is called, and how it may be used. */
export interface PackageFields {
  readonly name: string;
  readonly author: string;
  /** An identifier of SPDX. */
  readonly licence: string;
}

/** The network of a checkpoint's file as ONNX, or for PyTorch. Throws a sentence if the format has no form for it. */
export async function exportedNetwork(
  checkpoint: Uint8Array,
  format: "onnx" | "pytorch",
): Promise<ExportedNetwork> {
  const network = await decodeNetwork(checkpoint, "the network");
  const { exportOnnx, exportPytorch } = await import("../../../src/interchange/index.js");
  if (format === "pytorch") {
    const bytes = writeZip(exportPytorch(network).files);
    const use = "network.py has the module and how it is used; network.safetensors has its weights";
    return { path: "pytorch.zip", bytes, use };
  }
  const { bytes, step, smallest, halo } = exportOnnx(network);
  const { channels } = network.metadata.model;
  const use =
    `it takes images [N, ${channels}, H, W] whose sides are multiples of ${step}, at least ${smallest}; in tiles ` +
    `${halo} pixels at each side are cut`;
  return { path: "network.onnx", bytes, use };
}
