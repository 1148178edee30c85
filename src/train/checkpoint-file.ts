// The checkpoint file: safetensors, with tensors of F32. Its metadata are strings, as the format
// requires: `micrograph` is the version of this layout; `model`, `task`, `normalisation`,
// `training` and `progress` are JSON with sorted keys; `ignore` is a number or a colour. It
// contains no times, so equal checkpoints are equal bytes. Independent of Node: browsers read and
// write the same files.

import {
  readSafetensorsHeader,
  type SafetensorsTensor,
  writeSafetensors,
} from "../formats/safetensors.js";
import type { Architecture } from "../model/architecture.js";
import { decodeMetadata, encodeMetadata } from "./checkpoint-metadata.js";
import type { Checkpoint, CheckpointTensor } from "./training-types.js";

/** How a checkpoint file is read. */
export interface DecodeOptions {
  /** Architectures besides the built-in ones. */
  readonly models?: readonly Architecture[] | undefined;
}

/** Encodes a checkpoint as a file. Equal content gives equal bytes. */
export function encodeSafetensors(checkpoint: Checkpoint): Uint8Array {
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { shape, data }] of checkpoint.tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length) {
      throw new Error(
        `checkpoint: tensor "${name}" of shape [${shape}] holds ${count} numbers, ` +
          `but its data has ${data.length}`,
      );
    }
    // Every platform with WebGPU is little-endian, like the format.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    tensors.set(name, { dtype: "F32", shape, bytes });
  }
  return writeSafetensors({ tensors, metadata: encodeMetadata(checkpoint.metadata) });
}

/**
 * Decodes a checkpoint file. Everything is checked before use. Each error is one line with the
 * file, what was found and what was expected.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  fileName: string,
  { models }: DecodeOptions = {},
): Checkpoint {
  const header = readSafetensorsHeader(bytes, fileName, "checkpoint");
  // Checked first, so that a file of another program is reported as such, whatever its tensors are.
  const metadata = decodeMetadata(header.metadata, fileName, models);
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, { shape, bytes }] of header.tensors(["F32"])) {
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer as ArrayBuffer) });
  }
  return { tensors, metadata, ...(models && { models }) };
}
