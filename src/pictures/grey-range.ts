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
  const [low, high] = rangeIn(data);
  return [low / maximum, high / maximum];
}

function rangeIn(data: Greys["data"]): [number, number] {
  if (data instanceof Uint8Array || data instanceof Uint16Array) return counted(data);
  return data instanceof Float32Array ? selected(data) : sorted(data);
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
  const values = data.slice().sort();
  const [low, high] = places(values.length);
  return [values[low], values[high]];
}

/** As sorting, in a tenth of the time: only the values of one of 65,536 ranges are sorted. */
function selected(floats: Float32Array): [number, number] {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const counts = new Uint32Array(65536);
  let finite = 0;
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & EXPONENT) === EXPONENT) continue;
    counts[rangeOf(bits[i])]++;
    finite++;
  }
  if (finite === 0) return [0, 0];
  const valueAt = (place: number) => {
    let [range, below] = [0, 0];
    while (below + counts[range] <= place) below += counts[range++];
    const values = new Float32Array(counts[range]);
    let found = 0;
    for (let i = 0; i < bits.length; i++) {
      if (rangeOf(bits[i]) === range) values[found++] = floats[i];
    }
    return values.sort()[place - below];
  };
  const [low, high] = places(finite);
  return [valueAt(low), valueAt(high)];
}

/** The bits of a float that are all set if it is not finite. */
const EXPONENT = 0x7f800000;

/** The upper 16 bits of a float, changed so that they are in the order of the values. */
const rangeOf = (bits: number) => (((bits >> 31) | 0x80000000) ^ bits) >>> 16;
