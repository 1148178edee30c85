// Chooses the values of an image that are displayed as black and as white.

import type { StoredImage } from "../data/image-types.js";

export type Greys = Pick<StoredImage, "data" | "maximum">;

/** The share that is ignored at either end: specks and dust. */
const SHARE = 0.005;

/**
 * Returns the values below and above which the darkest and the brightest 1/200 are. Values that are
 * not finite are ignored; returns 0 and 0 if there are no others.
 */
export function greyRange({ data, maximum = 1 }: Greys): [low: number, high: number] {
  const [low, high] =
    data instanceof Uint8Array || data instanceof Uint16Array ? counted(data) : sorted(data);
  return [low / maximum, high / maximum];
}

/** Returns the positions of the two values in sorted order. */
const places = (count: number) =>
  [Math.floor(SHARE * (count - 1)), Math.ceil((1 - SHARE) * (count - 1))] as const;

function counted(data: Uint8Array | Uint16Array): [number, number] {
  const counts = new Uint32Array(256 ** data.BYTES_PER_ELEMENT);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  const valueAt = (place: number) => {
    let below = 0;
    return counts.findIndex((count) => {
      below += count;
      return below > place;
    });
  };
  const [low, high] = places(data.length);
  return [valueAt(low), valueAt(high)];
}

function sorted(data: Greys["data"]): [number, number] {
  // After sorting, values that are not finite are at the ends.
  const values = data.slice().sort();
  let [first, end] = [0, values.length];
  while (first < end && !Number.isFinite(values[first])) first++;
  while (end > first && !Number.isFinite(values[end - 1])) end--;
  if (first === end) return [0, 0];
  const [low, high] = places(end - first);
  return [values[first + low], values[first + high]];
}
