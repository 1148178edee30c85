// Objects that can be joined, removed and extended at the cost of the change: numbers point to the object that
// they are now part of, and pixels are renumbered only at the end.

import { boundingBoxes } from "./bounding-boxes.js";
import type { ObjectLabels } from "./object-labels.js";

/** The first and the last column and row of an object; a larger box does no harm. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface EditableObjects {
  readonly width: number;
  readonly height: number;
  /** The object that a pixel is part of, by the index [y * width + x]; 0 for none. */
  at(pixel: number): number;
  boxOf(object: number): Box;
  /** Makes the second object part of the first one. */
  join(object: number, other: number): void;
  remove(object: number): void;
  /** A new object, without pixels. */
  add(): number;
  /** Makes pixels part of an object. */
  give(object: number, pixels: readonly number[]): void;
  /** Numbered by first pixels, rows from the top. The objects cannot be used any more. */
  renumbered(): ObjectLabels;
}

/** `labels.data` is changed by `give` and by `renumbered`. */
export function editableObjects({ width, height, data, count }: ObjectLabels): EditableObjects {
  const boxes = boundingBoxes(data, count, width);
  /** By number: the object that it is part of, or itself; 0 if removed. */
  const parents = Array.from({ length: count + 1 }, (_, number) => number);
  const all = Array.from({ length: count + 1 }, (_, number) => boxAt(boxes, number - 1));
  const rootOf = (number: number) => {
    let root = number;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  return {
    width,
    height,
    at: (pixel) => rootOf(data[pixel]),
    boxOf: (object) => all[object],
    join(object, other) {
      parents[other] = object;
      all[object] = around(all[object], all[other]);
    },
    remove(object) {
      parents[object] = 0;
    },
    add() {
      all.push({ left: width, top: height, right: -1, bottom: -1 });
      return parents.push(parents.length) - 1;
    },
    give(object, pixels) {
      for (const pixel of pixels) {
        data[pixel] = object;
        const [x, y] = [pixel % width, Math.floor(pixel / width)];
        all[object] = around(all[object], { left: x, top: y, right: x, bottom: y });
      }
    },
    renumbered() {
      const roots = Int32Array.from(parents, (_, number) => rootOf(number));
      const numbers = new Int32Array(parents.length);
      let found = 0;
      for (let pixel = 0; pixel < data.length; pixel++) {
        if (data[pixel] === 0) continue;
        const root = roots[data[pixel]];
        if (root > 0 && numbers[root] === 0) numbers[root] = ++found;
        data[pixel] = numbers[root];
      }
      return { width, height, data, count: found };
    },
  };
}

const boxAt = (boxes: Int32Array, index: number): Box => ({
  left: boxes[4 * index],
  top: boxes[4 * index + 1],
  right: boxes[4 * index + 2],
  bottom: boxes[4 * index + 3],
});

const around = (one: Box, other: Box): Box => ({
  left: Math.min(one.left, other.left),
  top: Math.min(one.top, other.top),
  right: Math.max(one.right, other.right),
  bottom: Math.max(one.bottom, other.bottom),
});
