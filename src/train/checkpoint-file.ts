// The checkpoint file: safetensors, with tensors of F32. Our metadata are strings, as the format asks:
// `micrograph` is the version of this layout, and `model`, `task`, `normalisation`, `training` and `progress`
// are JSON with sorted keys; `ignore` is a number or a colour. There are no times in it, so equal checkpoints are equal
// bytes. Pure: browsers write and read the same files.

import {
  readSafetensorsHeader,
  type SafetensorsTensor,
  writeSafetensors,
} from "../formats/safetensors.js";
import type { Architecture } from "../model/architecture.js";
import { decodeMetadata, encodeMetadata } from "./checkpoint-metadata.js";
import type { Checkpoint, CheckpointTensor } from "./training-types.js";

export interface DecodeOptions {
  /** Architectures of checkpoints that are not of ours. */
  readonly models?: readonly Architecture[] | undefined;
}

/** The bytes of a checkpoint file. Equal content gives equal bytes. */
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
    // Every platform that has WebGPU is little endian, the order of the format.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    tensors.set(name, { dtype: "F32", shape, bytes });
  }
  return writeSafetensors({ tensors, metadata: encodeMetadata(checkpoint.metadata) });
}

/**
 * The checkpoint in a file's bytes. Everything is checked before it is believed: each error is one
 * line that names the file, what was found and what was expected.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  fileName: string,
  { models }: DecodeOptions = {},
): Checkpoint {
  const header = readSafetensorsHeader(bytes, fileName, "checkpoint");
  // First, so that a file of another program is called that, whatever its tensors look like.
  const metadata = decodeMetadata(header.metadata, fileName, models);
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, { shape, bytes }] of header.tensors(["F32"])) {
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer as ArrayBuffer) });
  }
  return { tensors, metadata };
}
