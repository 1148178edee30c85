// Images that are stored in chunks: as a file gives them, and as a source of areas with a bounded
// memory.

import type { Samples } from "./image-types.js";
import type { Tile } from "./mirror.js";
import type { TileSource } from "./tile-source.js";

/** An image as a file stores it, chunk by chunk. */
export interface ChunkSource {
  /** In pixels. */
  readonly width: number;
  /** Rows of the whole image, in pixels. */
  readonly height: number;
  /** Number of channels. */
  readonly channels: number;
  /** Each value is what is read divided by this, as in a `StoredImage`. */
  readonly maximum: number;
  /** The size of the chunks, in pixels. */
  readonly chunk: { readonly width: number; readonly height: number };
  /** The number of all pixels of a chunk that is not stored. */
  readonly fill: number;
  /** Whether 0 is white in the file: each stored value is `maximum` minus what is read. */
  readonly inverted?: boolean | undefined;
  /** An empty array of the type that `readChunk` gives, to create others like it. */
  readonly type: Samples;
  /**
   * Returns a chunk, [channels][height][width], cut to the image at its right and lower edges;
   * undefined if it is not stored.
   */
  readChunk(column: number, row: number): Promise<Samples | undefined>;
}

/** A source of areas that knows where nothing is stored. */
export interface ChunkedSource extends TileSource {
  /** Where the areas come from. */
  readonly chunks: ChunkSource;
  /** Tells whether no chunk of this area inside the image is stored: every pixel is `chunks.fill`. */
  isEmpty(area: Tile): Promise<boolean>;
}

/** How much is kept of the chunks that were read. */
export interface CacheOptions {
  /** Bytes of decoded chunks. By default 256 MiB. */
  readonly bytes?: number | undefined;
}

/** Bytes of decoded chunks that are kept by default. */
export const CACHE_BYTES = 2 ** 28;

/**
 * Returns a source of areas that keeps the chunks it used last. Each chunk is read once as long as its
 * neighbours are asked for before as many others as `bytes` holds; at least one is kept. Of a chunk
 * that is not stored one byte is kept for good.
 */
export function cachedSource(
  chunks: ChunkSource,
  { bytes: most = CACHE_BYTES }: CacheOptions = {},
): ChunkedSource {
  const { width, height, channels, maximum, chunk } = chunks;
  const columns = Math.ceil(width / chunk.width);
  const isMissing = new Uint8Array(columns * Math.ceil(height / chunk.height));
  // the least recently used first
  const kept = new Map<number, { data: Promise<Samples | undefined>; bytes: number }>();
  let bytes = 0;
  const drop = (index: number) => {
    bytes -= kept.get(index)?.bytes ?? 0;
    kept.delete(index);
  };
  const load = (index: number): Promise<Samples | undefined> => {
    const found = kept.get(index);
    if (found) {
      kept.delete(index);
      kept.set(index, found);
      return found.data;
    }
    const data = chunks.readChunk(index % columns, Math.floor(index / columns));
    const entry = { data, bytes: 0 };
    kept.set(index, entry);
    data.then(
      (samples) => {
        if (kept.get(index) !== entry) return;
        if (samples === undefined) {
          isMissing[index] = 1;
          drop(index);
          return;
        }
        entry.bytes = samples.byteLength;
        bytes += entry.bytes;
        for (const oldest of kept.keys()) {
          if (bytes <= most || oldest === index) break;
          drop(oldest);
        }
      },
      () => kept.get(index) === entry && drop(index),
    );
    return data;
  };
  const get = async (index: number) => (isMissing[index] ? undefined : load(index));

  async function read(area: Tile): Promise<Samples> {
    const size = area.width * area.height;
    const result = arrayLike(chunks.type, channels * size);
    for (const index of touched(area, chunk, columns)) {
      const data = await get(index);
      const x = (index % columns) * chunk.width;
      const y = Math.floor(index / columns) * chunk.height;
      const own = {
        x,
        y,
        width: Math.min(chunk.width, width - x),
        height: Math.min(chunk.height, height - y),
      };
      const common = intersection(area, own);
      for (let channel = 0; channel < channels; channel++) {
        for (let row = common.y; row < common.y + common.height; row++) {
          const to = channel * size + (row - area.y) * area.width + common.x - area.x;
          if (data === undefined) {
            result.fill(chunks.fill, to, to + common.width);
            continue;
          }
          const from = (channel * own.height + row - y) * own.width + common.x - x;
          result.set(data.subarray(from, from + common.width), to);
        }
      }
    }
    return result;
  }

  async function isEmpty(area: Tile): Promise<boolean> {
    for (const index of touched(area, chunk, columns)) {
      if ((await get(index)) !== undefined) return false;
    }
    return true;
  }
  return { width, height, channels, maximum, chunks, read, isEmpty };
}

/** Returns an array of the type of another. */
export function arrayLike(type: Samples, length: number): Samples {
  return new (type.constructor as new (length: number) => Samples)(length);
}

function* touched(
  { x, y, width, height }: Tile,
  chunk: ChunkSource["chunk"],
  columns: number,
): Generator<number> {
  const last = Math.floor((x + width - 1) / chunk.width);
  for (let row = Math.floor(y / chunk.height); row * chunk.height < y + height; row++) {
    for (let at = Math.floor(x / chunk.width); at <= last; at++) yield row * columns + at;
  }
}

function intersection(a: Tile, b: Tile): Tile {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return { x, y, width, height };
}
