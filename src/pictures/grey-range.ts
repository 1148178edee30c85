// Which values of an image are shown as black and which as white.

import type { StoredImage } from "../data/image-types.js";

export type Greys = Pick<StoredImage, "data" | "maximum">;

/** Left out at either end: specks and dust. */
const SHARE = 0.005;

/**
 * The values below and above which the darkest and the brightest 1/200 lie. What is no finite number
 * counts nowhere; 0 and 0 where nothing else is there.
 */
export function greyRange({ data, maximum = 1 }: Greys): [low: number, high: number] {
  const [low, high] =
    data instanceof Uint8Array || data instanceof Uint16Array ? counted(data) : sorted(data);
  return [low / maximum, high / maximum];
}

/** The places of the two values among so many in order. */
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
  // In order, what is no finite number lies at the ends.
  const values = data.slice().sort();
  let [first, end] = [0, values.length];
  while (first < end && !Number.isFinite(values[first])) first++;
  while (end > first && !Number.isFinite(values[end - 1])) end--;
  if (first === end) return [0, 0];
  const [low, high] = places(end - first);
  return [values[first + low], values[first + high]];
}
