// Normalisation of each image by two of its percentiles, as networks of other programs have it. Loaded only for these.

import type { LabelMap, Sample, StoredImage } from "./image-types.js";
import { type ChannelScale, type Normalisation, unitOf } from "./normalise.js";

/** Normalisation by percentiles. */
export type PercentileNormalisation = Extract<Normalisation, { kind: "percentiles" }>;

/**
 * Returns the scale of each channel: the lower percentile becomes 0, the upper one 1. Percentiles are interpolated
 * linearly, as by NumPy. Values that are not finite are not counted.
 */
export function percentileScales(
  image: StoredImage,
  { low, high, epsilon, isJoint }: PercentileNormalisation,
): ChannelScale[] {
  const { width, height, channels, data } = image;
  const count = width * height;
  const value = unitOf(image);
  const scaleOf = (values: StoredImage["data"]) => {
    const at = orderOf(values);
    if (!at) return { mean: 0, deviation: 0 };
    const [first, last] = [low, high].map((percent) => {
      const place = ((at.count - 1) * percent) / 100;
      const below = Math.floor(place);
      const [a, b] = [below, Math.min(below + 1, at.count - 1)].map((i) => value(at.smallest(i)));
      return a + (place - below) * (b - a);
    });
    return { mean: first, deviation: last - first + epsilon };
  };
  if (isJoint) return Array(channels).fill(scaleOf(data));
  return Array.from({ length: channels }, (_, c) =>
    scaleOf(data.subarray(c * count, (c + 1) * count)),
  );
}

/** Returns the scales of a sample's image. Throws if it is a region: its percentiles are not those of the whole. */
export function sampleScales(
  { name, image, label }: Pick<Sample, "name" | "image" | "label">,
  percentiles: PercentileNormalisation,
): ChannelScale[] {
  checkWhole(name, label);
  return percentileScales(image, percentiles);
}

/** Throws for a sample that is a region of a larger image. */
export function checkWhole(name: string, { core }: Pick<LabelMap, "core">): void {
  if (!core) return;
  throw new Error(
    `sample ${name} is a region of a larger image, and the network normalises each image by percentiles of the whole: ` +
      "import the network with --mean and --deviation, or give images that are read whole",
  );
}

/** The i-th smallest of values: by counting where there are few different ones, or sorted. */
function orderOf(values: StoredImage["data"]) {
  if (values instanceof Uint8Array || values instanceof Uint16Array) {
    const counts = new Uint32Array(values instanceof Uint8Array ? 256 : 65536);
    for (let i = 0; i < values.length; i++) counts[values[i]]++;
    const smallest = (wanted: number) => {
      let [stored, before] = [0, counts[0]];
      while (before <= wanted) before += counts[++stored];
      return stored;
    };
    return { count: values.length, smallest };
  }
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (sorted.length === 0) return undefined;
  return { count: sorted.length, smallest: (wanted: number) => sorted[wanted] };
}
