// Writes a label image of any size as a tiled BigTIFF file with its pyramid, tile by tile.

import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { ChunkSource } from "../data/chunk-source.js";
import type { PixelSize, Samples } from "../data/image-types.js";
import { explainReason, temporaryPath } from "./run-files.js";

const compress = promisify(deflate);

/** A tag of a directory: its number, the type of its values, and the values. */
type Tag = readonly [number: number, type: 3 | 4 | 5 | 16 | 18, values: readonly number[]];

/**
 * Writes the levels of a grey image, the full resolution first, whose chunks are squares of `side`
 * pixels. The smaller levels are in sub-directories, as in OME-TIFF. Tiles are compressed by deflate. In memory
 * is one tile, and 16 bytes for each. The file has its name when it is complete.
 */
export async function writeTiledTiff(
  path: string,
  levels: readonly ChunkSource[],
  side: number,
  pixelSize?: PixelSize | undefined,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const file = await open(temporary, "w");
    try {
      await writeLevels(file, levels, side, pixelSize);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw new Error(`${path}: cannot be written: ${explainReason(error)}`, { cause: error });
  }
}

async function writeLevels(
  file: FileHandle,
  levels: readonly ChunkSource[],
  side: number,
  pixelSize: PixelSize | undefined,
): Promise<void> {
  let end = 16; // after the header, which is written last
  const append = async (bytes: Uint8Array) => {
    const at = end;
    await file.write(bytes, 0, bytes.length, at);
    end = at + bytes.length + (bytes.length % 2);
    return at;
  };
  const directories: Tag[][] = [];
  for (const [level, source] of levels.entries()) {
    const { offsets, counts } = await writeTiles(append, source, side);
    const { width, height, type } = source;
    directories.push([
      [254, 4, [level === 0 ? 0 : 1]], // a smaller copy
      [256, 4, [width]],
      [257, 4, [height]],
      [258, 3, [8 * type.BYTES_PER_ELEMENT]],
      [259, 3, [8]], // deflate
      [262, 3, [1]], // grey, 0 is black
      [277, 3, [1]],
      ...(pixelSize ? resolution(pixelSize, 2 ** level) : []),
      [322, 4, [side]],
      [323, 4, [side]],
      [324, 16, offsets],
      [325, 16, counts],
      [339, 3, [1]],
    ]);
  }
  const copies: number[] = [];
  for (const directory of directories.slice(1))
    copies.push(await writeDirectory(append, directory));
  const [first] = directories;
  if (copies.length > 0) first.push([330, 18, copies]);
  const start = await writeDirectory(append, first);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, 0x4949); // little-endian
  header.setUint16(2, 43, true);
  header.setUint16(4, 8, true);
  header.setBigUint64(8, BigInt(start), true);
  await file.write(new Uint8Array(header.buffer), 0, 16, 0);
}

type Append = (bytes: Uint8Array) => Promise<number>;

/** Writes the tiles of a level, row by row. Tiles in which nothing is stored share one. */
async function writeTiles(append: Append, source: ChunkSource, side: number) {
  const [offsets, counts]: [number[], number[]] = [[], []];
  let empty: readonly [offset: number, count: number] | undefined;
  const write = async (data: Samples | undefined, columns: number, rows: number) => {
    const Type = source.type.constructor as new (length: number) => Samples;
    const tile = new Type(side * side);
    for (let y = 0; data && y < rows; y++) {
      tile.set(data.subarray(y * columns, (y + 1) * columns), y * side);
    }
    const bytes = await compress(new Uint8Array(tile.buffer), { level: 1 });
    return [await append(bytes), bytes.length] as const;
  };
  for (let row = 0; row * side < source.height; row++) {
    for (let column = 0; column * side < source.width; column++) {
      const data = await source.readChunk(column, row);
      const columns = Math.min(side, source.width - column * side);
      const rows = Math.min(side, source.height - row * side);
      if (data === undefined) empty ??= await write(undefined, columns, rows);
      const [offset, count] = data ? await write(data, columns, rows) : (empty ?? [0, 0]);
      offsets.push(offset);
      counts.push(count);
    }
  }
  return { offsets, counts };
}

/** Pixels per centimetre, of a level. */
function resolution({ x, y }: PixelSize, factor: number): Tag[] {
  const fraction = (size: number) => [Math.round(1e7 / (size * factor)), 1000];
  return [
    [282, 5, fraction(x)],
    [283, 5, fraction(y)],
    [296, 3, [3]],
  ];
}

/** Writes a directory and the values that do not fit into it; returns where it is. */
async function writeDirectory(append: Append, tags: readonly Tag[]): Promise<number> {
  const sorted = [...tags].sort(([a], [b]) => a - b);
  const view = new DataView(new ArrayBuffer(8 + 20 * sorted.length + 8));
  view.setBigUint64(0, BigInt(sorted.length), true);
  for (const [index, [tag, type, values]] of sorted.entries()) {
    const at = 8 + 20 * index;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    // A fraction is two numbers.
    view.setBigUint64(at + 4, BigInt(type === 5 ? values.length / 2 : values.length), true);
    const bytes = encoded(type, values);
    if (bytes.length <= 8) new Uint8Array(view.buffer).set(bytes, at + 12);
    else view.setBigUint64(at + 12, BigInt(await append(bytes)), true);
  }
  return append(new Uint8Array(view.buffer));
}

function encoded(type: Tag[1], values: readonly number[]): Uint8Array {
  const size = type === 3 ? 2 : type === 16 || type === 18 ? 8 : 4;
  const view = new DataView(new ArrayBuffer(size * values.length));
  for (const [i, value] of values.entries()) {
    if (size === 2) view.setUint16(2 * i, value, true);
    else if (size === 4) view.setUint32(4 * i, value, true);
    else view.setBigUint64(8 * i, BigInt(value), true);
  }
  return new Uint8Array(view.buffer);
}
