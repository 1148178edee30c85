// The safetensors format (github.com/huggingface/safetensors): eight bytes with the length of the
// header (u64, little-endian), a JSON header padded with spaces to a multiple of 8, then the
// tensors, dense, row-major, without holes. Its metadata are strings. This file is independent of
// the meaning of names and metadata.

import { parseJson } from "../arguments/json.js";
import { shown, shownText } from "../arguments/shown.js";
import { brainFloat, halfFloat } from "./half-float.js";

/** Bytes per element, by the format's type names. */
const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

/** The format's types of elements. */
export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

/** One tensor of a safetensors file. */
export interface SafetensorsTensor {
  /** Type of its elements. */
  readonly dtype: SafetensorsDtype;
  /** Outermost dimension first; empty for a scalar. */
  readonly shape: readonly number[];
  /**
   * The elements, row-major, little-endian; in a file that was read they begin at a multiple of 8.
   */
  readonly bytes: Uint8Array;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** The tensors by name. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  /** Texts by name, of the header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
/** The reference implementation allows 100 MB; headers of networks have a few kB, of graphs a few MB. */
const MAX_HEADER_BYTES = 20_000_000;
/** More tensors are no network. */
const MOST_TENSORS = 20_000;

interface HeaderEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Writes a file, with its tensors in the order of their names. Equal content gives equal bytes. */
export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort();
  // Without a prototype, so that a tensor may have any name.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = metadata;
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, bytes } = tensors.get(name) as SafetensorsTensor;
    const expected = elementCount(shape) * DTYPE_BYTES[dtype];
    if (expected !== bytes.byteLength) {
      throw new Error(
        `safetensors: tensor ${shown(name)} of ${dtype} and shape [${shape}] takes ${expected} bytes, ` +
          `but its data has ${bytes.byteLength}`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [offset, offset + expected] };
    offset += expected;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(json, LENGTH_BYTES);
  let position = LENGTH_BYTES + headerBytes;
  for (const name of names) {
    const { bytes } = tensors.get(name) as SafetensorsTensor;
    file.set(bytes, position);
    position += bytes.byteLength;
  }
  return file;
}

/**
 * Reads the tensors and metadata of a file. Everything is checked before use: each error is one
 * line with the file, what was found and what was expected.
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const header = readSafetensorsHeader(bytes, fileName);
  return { tensors: header.tensors(), metadata: checkMetadata(header.metadata, fileName) };
}

/** A file whose header has been parsed. */
export interface SafetensorsHeader {
  /** The value of `__metadata__`, unchecked; undefined if the file has none. */
  readonly metadata: unknown;
  /** Where each tensor lies: its first byte in the file, and the bytes it takes. Throws like `tensors`. */
  places(): Map<string, { readonly offset: number; readonly length: number }>;
  /**
   * Reads the tensors. Throws for types that are not among `dtypes`; by default all are allowed.
   */
  tensors(dtypes?: readonly SafetensorsDtype[]): Map<string, SafetensorsTensor>;
}

/**
 * Like `readSafetensors`, for programs that check the metadata before they read the tensors.
 * `kind`: what the file is expected to be, for errors.
 */
export function readSafetensorsHeader(
  bytes: Uint8Array,
  fileName: string,
  kind = "safetensors file",
): SafetensorsHeader {
  const headerBytes = readHeaderLength(bytes, fileName, kind);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes), fileName);
  const { __metadata__: metadata, ...entries } = header;
  const start = LENGTH_BYTES + headerBytes;
  const data = bytes.subarray(start);
  const all = Object.keys(DTYPE_BYTES) as SafetensorsDtype[];
  return {
    metadata,
    places() {
      const layout = checkLayout(entries, data.byteLength, all, fileName);
      return new Map(
        layout.map(
          ([
            name,
            {
              data_offsets: [begin, end],
            },
          ]) => {
            return [name, { offset: start + begin, length: end - begin }];
          },
        ),
      );
    },
    tensors(dtypes = all) {
      const tensors = new Map<string, SafetensorsTensor>();
      for (const [name, entry] of checkLayout(entries, data.byteLength, dtypes, fileName)) {
        const [begin, end] = entry.data_offsets;
        // A copy is aligned to 8 bytes, a view into the file may not be.
        const copy = new Uint8Array(data.subarray(begin, end));
        tensors.set(name, { dtype: entry.dtype, shape: entry.shape, bytes: copy });
      }
      return tensors;
    },
  };
}

/**
 * Returns the numbers of a tensor of F32, F16, BF16 or F64, rounded to 32 bits. Throws for another
 * type, in a sentence that begins with `name`.
 */
export function floatsOf({ dtype, bytes }: SafetensorsTensor, name: string): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const values = (size: number, read: (at: number) => number) =>
    Float32Array.from({ length: byteLength / size }, (_, i) => read(i * size));
  if (dtype === "F32") return values(4, (at) => view.getFloat32(at, true));
  if (dtype === "F64") return values(8, (at) => view.getFloat64(at, true));
  if (dtype === "F16") return values(2, (at) => halfFloat(view.getUint16(at, true)));
  if (dtype === "BF16") return values(2, (at) => brainFloat(view.getUint16(at, true)));
  throw new Error(`${name}: it has type ${dtype}, expected F32, F16, BF16 or F64`);
}

function checkMetadata(metadata: unknown, fileName: string): Record<string, string> {
  if (metadata === undefined) return {};
  const isStrings =
    isRecord(metadata) && Object.values(metadata).every((one) => typeof one === "string");
  if (isStrings) return metadata as Record<string, string>;
  throw new Error(
    `${fileName}: damaged: its metadata is ${shown(metadata)}, expected an object of strings`,
  );
}

function readHeaderLength(bytes: Uint8Array, fileName: string, kind: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH_BYTES) {
    throw new Error(
      `${fileName}: not a ${kind}: it has ${bytes.length} bytes, a safetensors file at least 10`,
    );
  }
  const announced = view.getBigUint64(0, true);
  const opensObject = bytes.length === LENGTH_BYTES || bytes[LENGTH_BYTES] === 0x7b;
  if (announced > MAX_HEADER_BYTES || announced < 2n || !opensObject) {
    throw new Error(`${fileName}: not a ${kind}: it does not begin like a safetensors file`);
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
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // reported below, in our words instead of the JSON parser's
  }
  if (!isRecord(header)) throw new Error(`${fileName}: damaged: its header is not a JSON object`);
  const count = Object.keys(header).length;
  if (count <= MOST_TENSORS) return header;
  throw new Error(`${fileName}: it has ${count} tensors, expected ${MOST_TENSORS} at most`);
}

/** Checks every entry, and that together they cover the data exactly once. */
function checkLayout(
  entries: Record<string, unknown>,
  dataBytes: number,
  dtypes: readonly SafetensorsDtype[],
  fileName: string,
): [string, HeaderEntry][] {
  const layout = Object.entries(entries).map(([name, entry]): [string, HeaderEntry] => [
    name,
    checkEntry(name, entry, dtypes, fileName),
  ]);
  // Of those that begin at the same byte, empty ones come first.
  layout.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  const announced = layout.reduce((most, [, entry]) => Math.max(most, entry.data_offsets[1]), 0);
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

function checkEntry(
  name: string,
  entry: unknown,
  dtypes: readonly SafetensorsDtype[],
  fileName: string,
): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw new Error(
      `${fileName}: damaged: tensor ${shown(name)} lacks a valid dtype, shape or data_offsets`,
    );
  }
  const known = dtypes.find((one) => one === dtype);
  if (known === undefined) {
    throw new Error(
      `${fileName}: tensor ${shown(name)} has type ${shownText(dtype)}, expected ${dtypes.join(", ")}`,
    );
  }
  const [begin, end] = offsets;
  const expected = elementCount(shape) * DTYPE_BYTES[known];
  if (end - begin !== expected) {
    throw new Error(
      `${fileName}: damaged: tensor ${shown(name)} of shape ${shown(shape)} needs ${expected} bytes, ` +
        `but its offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  return { dtype: known, shape, data_offsets: [begin, end] };
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
