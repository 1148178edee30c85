// Writes Zarr arrays chunk by chunk: of Zarr 2 for OME-Zarr 0.4, of Zarr 3 for 0.5. Processes that
// write different chunks of an array need no lock.

import type { OmeVersion, WritableStore } from "./slide-types.js";

/** The numbers of arrays that are written. */
export type WrittenType = "uint8" | "uint16" | "uint32";
/** Numbers of a chunk. */
export type WrittenNumbers = Uint8Array | Uint16Array | Uint32Array;

/** An array to create. */
export interface NewArray {
  readonly version: OmeVersion;
  /** [height][width], or [channels][height][width] */
  readonly shape: readonly number[];
  /** Side of its chunks in pixels; a chunk has one channel. */
  readonly side: number;
  readonly type: WrittenType;
  /** The names of the axes: "c", "y", "x". */
  readonly axes: readonly string[];
}

/** Writes the chunks of an array. */
export interface ChunkWriter {
  /**
   * Writes a chunk, [side][side] or smaller at the right and lower edges, at [row, column] or [channel,
   * row, column]. A chunk of zeros is not stored: readers see zeros.
   */
  write(position: readonly number[], area: WrittenArea, data: WrittenNumbers): Promise<void>;
}

/** The size of a chunk, which is smaller than the others at the edges of the image. */
export interface WrittenArea {
  readonly width: number;
  readonly height: number;
}

const BYTES: Readonly<Record<WrittenType, number>> = { uint8: 1, uint16: 2, uint32: 4 };
/** The settings of Blosc, of which the same numbers always make the same bytes. */
const BLOSC = { cname: "lz4", clevel: 5, blocksize: 0 } as const;
/** Blosc's bit shuffle: labels take a quarter of the bytes that they take with the shuffle of bytes. */
const BITS = 2;

/** Creates an array at a path of a store, "" or "labels/classes/0", by writing its metadata. */
export async function createZarrArray(
  store: WritableStore,
  path: string,
  array: NewArray,
): Promise<ChunkWriter> {
  const metadata = array.version === "0.4" ? zarr2(array) : zarr3(array);
  const file = array.version === "0.4" ? ".zarray" : "zarr.json";
  await store.set(keyIn(path, file), json(metadata));
  return zarrWriter(store, path, array);
}

/** Returns a writer of an array that exists. */
export async function zarrWriter(
  store: WritableStore,
  path: string,
  { version, side, type }: NewArray,
): Promise<ChunkWriter> {
  const { default: Blosc } = await import("numcodecs/blosc");
  const codec = Blosc.fromConfig({ id: "blosc", ...BLOSC, shuffle: BITS });
  const prefix = version === "0.4" ? "" : "c/";
  const key = (position: readonly number[]) => keyIn(path, `${prefix}${position.join("/")}`);
  /** Chunks of the same array, as those where nothing is stored, are encoded once. */
  const encoded = new WeakMap<WrittenNumbers, Uint8Array>();
  async function encode({ width, height }: WrittenArea, data: WrittenNumbers) {
    const known = encoded.get(data);
    if (known) return known;
    const whole = width === side && height === side ? data : padded(data, width, height, side);
    const bytes = await codec.encode(littleEndian(whole, BYTES[type]));
    encoded.set(data, bytes);
    return bytes;
  }
  return {
    async write(position, area, data) {
      if (isZero(data)) return;
      await store.set(key(position), await encode(area, data));
    },
  };
}

/** Writes the metadata of a group, with attributes of OME: under "ome" in version 0.5. */
export async function writeGroup(
  store: WritableStore,
  path: string,
  version: OmeVersion,
  attributes: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (version === "0.4") {
    await store.set(keyIn(path, ".zattrs"), json(attributes));
    await store.set(keyIn(path, ".zgroup"), json({ zarr_format: 2 }));
    return;
  }
  const ome = { version, ...attributes };
  const metadata = { zarr_format: 3, node_type: "group", attributes: { ome } };
  await store.set(keyIn(path, "zarr.json"), json(metadata));
}

const keyIn = (path: string, file: string): `/${string}` =>
  path === "" ? `/${file}` : `/${path}/${file}`;

function zarr2({ shape, side, type, axes }: NewArray) {
  return {
    zarr_format: 2,
    shape,
    chunks: chunkShape(axes, side),
    dtype: type === "uint8" ? "|u1" : `<u${BYTES[type]}`,
    compressor: { id: "blosc", ...BLOSC, shuffle: BITS },
    fill_value: 0,
    filters: null,
    order: "C",
    dimension_separator: "/",
  };
}

function zarr3({ shape, side, type, axes }: NewArray) {
  const blosc = { ...BLOSC, shuffle: "bitshuffle", typesize: BYTES[type] };
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: type,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape(axes, side) } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [
      { name: "bytes", configuration: { endian: "little" } },
      { name: "blosc", configuration: blosc },
    ],
    dimension_names: axes,
    attributes: {},
  };
}

const chunkShape = (axes: readonly string[], side: number) =>
  axes.map((axis) => (axis === "c" ? 1 : side));

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

const isZero = (data: WrittenNumbers) => {
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) return false;
  return true;
};

/** The chunk with zeros past the edges of the image: all chunks of an array are of one size. */
function padded(data: WrittenNumbers, width: number, height: number, side: number) {
  const whole = new (data.constructor as new (length: number) => WrittenNumbers)(side * side);
  for (let y = 0; y < height; y++) {
    whole.set(data.subarray(y * width, (y + 1) * width), y * side);
  }
  return whole;
}

function littleEndian(data: WrittenNumbers, bytes: number): Uint8Array {
  const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (isLittle || bytes === 1) return view;
  const swapped = view.slice();
  for (let i = 0; i < swapped.length; i += bytes) swapped.subarray(i, i + bytes).reverse();
  return swapped;
}
