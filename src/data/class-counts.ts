import { IGNORED, type LabelMap } from "./image-types.js";

/** Returns the number of pixels of each class. */
export function classCounts({ classes, data }: LabelMap): number[] {
  const counts = new Float64Array(IGNORED + 1);
  for (let pixel = 0; pixel < data.length; pixel++) counts[data[pixel]]++;
  return Array.from(counts.subarray(0, classes));
}
