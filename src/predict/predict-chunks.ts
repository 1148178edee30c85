// Predicts an image of any size square by square, with a memory that does not depend on its size.

import type { ChunkGrid } from "../data/chunk-grid.js";
import type { ChunkedSource } from "../data/chunk-source.js";
import type { Tile } from "../data/mirror.js";
import type { Normalisation } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import { twoInFlight } from "../data/two-in-flight.js";
import type { Abortable } from "../gpu/slices.js";
import { answerTiles } from "./predict-tiles.js";
import type { Predictor } from "./predictor.js";
import { pasteTile } from "./tile-sink.js";

/** What is predicted. */
export interface ChunksRun extends Abortable {
  /** Name of the image in errors. */
  readonly name: string;
  /** The pixels, and where none are stored. */
  readonly source: ChunkedSource;
  /** The squares of the image; their side must be a multiple of the network's grid. */
  readonly grid: ChunkGrid;
  /** The squares to predict, by index, in this order. */
  readonly todo: Iterable<number>;
  /** How the image is normalised: by statistics of the whole. */
  readonly normalisation: Normalisation;
}

/** What happens with the probabilities of a square. */
export interface ChunkSink<T> {
  /**
   * Converts the probabilities, [classes][area.height][area.width], which are overwritten once it
   * returns. Squares of one size in which
   * nothing is stored, nor around them, share what this returns for the first.
   */
  encode(planes: Float32Array, area: Tile): T;
  /** Takes the result of a square, while others are predicted. The next result waits for it. */
  write(index: number, area: Tile, encoded: T): Promise<void>;
}

/**
 * Predicts squares of an image and passes them on, in order. Two are worked on at a time: while
 * one is converted and written, the GPU has the tiles of the next. The probabilities are those of the whole image to the bit, in any order and
 * for any choice of squares. Where no chunk of the image is stored, the answer to an empty tile is
 * computed once. In memory are two squares of probabilities, four tiles, and the cache of the source.
 * Rejects like `predictTiles`, and with the errors of the sink.
 */
export async function predictChunks<T>(
  predictor: Predictor,
  { name, source, grid, todo, normalisation, signal }: ChunksRun,
  { encode, write }: ChunkSink<T>,
): Promise<void> {
  const margin = await marginOf(predictor, grid, name);
  const empty = new Map<string, T>();
  const free: Float32Array[] = [];
  const predict = async (from: TileSource, area: Tile, place = area) => {
    const numbers = predictor.classes * area.width * area.height;
    const planes = free.pop() ?? new Float32Array(predictor.classes * grid.side * grid.side);
    await answerTiles(predictor, from, { name, area, normalisation, signal }, (values, at) => {
      const kept = { ...at.kept, x: at.kept.x - area.x, y: at.kept.y - area.y };
      pasteTile(values, { ...at, kept }, area, planes);
    });
    const encoded = encode(planes.subarray(0, numbers), place);
    free.push(planes);
    return encoded;
  };
  const answer = async (area: Tile): Promise<T> => {
    if (!(await source.isEmpty(around(area, margin, grid)))) {
      return predict(source, area);
    }
    const size = `${area.width} x ${area.height}`;
    const known = empty.get(size);
    if (known !== undefined) return known;
    const blank = { ...area, x: 0, y: 0 };
    const encoded = await predict(constantSource(source, blank), blank, area);
    empty.set(size, encoded);
    return encoded;
  };
  let writing: Promise<void> = Promise.resolve();
  try {
    await twoInFlight(
      [...todo],
      (index) => {
        signal?.throwIfAborted();
        return answer(grid.area(index));
      },
      async (encoded, index) => {
        await writing;
        writing = write(index, grid.area(index), encoded);
        writing.catch(() => {}); // the error is reported when its turn comes
      },
    );
  } finally {
    await writing;
  }
}

/** How far the tiles of a square look past it, in pixels. */
async function marginOf(predictor: Predictor, grid: ChunkGrid, name: string): Promise<number> {
  const { width, height } = grid.area(0);
  const { tile, side, gridStep, release } = await predictor.tiles({ width, height }, name);
  release();
  if (grid.count > 1 && grid.side % gridStep !== 0) {
    throw new RangeError(
      `${name}: squares of ${grid.side} pixels do not fit the network, whose grid is ${gridStep}: ` +
        `choose a multiple of ${gridStep}`,
    );
  }
  return (tile - side) / 2;
}

/** The area with a margin, as far as it lies in the image. */
function around({ x, y, width, height }: Tile, margin: number, whole: ChunkGrid): Tile {
  const [left, top] = [Math.max(0, x - margin), Math.max(0, y - margin)];
  const right = Math.min(whole.width, x + width + margin);
  const bottom = Math.min(whole.height, y + height + margin);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** An image of this size in which nothing is stored. */
function constantSource({ chunks, channels, maximum }: ChunkedSource, size: Tile): TileSource {
  const { width, height } = size;
  const Type = chunks.type.constructor as new (length: number) => typeof chunks.type;
  const read = (area: Tile) => new Type(channels * area.width * area.height).fill(chunks.fill);
  return { width, height, channels, maximum, read };
}
