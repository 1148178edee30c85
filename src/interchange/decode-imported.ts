// Checkpoint files of networks that came from other programs: their graph is built once, so that what is wrong with it
// is said with the file's name, before anything is predicted or written.

import type { Architecture } from "../model/architecture.js";
import { createModel } from "../model/architectures.js";
import { decodeSafetensors } from "../train/checkpoint-file.js";
import type { Checkpoint } from "../train/training-types.js";
import { onnxNetwork } from "./onnx/onnx-network.js";
import { refusal } from "./refusal.js";

/** Decodes such a file. Throws one line that begins with the name if the graph is not right. */
export function decodeImported(
  bytes: Uint8Array,
  fileName: string,
  models: readonly Architecture[] = [],
): Checkpoint {
  const all = [...models, onnxNetwork];
  const checkpoint = decodeSafetensors(bytes, fileName, { models: all });
  try {
    createModel(checkpoint.metadata.model, all);
    return checkpoint;
  } catch (error) {
    throw refusal(error, fileName);
  }
}
