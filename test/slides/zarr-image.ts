// Writes OME-Zarr images of any axes and chunks for tests and benchmarks, chunk by chunk, without the
// code that is tested.

import type { WritableStore } from "../../src/formats/slide/slide-types.js";

/** An image to write; `value` gives each number. */
export interface ZarrImage {
  readonly version: "0.4" | "0.5";
  /** Of t, c, z, y, x. */
  readonly axes: string;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly type: "uint8" | "uint16" | "float32";
  /** Levels in all: each has every second pixel of the one before. By default 1. */
  readonly levels?: number;
  readonly fill?: number;
  /** The number at a place of the full resolution. */
  value(place: readonly number[]): number;
  /** Whether a chunk of the full resolution is stored. By default all are. */
  isStored?(chunk: readonly number[]): boolean;
  /** Micrometres. */
  readonly pixelSize?: number;
  readonly channelNames?: readonly string[];
}

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };
const DTYPES = { uint8: "|u1", uint16: "<u2", float32: "<f4" };
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Writes the image into a store, uncompressed. */
export async function writeZarr(store: WritableStore, image: ZarrImage): Promise<void> {
  const { version, axes, levels = 1, pixelSize, channelNames } = image;
  const isSpace = (axis: string) => axis === "x" || axis === "y";
  const list = [...axes].map((name) => {
    const type = name === "c" ? "channel" : name === "t" ? "time" : "space";
    return { name, type, ...(pixelSize && type === "space" ? { unit: "micrometer" } : {}) };
  });
  const datasets = Array.from({ length: levels }, (_, level) => {
    const scale = [...axes].map((axis) => (isSpace(axis) ? (pixelSize ?? 1) * 2 ** level : 1));
    return { path: `s${level}`, coordinateTransformations: [{ type: "scale", scale }] };
  });
  const omero = channelNames && { channels: channelNames.map((label) => ({ label })) };
  const multiscales = [{ ...(version === "0.4" ? { version } : {}), axes: list, datasets }];
  const attributes = { multiscales, ...(omero ? { omero } : {}) };
  if (version === "0.4") {
    await store.set("/.zgroup", json({ zarr_format: 2 }));
    await store.set("/.zattrs", json(attributes));
  } else {
    const group = { zarr_format: 3, node_type: "group" };
    await store.set(
      "/zarr.json",
      json({ ...group, attributes: { ome: { version, ...attributes } } }),
    );
  }
  for (let level = 0; level < levels; level++) await writeLevel(store, image, level);
}

async function writeLevel(store: WritableStore, image: ZarrImage, level: number): Promise<void> {
  const { version, axes, type, chunks, fill = 0, isStored = () => true } = image;
  const factor = [...axes].map((axis) => (axis === "x" || axis === "y" ? 2 ** level : 1));
  const shape = image.shape.map((size, i) => Math.ceil(size / factor[i]));
  const common = { shape, fill_value: fill };
  if (version === "0.4") {
    const array = { zarr_format: 2, chunks, dtype: DTYPES[type], compressor: null, filters: null };
    const metadata = { ...common, ...array, order: "C", dimension_separator: "/" };
    await store.set(`/s${level}/.zarray`, json(metadata));
  } else {
    await store.set(
      `/s${level}/zarr.json`,
      json({
        ...common,
        zarr_format: 3,
        node_type: "array",
        data_type: type,
        chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
        chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
        codecs: [{ name: "bytes", configuration: { endian: "little" } }],
        dimension_names: [...axes],
        attributes: {},
      }),
    );
  }
  const counts = shape.map((size, i) => Math.ceil(size / chunks[i]));
  for (const chunk of placesIn(counts)) {
    if (!isStored(chunk)) continue;
    const data = new TYPES[type](chunks.reduce((all, size) => all * size, 1)).fill(fill);
    let at = 0;
    for (const inside of placesIn(chunks)) {
      const place = inside.map((one, i) => one + chunk[i] * chunks[i]);
      if (place.every((one, i) => one < shape[i])) {
        data[at] = image.value(place.map((one, i) => one * factor[i]));
      }
      at++;
    }
    const key = version === "0.4" ? chunk.join("/") : `c/${chunk.join("/")}`;
    await store.set(`/s${level}/${key}`, new Uint8Array(data.buffer));
  }
}

function* placesIn(sizes: readonly number[]): Generator<number[]> {
  const count = sizes.reduce((all, size) => all * size, 1);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const place = sizes.map(() => 0);
    for (let i = sizes.length - 1; i >= 0; i--) {
      place[i] = rest % sizes[i];
      rest = Math.floor(rest / sizes[i]);
    }
    yield place;
  }
}

/** A store in memory. */
export function memoryStore(): WritableStore & { readonly values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>();
  return {
    values,
    get: async (key) => values.get(key),
    async getRange(key, range) {
      const bytes = values.get(key);
      if ("suffixLength" in range) return bytes?.slice(-range.suffixLength);
      return bytes?.slice(range.offset, range.offset + range.length);
    },
    async set(key, value) {
      values.set(key, value.slice());
    },
  };
}

/** A number from 0 to below 2^16 for a place: noise that any order of reading gives again. */
export function noise(place: readonly number[]): number {
  let hash = 2166136261;
  for (const one of place) {
    hash = Math.imul(hash ^ (one & 0xffff), 16777619);
    hash ^= hash >>> 13;
  }
  return (hash >>> 8) & 0xffff;
}
