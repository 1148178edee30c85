// The cells of a label in little memory: given the label, the cell number of each run of equal
// pixels in a row determines the numbers of all pixels.

import { connectedComponents } from "./components.js";
import { IGNORED, type LabelMap } from "./image-types.js";
import type { Tile } from "./mirror.js";

/** The cell number of each run of a row, rows one after the other. */
export interface CellRows {
  /** `[runs]`: the number of the cell; 0 where there is none. */
  readonly numbers: Int32Array;
  /** `[height]`: where each row begins in `numbers`. */
  readonly starts: Int32Array;
}

/** Returns the cells of a label (`connectedComponents`); undefined if there are fewer than two. */
export function cellRows({ width, height, data }: LabelMap): CellRows | undefined {
  const { labels, count } = connectedComponents(data, width, height);
  if (count < 2) return undefined;
  const starts = new Int32Array(height);
  let runs = 0;
  for (let y = 0; y < height; y++) {
    starts[y] = runs;
    for (let x = 0; x < width; x++) if (beginsRun(data, y * width, x)) runs++;
  }
  const numbers = new Int32Array(runs);
  let run = 0;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const x = pixel % width;
    if (beginsRun(data, pixel - x, x)) numbers[run++] = labels[pixel];
  }
  return { numbers, starts };
}

/** Returns the numbers of the cells in an area, [area.height][area.width]; 0 outside every cell. */
export function cellNumbers(
  { numbers, starts }: CellRows,
  { width, data }: LabelMap,
  area: Tile,
): Int32Array {
  const labels = new Int32Array(area.width * area.height);
  for (let row = 0; row < area.height; row++) {
    const begin = (area.y + row) * width;
    let run = starts[area.y + row] - 1;
    for (let x = 0; x < area.x + area.width; x++) {
      if (beginsRun(data, begin, x)) run++;
      const to = row * area.width + x - area.x;
      if (x >= area.x && isCell(data[begin + x])) labels[to] = numbers[run];
    }
  }
  return labels;
}

/** Whether pixel x of a row belongs to a cell and the pixel before it is not in the same run. */
function beginsRun(data: Uint8Array, row: number, x: number): boolean {
  const value = data[row + x];
  return isCell(value) && (x === 0 || data[row + x - 1] !== value);
}

function isCell(value: number): boolean {
  return value !== 0 && value !== IGNORED;
}
