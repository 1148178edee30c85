// Components of a mask that cross the borders of chunks, joined by a union-find over the faces of the chunks.

import type { Components } from "../data/components.js";
import type { Tile } from "../data/mirror.js";

/** A component that crosses chunks. */
export interface Crossing {
  readonly id: number;
  /** The smallest area that holds it. */
  readonly box: Tile;
  /** Its first pixel, row by row. */
  readonly first: readonly [x: number, y: number];
  readonly pixels: number;
}

/** What is known of a chunk: its components, and the mask around it (`labels` above 0, in `window`). */
interface ChunkMask {
  readonly components: Components;
  readonly around: Int32Array;
  readonly window: Tile;
}

/** A piece within one chunk, and after joining a whole component: box as left, top, right, bottom. */
interface Piece {
  parent: number;
  box: [number, number, number, number];
  first: [x: number, y: number];
  pixels: number;
}

/**
 * Collects the components that leave their chunks. Chunks are added row by row, as `chunkAreas` lists them; only the
 * last row and column of labels of the chunks above and to the left are kept.
 */
export function createCrossings({ width }: { readonly width: number }) {
  const pieces: Piece[] = [];
  /** For each chunk the ids of its pieces by number of component. */
  const ids = new Map<string, Map<number, number>>();
  /** Ids at the lower faces of the chunks above, by column of pixels; -1: none. */
  const above = new Int32Array(width).fill(-1);
  let left = new Int32Array(0);
  const rootOf = (id: number) => {
    let root = id;
    while (pieces[root].parent !== root) {
      pieces[root].parent = pieces[pieces[root].parent].parent;
      root = pieces[root].parent;
    }
    return root;
  };
  const union = (one: number, other: number) => {
    const [a, b] = [rootOf(one), rootOf(other)];
    if (a === b) return;
    const [kept, gone] = a < b ? [pieces[a], pieces[b]] : [pieces[b], pieces[a]];
    gone.parent = Math.min(a, b);
    kept.pixels += gone.pixels;
    for (const side of [0, 1] as const) {
      kept.box[side] = Math.min(kept.box[side], gone.box[side]);
      kept.box[side + 2] = Math.max(kept.box[side + 2], gone.box[side + 2]);
    }
    const [x, y] = gone.first;
    if (y < kept.first[1] || (y === kept.first[1] && x < kept.first[0])) kept.first = [x, y];
  };
  return {
    /** Returns the numbers of the components that leave the chunk. `mask`: undefined if it is empty. */
    add(area: Tile, mask: ChunkMask | undefined): Set<number> {
      const leaving = mask ? leavingOf(area, mask) : new Set<number>();
      const own = new Map([...leaving].map((part, i) => [part, pieces.length + i]));
      if (mask) pieces.push(...piecesOf(area, mask.components, own, pieces.length));
      if (own.size > 0) ids.set(`${area.x} ${area.y}`, own);
      const idAt = (x: number, y: number) =>
        own.get(mask?.components.labels[y * area.width + x] ?? 0) ?? -1;
      for (let x = 0; x < area.width; x++) {
        const [upper, id] = [above[area.x + x], idAt(x, 0)];
        if (upper >= 0 && id >= 0) union(upper, id);
        above[area.x + x] = idAt(x, area.height - 1);
      }
      const right = new Int32Array(area.height);
      for (let y = 0; y < area.height; y++) {
        const id = idAt(0, y);
        if (area.x > 0 && left[y] >= 0 && id >= 0) union(left[y], id);
        right[y] = idAt(area.width - 1, y);
      }
      left = right;
      return leaving;
    },
    /** The joined components. Call when all chunks are added. */
    joined: (): Crossing[] =>
      pieces.flatMap(({ parent, box, first, pixels }, id) => {
        if (parent !== id) return [];
        const [x, y, endX, endY] = box;
        return [{ id, box: { x, y, width: endX - x + 1, height: endY - y + 1 }, first, pixels }];
      }),
    /** The id of the joined component of a component of a chunk; undefined if none leaves the chunk. */
    partsOf(area: Tile): ((part: number) => number | undefined) | undefined {
      const own = ids.get(`${area.x} ${area.y}`);
      if (!own) return undefined;
      return (part) => {
        const id = own.get(part);
        return id === undefined ? undefined : rootOf(id);
      };
    },
  };
}

/** The components with a pixel whose 4-neighbour in another chunk is in the mask too. */
function leavingOf(area: Tile, { components, around, window }: ChunkMask): Set<number> {
  const leaving = new Set<number>();
  const { width, height } = area;
  const look = (x: number, y: number, dx: number, dy: number) => {
    const part = components.labels[y * width + x];
    if (part === 0) return;
    const [column, row] = [area.x + x + dx - window.x, area.y + y + dy - window.y];
    if (column < 0 || row < 0 || column >= window.width || row >= window.height) return;
    if (around[row * window.width + column] > 0) leaving.add(part);
  };
  for (let x = 0; x < width; x++) {
    look(x, 0, 0, -1);
    look(x, height - 1, 0, 1);
  }
  for (let y = 0; y < height; y++) {
    look(0, y, -1, 0);
    look(width - 1, y, 1, 0);
  }
  return leaving;
}

/** The pieces of the leaving components, in the order of their ids from `base` on. */
function piecesOf(
  area: Tile,
  { labels }: Components,
  ids: ReadonlyMap<number, number>,
  base: number,
): Piece[] {
  const found: Piece[] = [];
  for (const [pixel, part] of labels.entries()) {
    const id = part > 0 ? ids.get(part) : undefined;
    if (id === undefined) continue;
    const [x, y] = [area.x + (pixel % area.width), area.y + Math.floor(pixel / area.width)];
    found[id - base] ??= { parent: id, box: [x, y, x, y], first: [x, y], pixels: 0 };
    const piece = found[id - base];
    piece.pixels++;
    piece.box[0] = Math.min(piece.box[0], x);
    piece.box[2] = Math.max(piece.box[2], x);
    piece.box[3] = y;
  }
  return found;
}
