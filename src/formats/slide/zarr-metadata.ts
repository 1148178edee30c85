// The metadata of a node of a Zarr store, read and checked before its chunks are: what is wrong is told with the
// file, and not in the middle of a prediction.

import { shown } from "../../arguments/shown.js";
import type { ReadableStore } from "./slide-types.js";

/** What a node is. */
export interface ZarrNode {
  /** Of Zarr. */
  readonly version: "v2" | "v3";
  readonly kind: "array" | "group";
  /** Whether each chunk is one buffer of Blosc, whose header says how long it is. */
  readonly isBlosc: boolean;
}

type Json = Readonly<Record<string, unknown>>;
/** Whether zarrita has a decoder of this name. */
type IsKnown = (codec: string) => boolean;

/** Numbers of a chunk that are decoded at once. */
const MOST_NUMBERS = 2 ** 28;
/** The longest side of an image, in pixels. */
const MOST_SIDE = 2 ** 31 - 1;

/** Reads the metadata of a node; undefined if it has none. Throws words that begin with the file's key. */
export async function readNode(store: ReadableStore, path: string): Promise<ZarrNode | undefined> {
  const { registry } = await import("zarrita");
  const isKnown: IsKnown = (codec) => registry.has(codec);
  const read = (name: string) => readJson(store, `${path.replace(/\/$/, "")}/${name}`);
  const v3 = await read("zarr.json");
  if (v3) return checked(v3.key, () => nodeOf3(v3.value, isKnown));
  const array = await read(".zarray");
  const found = array ?? (await read(".zgroup"));
  if (found === undefined) return undefined;
  await read(".zattrs");
  return checked(found.key, () => {
    const { zarr_format: format } = found.value;
    if (format !== 2) throw new Error(`zarr_format is ${shown(format)}, expected 2`);
    const isBlosc = array !== undefined && checkArray2(array.value, isKnown);
    return { version: "v2", kind: array ? "array" : "group", isBlosc };
  });
}

/** Throws if a buffer of Blosc is shorter or longer than its header says: decoders give zeros or what was in memory. */
export function checkBlosc(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 16 ? view.getUint32(12, true) : 16;
  if (length === bytes.length) return;
  throw new Error(
    `it is damaged: it has ${bytes.length} bytes, expected ${length}: copy the slide again`,
  );
}

async function readJson(store: ReadableStore, key: string) {
  const bytes = await store.get(key as `/${string}`);
  if (bytes === undefined) return undefined;
  const name = key.slice(1);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { key: name, value: value as Json };
    }
  } catch (error) {
    throw new Error(`${name}: it is no JSON (${(error as Error).message}): copy the slide again`);
  }
  throw new Error(
    `${name}: it is ${shown(JSON.parse(new TextDecoder().decode(bytes)))}, expected an object of JSON`,
  );
}

function checked<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

function nodeOf3(value: Json, isKnown: IsKnown): ZarrNode {
  const { zarr_format: format, node_type: kind } = value;
  if (format !== 3) throw new Error(`zarr_format is ${shown(format)}, expected 3`);
  if (kind !== "array" && kind !== "group") {
    throw new Error(`node_type is ${shown(kind)}, expected "array" or "group"`);
  }
  return { version: "v3", kind, isBlosc: kind === "array" && checkArray3(value, isKnown) };
}

/** Returns whether its chunks are of Blosc. */
function checkArray2(
  { shape, chunks, dtype, compressor = null, filters = [] }: Json,
  isKnown: IsKnown,
): boolean {
  checkSizes(shape, chunks, "chunks");
  if (typeof dtype !== "string" || !/^[<>|][uif]\d$/.test(dtype)) {
    throw new Error(`dtype is ${shown(dtype)}, expected whole numbers or floats such as "<u2"`);
  }
  const idOf = (codec: unknown) => (codec as { readonly id?: unknown } | null)?.id;
  const codecs = [...list(filters), ...(compressor === null ? [] : [compressor])];
  for (const codec of codecs) {
    const id = `${idOf(codec)}`;
    if (!isKnown(`numcodecs.${id}`) && id !== "fixedscaleoffset") throw unknownCodec(id);
  }
  return idOf(compressor) === "blosc";
}

/** Returns whether its chunks, or those in its shards, are of Blosc. */
function checkArray3(
  { shape, chunk_grid: grid, data_type: type, codecs }: Json,
  isKnown: IsKnown,
): boolean {
  const { name, configuration } = record(grid);
  if (name !== "regular") {
    throw new Error(
      `chunk_grid is ${shown(name)}, expected "regular": write it with chunks of one size`,
    );
  }
  checkSizes(shape, record(configuration).chunk_shape, "chunk_shape");
  if (typeof type !== "string" || !/^(u?int|float)\d+$/.test(type)) {
    throw new Error(
      `data_type is ${shown(type)}, expected whole numbers or floats such as "uint16"`,
    );
  }
  return checkCodecs(codecs, isKnown);
}

function checkCodecs(codecs: unknown, isKnown: IsKnown): boolean {
  let isBlosc = false;
  for (const codec of list(codecs)) {
    const { name, configuration } = record(codec);
    if (name === "sharding_indexed") return checkCodecs(record(configuration).codecs, isKnown);
    if (!isKnown(`${name}`)) throw unknownCodec(`${name}`);
    isBlosc = name === "blosc";
  }
  return isBlosc;
}

function unknownCodec(name: string): Error {
  return new Error(
    `its codec is ${shown(name)}, expected one of blosc, zstd, lz4, gzip, zlib, or none: write the slide again with one of them`,
  );
}

function checkSizes(shape: unknown, chunks: unknown, word: string): void {
  const isSize = (most: number) => (size: unknown) =>
    Number.isSafeInteger(size) && (size as number) >= 1 && (size as number) <= most;
  if (list(shape).length === 0 || !list(shape).every(isSize(MOST_SIDE))) {
    throw new Error(`shape is ${shown(shape)}, expected whole numbers from 1 to ${MOST_SIDE}`);
  }
  const sides = list(chunks);
  if (sides.length !== list(shape).length || !sides.every(isSize(MOST_SIDE))) {
    throw new Error(
      `${word} is ${shown(chunks)}, expected as many whole numbers from 1 as in shape, ${shown(shape)}`,
    );
  }
  const numbers = (sides as number[]).reduce((product, size) => product * size, 1);
  if (numbers <= MOST_NUMBERS) return;
  throw new Error(
    `${word} is ${shown(chunks)}, ${numbers} numbers, expected at most ${MOST_NUMBERS}, which are decoded at once: ` +
      "write it with smaller chunks",
  );
}

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
