// A plane of a Zarr array, chunk by chunk.

import type { DataType, Array as ZarrArray } from "zarrita";
import type { ChunkSource } from "../../data/chunk-source.js";
import type { Samples } from "../../data/image-types.js";
import type { ReadableStore } from "./slide-types.js";

/** The arrays that are read, by Zarr's name of their numbers. */
const TYPES: Readonly<Record<string, new (length: number) => Samples>> = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float32Array,
};

/** The store of an array, which notes in the options of a call whether a chunk was found. */
export interface NotingStore extends ReadableStore {
  readonly noting: true;
}

interface Note {
  isFound?: boolean;
  /** Called with the bytes of a chunk; throws if they are damaged. */
  readonly check?: ((bytes: Uint8Array) => void) | undefined;
}

interface Chunk {
  readonly data: Samples;
  readonly stride: readonly number[];
}

const METADATA = /\/(zarr\.json|\.z(array|group|attrs))$/;

/** Returns a store whose calls note in their options whether a value was there. Metadata is read once. */
export function noting(store: ReadableStore): NotingStore {
  const note = (bytes: Uint8Array | undefined, options: Note | undefined) => {
    if (options && bytes) options.isFound = true;
    if (bytes) options?.check?.(bytes);
    return bytes;
  };
  const metadata = new Map<string, Promise<Uint8Array | undefined>>();
  const get = (key: `/${string}`) => {
    if (!METADATA.test(key)) return store.get(key);
    const found = metadata.get(key) ?? store.get(key);
    metadata.set(key, found);
    return found;
  };
  const { getRange } = store;
  return {
    noting: true,
    get: async (key, options) => note(await get(key), options),
    // The end of a shard is its index, not a chunk.
    ...(getRange && {
      getRange: async (key, range, options) => {
        const bytes = await getRange.call(store, key, range);
        return "suffixLength" in range ? bytes : note(bytes, options);
      },
    }),
  };
}

/** Which plane of an array: its axes by name, the index on those that are not x, y and c. */
export interface PlaneOfArray {
  /** Throws if the bytes of a chunk are damaged. */
  readonly check?: ((bytes: Uint8Array) => void) | undefined;
  /** Of t, c, z, y, x, as many as the array has dimensions. */
  readonly axes: readonly string[];
  readonly channels: readonly number[];
  readonly z: number;
  readonly t: number;
}

/** Returns the chunks of a plane. Throws words that follow the store's name. */
export function zarrChunks(
  array: ZarrArray<DataType, NotingStore>,
  { axes, channels, z, t, check }: PlaneOfArray,
): ChunkSource {
  const { shape, chunks, dtype } = array;
  const Type = TYPES[dtype];
  if (Type === undefined) {
    const known = Object.keys(TYPES).join(", ");
    throw new Error(`its numbers are of type ${dtype}, expected one of ${known}`);
  }
  if (shape.length !== axes.length) {
    throw new Error(`its array has ${shape.length} dimensions, its axes are ${axes.join(", ")}`);
  }
  const at = (axis: string) => axes.indexOf(axis);
  const [X, Y, C] = [at("x"), at("y"), at("c")];
  const [width, height] = [shape[X], shape[Y]];
  const chunk = { width: Math.min(width, chunks[X]), height: Math.min(height, chunks[Y]) };
  const index = (axis: string) => (axis === "z" ? z : axis === "t" ? t : 0);

  const numbers = chunks.reduce((product, size) => product * size, 1);

  /** The chunk that holds a channel; undefined if it is not stored. */
  async function get(column: number, row: number, channel: number): Promise<Chunk | undefined> {
    const place = axes.map((axis, i) => {
      if (axis === "x") return column;
      if (axis === "y") return row;
      return Math.floor((axis === "c" ? channel : index(axis)) / chunks[i]);
    });
    const note: Note = { check };
    const found = (await array.getChunk(place, note as object)) as Chunk;
    if (!note.isFound) return undefined;
    if (found.data.length === numbers) return found;
    throw new Error(
      `it is damaged: it has ${found.data.length} numbers, expected ${numbers}: copy the slide again`,
    );
  }

  async function readChunk(column: number, row: number): Promise<Samples | undefined> {
    const columns = Math.min(chunk.width, width - column * chunk.width);
    const rows = Math.min(chunk.height, height - row * chunk.height);
    let result: Samples | undefined;
    const perChunk = C < 0 ? 1 : chunks[C];
    let held: Chunk | undefined;
    let heldIndex = -1;
    for (const [position, channel] of channels.entries()) {
      // Channels often share a chunk, which is then read once.
      if (Math.floor(channel / perChunk) !== heldIndex) {
        held = await get(column, row, channel);
        heldIndex = Math.floor(channel / perChunk);
      }
      if (held === undefined) continue;
      const { data, stride } = held;
      // Most images have chunks of one plane: nothing is copied then.
      const isPlane = numbers === columns * rows && stride[X] === 1 && stride[Y] === columns;
      if (channels.length === 1 && isPlane && data instanceof Type) return data;
      if (result === undefined) {
        result = new Type(channels.length * columns * rows);
        if (fill !== 0) result.fill(fill);
      }
      let first = 0;
      for (const [i, axis] of axes.entries()) {
        if (axis === "x" || axis === "y") continue;
        first += ((axis === "c" ? channel : index(axis)) % chunks[i]) * stride[i];
      }
      for (let y = 0; y < rows; y++) {
        const from = first + y * stride[Y];
        const to = (position * rows + y) * columns;
        if (stride[X] === 1) result.set(data.subarray(from, from + columns), to);
        else for (let x = 0; x < columns; x++) result[to + x] = data[from + x * stride[X]];
      }
    }
    return result;
  }

  const fill = Number(array.fillValue ?? 0);
  const maximum = maximumOf(dtype);
  return {
    width,
    height,
    channels: channels.length,
    maximum,
    chunk,
    fill,
    type: new Type(0),
    readChunk,
  };
}

function maximumOf(dtype: string): number {
  const bits = Number(dtype.replace(/\D/g, ""));
  if (dtype.startsWith("float")) return 1;
  return 2 ** (dtype.startsWith("int") ? bits - 1 : bits) - 1;
}
