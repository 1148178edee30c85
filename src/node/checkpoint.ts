// Checkpoint files.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type DecodeOptions,
  decodeSafetensors,
  encodeSafetensors,
} from "../train/checkpoint-file.js";
import type { Checkpoint } from "../train/training-types.js";
import { importNetwork, isForeignNetwork } from "./import-network.js";
import { readFileOrExplain, writeFileAtomic } from "./run-files.js";

/**
 * Reads a checkpoint file, or an ONNX file as one (`importNetwork` says what it assumes). Throws one line that
 * names the file and what is wrong with it.
 */
export async function loadCheckpoint(
  path: string,
  { models }: DecodeOptions = {},
): Promise<Checkpoint> {
  if (isForeignNetwork(path)) return (await importNetwork(path)).checkpoint;
  const bytes = await readFileOrExplain(path, "checkpoint");
  if (!isOfOnnx(bytes)) return decodeSafetensors(bytes, path, { models });
  const { onnxNetwork } = await import("../interchange/onnx/onnx-network.js");
  return decodeSafetensors(bytes, path, { models: [...(models ?? []), onnxNetwork] });
}

/** Whether the network of a checkpoint came as an ONNX file: its code is loaded only then. */
function isOfOnnx(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const { buffer, byteOffset } = bytes;
  const length = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(8, 8 + length));
  return header.includes('\\"architecture\\":\\"onnx\\"');
}

/**
 * Writes a checkpoint as safetensors, first under a temporary name, so that no incomplete file
 * remains.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(checkpoint));
}

/** Returns the checkpoints of a run folder, the one that is better for prediction first. */
export function checkpointFiles(folder: string): string[] {
  return ["best", "last"].map((kind) => join(folder, `${kind}.safetensors`));
}

/**
 * Returns the checkpoint file for a path: the path itself or, for a run folder, the best
 * checkpoint, else the last. Throws one line if the folder contains none.
 */
export function findCheckpoint(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const found = checkpointFiles(path).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    `${path}: a folder without best.safetensors or last.safetensors, expected a checkpoint file ` +
      "or a run folder",
  );
}
