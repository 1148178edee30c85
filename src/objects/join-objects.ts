// The objects of an image that is read and written chunk by chunk: those of the whole image, to the bit.

import type { Tile } from "../data/mirror.js";
import { chunkAreas } from "./chunk-areas.js";
import { createCrossings } from "./crossing-components.js";
import {
  type ChunkedCells,
  componentsOf,
  crossingObjects,
  type FoundObjects,
  innerObjects,
} from "./separate-chunks.js";
import { DEFAULT_SMALLEST, type SeparationOptions } from "./separate-objects.js";

/** The labels of the same chunks: each is written, and read and written again with its final numbers. */
export interface ChunkedLabels {
  /** What was written, [height][width]; undefined if all of it is 0. */
  read(area: Tile): Promise<Int32Array | undefined>;
  /** Replaces the labels of a chunk. */
  write(area: Tile, labels: Int32Array): Promise<void>;
}

/** How objects are separated, and how large they may be. */
export interface JoinOptions extends SeparationOptions {
  /**
   * A component that crosses chunks is separated as a whole if its bounding box has at most this many pixels, by
   * default 2 ** 25 (about 0.5 GB), and else is one object.
   */
  readonly largest?: number | undefined;
  /** Called after each chunk, twice for each. */
  readonly onChunk?: ((done: number, total: number) => void) | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
}

/** What `joinObjects` found. */
export interface JoinedObjects {
  /** The number of objects. */
  readonly count: number;
  /** Components that were too large to be separated, each of which is one object. */
  readonly unseparated: number;
}

/**
 * Writes the labels of all objects: the same as `separateObjects` gives for the whole image. A component that lies
 * within a chunk is separated there. Those that cross chunks are joined by a union-find over the faces of chunks,
 * and then each is separated with its surroundings. The objects are numbered by their first pixels, when all are known.
 * Memory: a chunk, the components that cross chunks, and a number per object.
 */
export async function joinObjects(
  cells: ChunkedCells,
  labels: ChunkedLabels,
  options: JoinOptions = {},
): Promise<JoinedObjects> {
  const { onChunk, signal } = options;
  const areas = chunkAreas(cells);
  const firsts = createFirsts(cells.width);
  const crossings = createCrossings(cells);
  // For each chunk the keys of its objects, by the numbers that are written at first.
  const keys: number[][] = [];
  for (const [i, area] of areas.entries()) {
    signal?.throwIfAborted();
    const inner = await innerObjects(cells, area, options, crossings.add);
    if (inner.count > 0) await labels.write(area, inner.data);
    keys.push(firsts.keysOf(inner));
    onChunk?.(i + 1, 2 * areas.length);
  }
  const crossed = await separateCrossings(cells, crossings, firsts, options);
  const order = firsts.order();
  for (const [i, area] of areas.entries()) {
    signal?.throwIfAborted();
    onChunk?.(areas.length + i + 1, 2 * areas.length);
    const numbers = keys[i].map((key) => order[key]);
    const keyOf = crossed.wholeIn(area);
    if (numbers.length <= 1 && crossed.at(i).length === 0 && !keyOf) continue;
    const inner = numbers.length > 1 ? await labels.read(area) : undefined;
    const data = inner?.map((one) => numbers[one]) ?? new Int32Array(area.width * area.height);
    let isEmpty = inner === undefined;
    for (const { found, keys: own } of crossed.at(i)) {
      if (paste(data, area, found, (one) => order[own[one]])) isEmpty = false;
    }
    const planes = keyOf && (await cells.read(area));
    if (planes) {
      const found = componentsOf(planes, area, options.threshold);
      const numberOf = (part: number) => order[keyOf(part) ?? 0];
      if (paste(data, area, { area, data: found.labels }, numberOf)) isEmpty = false;
    }
    if (!isEmpty) await labels.write(area, data);
  }
  return { count: order.length - 1, unseparated: crossed.unseparated };
}

/** The components that cross chunks: separated, or if they are too large kept as one object each. */
async function separateCrossings(
  cells: ChunkedCells,
  crossings: ReturnType<typeof createCrossings>,
  firsts: ReturnType<typeof createFirsts>,
  options: JoinOptions,
) {
  const { largest = 2 ** 25, smallest = DEFAULT_SMALLEST, signal } = options;
  const columns = Math.ceil(cells.width / cells.side); // of chunks
  const byChunk = new Map<number, { found: FoundObjects; keys: number[] }[]>();
  const whole = new Map<number, number>();
  const isWhole = options.separation === Infinity && options.holes === 0;
  let unseparated = 0;
  for (const crossing of crossings.joined()) {
    signal?.throwIfAborted();
    const { x, y, width, height } = crossing.box;
    if (isWhole || width * height > largest) {
      if (!isWhole) unseparated++;
      if (crossing.pixels >= smallest) whole.set(crossing.id, firsts.add(...crossing.first));
      continue;
    }
    const found = await crossingObjects(cells, crossing, options);
    const keys = firsts.keysOf(found);
    const place = (at: number) => Math.floor(at / cells.side);
    for (let row = place(y); row <= place(y + height - 1); row++) {
      for (let column = place(x); column <= place(x + width - 1); column++) {
        const chunk = row * columns + column;
        byChunk.set(chunk, [...(byChunk.get(chunk) ?? []), { found, keys }]);
      }
    }
  }
  return {
    unseparated,
    /** The objects that may lie in a chunk. */
    at: (chunk: number) => byChunk.get(chunk) ?? [],
    /** The key of a component of a chunk that is one object; undefined without a function if none is. */
    wholeIn(area: Tile): ((component: number) => number | undefined) | undefined {
      const idOf = whole.size > 0 ? crossings.partsOf(area) : undefined;
      return idOf && ((component) => whole.get(idOf(component) ?? -1));
    },
  };
}

/** First pixels of objects, by which they are numbered in the end. */
function createFirsts(width: number) {
  const pixels: number[] = [-1];
  return {
    /** Returns the key of the object. */
    add: (x: number, y: number) => pixels.push(y * width + x) - 1,
    /** The keys of objects by their numbers; that of 0 is 0. */
    keysOf({ firsts }: FoundObjects): number[] {
      return firsts.map(([x, y], i) => (i === 0 ? 0 : this.add(x, y)));
    },
    /** The final number of each key; [0] is 0. */
    order(): Int32Array {
      const keys = Array.from(pixels.keys()).sort((a, b) => pixels[a] - pixels[b]);
      const numbers = new Int32Array(pixels.length);
      for (const [number, key] of keys.entries()) numbers[key] = number;
      return numbers;
    },
  };
}

/** Puts the objects of a box into the labels of an area; returns whether there were any. */
function paste(
  data: Int32Array,
  area: Tile,
  { area: box, data: objects }: Pick<FoundObjects, "area" | "data">,
  numberOf: (object: number) => number,
): boolean {
  const [left, top] = [Math.max(area.x, box.x), Math.max(area.y, box.y)];
  const right = Math.min(area.x + area.width, box.x + box.width);
  const bottom = Math.min(area.y + area.height, box.y + box.height);
  let isAny = false;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const object = objects[(y - box.y) * box.width + x - box.x];
      const number = object === 0 ? 0 : numberOf(object);
      if (number === 0) continue;
      data[(y - area.y) * area.width + x - area.x] = number;
      isAny = true;
    }
  }
  return isAny;
}
