// Checkpoint files.

import { decodeSafetensors, encodeSafetensors } from "../train/safetensors.js";
import type { Checkpoint } from "../train/types.js";
import { readFileOrExplain, writeFileAtomic } from "./files.js";

/** Reads a checkpoint file. Throws one line that names the file and what is wrong with it. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  return decodeSafetensors(await readFileOrExplain(path, "checkpoint"), path);
}

/** Writes a checkpoint in safetensors: under a temporary name first, so that none is half there. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(checkpoint));
}
