// The checkpoint file: safetensors (github.com/huggingface/safetensors). Eight bytes of header length
// (u64, little endian), a JSON header padded with spaces to a multiple of 8, then the tensors, dense,
// row-major, in the order of their names without holes.
//
// Our metadata are strings, as the format asks: `micrograph` is the version of this layout, and
// `model`, `normalisation`, `training` and `progress` are JSON with sorted keys; `ignore` is a number
// or a colour. There are no times in it, so equal checkpoints are equal bytes. Pure: browsers write
// and read the same files.

import { shown, shownText } from "../arguments/shown.js";
import { parseJson } from "../data/json.js";
import { decodeMetadata, encodeMetadata } from "../train/checkpoint-metadata.js";
import type { Checkpoint, CheckpointTensor } from "../train/training-types.js";

const LENGTH_BYTES = 8;
/** The limit of the reference implementation; a longer header is not a safetensors file. */
const MAX_HEADER_BYTES = 100_000_000;

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The bytes of a checkpoint file. Equal content gives equal bytes. */
export function encodeSafetensors(checkpoint: Checkpoint): Uint8Array {
  const names = [...checkpoint.tensors.keys()].sort();
  // Without a prototype, so that no name of a tensor means more than a name.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = encodeMetadata(checkpoint.metadata);
  let offset = 0;
  for (const name of names) {
    const { shape, data } = checkpoint.tensors.get(name) as CheckpointTensor;
    if (elementCount(shape) !== data.length) {
      throw new Error(
        `checkpoint: tensor "${name}" of shape [${shape}] holds ${elementCount(shape)} numbers, ` +
          `but its data has ${data.length}`,
      );
    }
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(json, LENGTH_BYTES);
  let position = LENGTH_BYTES + headerBytes;
  for (const name of names) {
    const { data } = checkpoint.tensors.get(name) as CheckpointTensor;
    // Every platform that has WebGPU is little endian, the order of the format.
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * The checkpoint in a file's bytes. Everything is checked before it is believed: each error is one
 * line that names the file, what was found and what was expected.
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): Checkpoint {
  const headerBytes = readHeaderLength(bytes, fileName);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes), fileName);
  const { __metadata__: strings, ...entries } = header;
  // First, so that a file of another program is called that, whatever its tensors look like.
  const metadata = decodeMetadata(strings, fileName);
  const data = bytes.subarray(LENGTH_BYTES + headerBytes);
  const layout = checkLayout(entries, data.byteLength, fileName);
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, entry] of layout) {
    const [begin, end] = entry.data_offsets;
    // The copy is aligned to 4 bytes, which a view into the file need not be.
    const copy = new Uint8Array(data.subarray(begin, end));
    tensors.set(name, { shape: entry.shape, data: new Float32Array(copy.buffer) });
  }
  return { tensors, metadata };
}

function readHeaderLength(bytes: Uint8Array, fileName: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH_BYTES) {
    throw new Error(
      `${fileName}: not a checkpoint: it has ${bytes.length} bytes, a safetensors file at least 10`,
    );
  }
  const announced = view.getBigUint64(0, true);
  const opensObject = bytes.length === LENGTH_BYTES || bytes[LENGTH_BYTES] === 0x7b;
  if (announced > MAX_HEADER_BYTES || announced < 2n || !opensObject) {
    throw new Error(`${fileName}: not a checkpoint: it does not begin like a safetensors file`);
  }
  const headerBytes = Number(announced);
  if (LENGTH_BYTES + headerBytes > bytes.length) {
    throw new Error(
      `${fileName}: truncated: its header alone takes ${LENGTH_BYTES + headerBytes} bytes, ` +
        `but the file has ${bytes.length}`,
    );
  }
  return headerBytes;
}

function parseHeader(bytes: Uint8Array, fileName: string): Record<string, unknown> {
  try {
    const header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch {
    // Said below, in the words of this file instead of the JSON parser's.
  }
  throw new Error(`${fileName}: damaged: its header is not a JSON object`);
}

/** Checks every entry and that together they cover the data once, without a hole. */
function checkLayout(
  entries: Record<string, unknown>,
  dataBytes: number,
  fileName: string,
): [string, HeaderEntry][] {
  const layout = Object.entries(entries).map(([name, entry]): [string, HeaderEntry] => [
    name,
    checkEntry(name, entry, fileName),
  ]);
  // Of those that begin at the same byte the empty ones come first.
  layout.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  const announced = Math.max(0, ...layout.map(([, entry]) => entry.data_offsets[1]));
  if (announced > dataBytes) {
    throw new Error(
      `${fileName}: truncated: its tensors take ${announced} bytes, ` +
        `but ${dataBytes} follow the header`,
    );
  }
  let position = 0;
  for (const [name, { data_offsets }] of layout) {
    if (data_offsets[0] !== position) {
      const what = data_offsets[0] < position ? "overlaps another tensor" : "leaves a hole";
      throw new Error(
        `${fileName}: damaged: tensor ${shown(name)} ${what}: it begins at byte ${data_offsets[0]}, ` +
          `expected ${position}`,
      );
    }
    position = data_offsets[1];
  }
  if (position !== dataBytes) {
    throw new Error(
      `${fileName}: damaged: its tensors take ${position} bytes, ` +
        `but ${dataBytes} follow the header`,
    );
  }
  return layout;
}

function checkEntry(name: string, entry: unknown, fileName: string): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw new Error(
      `${fileName}: damaged: tensor ${shown(name)} lacks a valid dtype, shape or data_offsets`,
    );
  }
  if (dtype !== "F32") {
    throw new Error(
      `${fileName}: tensor ${shown(name)} has type ${shownText(dtype)}, expected F32`,
    );
  }
  const [begin, end] = offsets;
  const expected = elementCount(shape) * 4;
  if (end - begin !== expected) {
    throw new Error(
      `${fileName}: damaged: tensor ${shown(name)} of shape ${shown(shape)} needs ${expected} bytes, ` +
        `but its offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  return { dtype, shape, data_offsets: [begin, end] };
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
