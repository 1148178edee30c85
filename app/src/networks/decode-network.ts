// Reads checkpoint files, also those of networks that came from other programs, whose code is loaded only for them.

import { architectureOf, type Checkpoint, decodeSafetensors } from "../../../src/index.js";

/** Errors name the file: damaged, or of another program. */
export async function decodeNetwork(bytes: Uint8Array, fileName: string): Promise<Checkpoint> {
  if (!isImported(bytes)) return decodeSafetensors(bytes, fileName);
  const { decodeImported } = await import("../../../src/interchange/index.js");
  return decodeImported(bytes, fileName);
}

/** Whether the network of a checkpoint's file came from another program. */
export const isImported = (bytes: Uint8Array) => architectureOf(bytes) === "onnx";
