// The pixels of each object as runs along the rows, from one pass over the image. Shapes are measured from
// them.

import type { ObjectLabels } from "./object-labels.js";

/** Runs of pixels of one object, rows from the top, each row from the left. */
export interface ObjectRuns {
  /** `[count + 1]`: object `number` has the runs from `starts[number - 1]` up to `starts[number]`. */
  readonly starts: Int32Array;
  /** [runs] */
  readonly y: Int32Array;
  /** First pixel of a run. */
  readonly x0: Int32Array;
  /** Past its last pixel. */
  readonly x1: Int32Array;
}

/** The runs of all objects, sorted by object. Linear in the pixels. */
export function objectRuns({ width, height, data, count }: ObjectLabels): ObjectRuns {
  const starts = new Int32Array(count + 1);
  eachRun(data, width, height, (number) => {
    starts[number]++;
  });
  for (let number = 1; number <= count; number++) starts[number] += starts[number - 1];
  const total = starts[count];
  const [y, x0, x1] = [new Int32Array(total), new Int32Array(total), new Int32Array(total)];
  const next = starts.slice(0, count);
  eachRun(data, width, height, (number, row, from, to) => {
    const at = next[number - 1]++;
    y[at] = row;
    x0[at] = from;
    x1[at] = to;
  });
  return { starts, y, x0, x1 };
}

function eachRun(
  data: Int32Array,
  width: number,
  height: number,
  visit: (number: number, y: number, x0: number, x1: number) => void,
): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; ) {
      const number = data[row + x];
      const from = x++;
      while (x < width && data[row + x] === number) x++;
      if (number > 0) visit(number, y, from, x);
    }
  }
}
