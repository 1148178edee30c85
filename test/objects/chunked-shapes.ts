// Images in memory as chunks, and shapes that are hard to join.

import type { Tile } from "../../src/data/mirror.js";
import { random } from "../../src/data/random.js";
import type { ChunkedLabels } from "../../src/objects/join-objects.js";
import type { ChunkedCells } from "../../src/objects/separate-chunks.js";

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly cell: Uint16Array;
}

/** A plane that is read area by area; counts the pixels of the largest read. */
export function chunkedPlane({ width, height, cell }: Plane, side: number) {
  const cells: ChunkedCells & { largestRead: number } = {
    width,
    height,
    side,
    largestRead: 0,
    async read(area) {
      cells.largestRead = Math.max(cells.largestRead, area.width * area.height);
      const part = new Uint16Array(area.width * area.height);
      for (let y = 0; y < area.height; y++) {
        const from = (area.y + y) * width + area.x;
        part.set(cell.subarray(from, from + area.width), y * area.width);
      }
      return part.some((value) => value > 0) ? { cell: part } : undefined;
    },
  };
  return cells;
}

/** Labels in one array, written chunk by chunk. */
export function memoryLabels(width: number, height: number) {
  const data = new Int32Array(width * height);
  const known = new Set<string>();
  const each = (
    { x, y, width: columns, height: rows }: Tile,
    visit: (at: number, own: number) => void,
  ) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        visit((y + row) * width + x + column, row * columns + column);
      }
    }
  };
  const labels: ChunkedLabels = {
    async read(area) {
      if (!known.has(`${area.x} ${area.y}`)) return undefined;
      const part = new Int32Array(area.width * area.height);
      each(area, (at, own) => {
        part[own] = data[at];
      });
      return part;
    },
    async write(area, part) {
      known.add(`${area.x} ${area.y}`);
      each(area, (at, own) => {
        data[at] = part[own];
      });
    },
  };
  return { labels, data };
}

type Shape = (x: number, y: number) => boolean;

function drawn(width: number, height: number, shape: Shape): Plane {
  const cell = Uint16Array.from({ length: width * height }, (_, i) =>
    shape(i % width, Math.floor(i / width)) ? 60_000 : 0,
  );
  return { width, height, cell };
}

/** A square spiral, one pixel wide with gaps of one: through all chunks, its ends far apart. */
function spiral(side: number): Plane {
  const plane = drawn(side, side, () => false);
  let [x, y, dx, dy] = [0, 0, 1, 0];
  const isFree = (i: number, j: number) =>
    i < 0 || j < 0 || i >= side || j >= side || plane.cell[j * side + i] === 0;
  for (;;) {
    plane.cell[y * side + x] = 60_000;
    const goesOn = () => {
      const [i, j] = [x + dx, y + dy];
      const isInside = i >= 0 && j >= 0 && i < side && j < side;
      return isInside && isFree(i, j) && isFree(i + dx, j + dy);
    };
    for (let turns = 0; turns < 2 && !goesOn(); turns++) [dx, dy] = [-dy, dx];
    if (!goesOn()) return plane;
    x += dx;
    y += dy;
  }
}

/** Planes by name, 41 pixels wide or so: prime to the sides of chunks. */
export function adversarialPlanes(): Readonly<Record<string, Plane>> {
  const [width, height] = [41, 37];
  const next = random(3);
  const noise = (share: number): Plane => drawn(width, height, () => next() < share);
  return {
    empty: drawn(width, height, () => false),
    full: drawn(width, height, () => true),
    spiral: spiral(41),
    "two combs, teeth between teeth": drawn(
      width,
      height,
      (x, y) =>
        y === 0 || y === height - 1 || (x % 4 === 0 ? y < height - 2 : x % 4 === 2 && y > 1),
    ),
    "a comb that is joined in the last row": drawn(
      width,
      height,
      (x, y) => x % 2 === 0 || y === height - 1,
    ),
    "a staircase": drawn(width, height, (x, y) => Math.abs(x - y) <= 1),
    "a checkerboard, 4-connected nowhere": drawn(width, height, (x, y) => (x + y) % 2 === 0),
    "rings with islands": drawn(width, height, (x, y) => Math.hypot(x - 20, y - 18) % 5 < 2.4),
    "single pixels at the borders of chunks": drawn(
      width,
      height,
      (x, y) => x % 8 > 5 && y % 8 > 5,
    ),
    "noise of 40 %": noise(0.4),
    "noise of 60 %": noise(0.6),
    "noise of 75 %": noise(0.75),
    "blobs of many levels": {
      ...drawn(width, height, () => false),
      cell: Uint16Array.from({ length: width * height }, (_, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        const wave = Math.sin(x / 2.3) * Math.sin(y / 1.9) + Math.sin(x / 5.1 + y / 4.3) / 2;
        return Math.round(65535 / (1 + Math.exp(-3 * wave)));
      }),
    },
  };
}
