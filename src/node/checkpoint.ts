// Checkpoint files.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  architectureOf,
  type DecodeOptions,
  decodeSafetensors,
  encodeSafetensors,
} from "../train/checkpoint-file.js";
import type { Checkpoint } from "../train/training-types.js";
import { importNetwork, isForeignNetwork } from "./import-network.js";
import { isModelPackage } from "./model-package.js";
import { readFileOrExplain, writeFileAtomic } from "./run-files.js";
import { startingNetworkFile } from "./starting-network.js";

/**
 * Reads a checkpoint file, or a network of another program as one (`importNetwork` says what it assumes). Instead of
 * a path, the name of a network that comes with the package: "nuclei" (`STARTING_NETWORKS`). Throws one line that
 * names the file and what is wrong with it.
 */
export async function loadCheckpoint(
  path: string,
  { models }: DecodeOptions = {},
): Promise<Checkpoint> {
  if (isForeignNetwork(path)) return (await importNetwork(path)).checkpoint;
  const bytes = await readFileOrExplain(startingNetworkFile(path) ?? path, "checkpoint");
  if (architectureOf(bytes) !== "onnx") return decodeSafetensors(bytes, path, { models });
  const { decodeImported } = await import("../interchange/decode-imported.js");
  return decodeImported(bytes, path, models);
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
 * checkpoint, else the last. The name of a network that comes with the package and the folder of a package of the
 * bioimage.io zoo stay as they are. Throws one line if the folder contains none.
 */
export function findCheckpoint(path: string): string {
  if (startingNetworkFile(path) !== undefined) return path;
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const found = checkpointFiles(path).find((file) => existsSync(file));
  if (found !== undefined) return found;
  if (isModelPackage(path)) return path;
  throw new Error(
    `${path}: a folder without best.safetensors or last.safetensors, expected a checkpoint file ` +
      "or a run folder",
  );
}
