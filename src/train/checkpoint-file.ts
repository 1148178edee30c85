// The checkpoint file: safetensors, with tensors of F32, or of F16 in half the bytes. Its metadata are strings, as the format
// requires: `micrograph` is the version of this layout; `model`, `task`, `normalisation`,
// `training` and `progress` are JSON with sorted keys; `ignore` is a number or a colour. It
// contains no times, so equal checkpoints are equal bytes. Independent of Node: browsers read and
// write the same files.

import { halfBits } from "../formats/half-float.js";
import {
  floatsOf,
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

/** How a checkpoint file is written. */
export interface EncodeOptions {
  /** "f16": tensors rounded to 16 bits, in half the bytes. By default "f32". */
  readonly precision?: "f32" | "f16" | undefined;
}

/** Encodes a checkpoint as a file. Equal content gives equal bytes. */
export function encodeSafetensors(
  checkpoint: Checkpoint,
  { precision = "f32" }: EncodeOptions = {},
): Uint8Array {
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
    const values = precision === "f16" ? halves(name, data) : data;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    tensors.set(name, { dtype: precision === "f16" ? "F16" : "F32", shape, bytes });
  }
  return writeSafetensors({ tensors, metadata: encodeMetadata(checkpoint.metadata) });
}

function halves(name: string, data: Float32Array): Uint16Array {
  const large = data.find((value) => Math.abs(value) >= 65_520);
  if (large === undefined) return Uint16Array.from(data, halfBits);
  throw new Error(
    `checkpoint: tensor "${name}" holds ${large}, and 16 bits at most 65504: write it as "f32"`,
  );
}

/**
 * The architecture of a checkpoint file by its header; undefined if that is damaged or of another program.
 * "onnx" is that of networks of other programs, whose code need only be loaded for them.
 */
export function architectureOf(bytes: Uint8Array): string | undefined {
  try {
    const { metadata } = readSafetensorsHeader(bytes, "checkpoint");
    return JSON.parse((metadata as { readonly model: string }).model).architecture;
  } catch {
    return undefined; // said when the file is decoded
  }
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
  for (const [name, tensor] of header.tensors(["F32", "F16"])) {
    const { dtype, shape, bytes } = tensor;
    const data =
      dtype === "F32" ? new Float32Array(bytes.buffer as ArrayBuffer) : floatsOf(tensor, name);
    tensors.set(name, { shape, data: data as Float32Array<ArrayBuffer> });
  }
  return { tensors, metadata, ...(models && { models }) };
}
