// Objects from the numbers of a label file.

import { connectedComponents } from "../data/components.js";
import type { RawImage } from "../data/image-types.js";
import { cellNumbers } from "../data/label-read.js";
import { type ObjectLabels, objectLabels } from "./object-labels.js";

/** Objects, and their numbers in the file, in ascending order. */
export interface NumberedObjects {
  /** The number of each pixel's object; 0 outside. */
  readonly labels: ObjectLabels;
  /** [count] */
  readonly numbers: readonly number[];
  /** Whole sentences on what was assumed. */
  readonly remarks: readonly string[];
}

/**
 * The objects of a label image: 0 is background, each other number an object, which may have holes and several
 * parts; in an RGB image each colour is one. If the only number is 1, 255, or the largest that the file can
 * hold, it is a mask: then each 4-connected piece is an object. Throws one sentence that names the file for
 * numbers below 0 and fractions. `mask`: false if the file is known to hold numbers.
 */
export function numberedObjects(
  raw: RawImage,
  name: string,
  { mask = true }: { readonly mask?: boolean } = {},
): NumberedObjects {
  const { width, height } = raw;
  const { numbers: values } = cellNumbers(raw, name, {
    classes: 2,
    reading: "instances",
    remarks: [],
  });
  const numbers = [...new Set<number>(values)].filter((value) => value > 0).sort((a, b) => a - b);
  const isMask = mask && numbers.length === 1 && [1, 255, raw.maximum].includes(numbers[0]);
  if (isMask) {
    const mask = Uint8Array.from(values, (value) => Number(value > 0));
    const labels = objectLabels(connectedComponents(mask, width, height), width, height);
    const remark = `${name}: it is a mask of one value: each connected piece is an object`;
    const isOne = labels.count === 1;
    return {
      labels,
      numbers: isOne ? numbers : Array.from({ length: labels.count }, (_, i) => i + 1),
      remarks: isOne ? [] : [remark],
    };
  }
  const indices = new Map(numbers.map((number, i) => [number, i + 1]));
  const data = new Int32Array(width * height);
  // Most neighbours belong to the same object.
  let [last, lastIndex] = [0, 0];
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (values[pixel] !== last) {
      last = values[pixel];
      lastIndex = indices.get(last) ?? 0;
    }
    data[pixel] = lastIndex;
  }
  return { labels: { width, height, data, count: numbers.length }, numbers, remarks: [] };
}
