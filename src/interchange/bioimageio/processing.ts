// Pre- and postprocessing of bioimage.io descriptions: as the specification computes it, on arrays, and as what
// a checkpoint says about images.

import { shown, shownText } from "../../arguments/shown.js";
import type { Normalisation } from "../../data/normalise.js";

/** A step by its name in the specification, with its arguments. */
export interface ProcessingStep {
  readonly id: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** An array [N, C, H, W], row-major. */
export interface ImageArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Apply = (array: ImageArray, kwargs: ProcessingStep["kwargs"]) => ImageArray;

const each =
  (compute: (value: number) => number): Apply =>
  ({ shape, data }) => ({ shape, data: data.map(compute) });

const number = (value: unknown, usual: number) => (typeof value === "number" ? value : usual);

/** A number for each channel. */
function perChannel(value: unknown, channels: number, what: string): number[] {
  const list = Array.isArray(value) ? value : Array(channels).fill(value);
  if (list.length === channels && list.every((one) => typeof one === "number")) return list;
  throw new Error(`${what} is ${shown(value)}, expected a number per channel`);
}

/** Planes of one channel, or of all where the axes have the channel, by statistics of their own. */
function byPlane(
  { shape, data }: ImageArray,
  kwargs: ProcessingStep["kwargs"],
  compute: (plane: Float64Array) => (value: number) => number,
): ImageArray {
  const [n, c, h, w] = shape;
  const size = isOverChannels(kwargs) ? c * h * w : h * w;
  const result = new Float64Array(data.length);
  for (let start = 0; start < n * c * h * w; start += size) {
    const plane = data.subarray(start, start + size);
    result.set(plane.map(compute(plane)), start);
  }
  return { shape, data: result };
}

/** Whether statistics are over the channels too: by default over all axes but the batch. */
function isOverChannels({ axes }: ProcessingStep["kwargs"]): boolean {
  if (axes === undefined || axes === null) return true;
  const names = Array.isArray(axes) ? axes.map(String) : [...String(axes)];
  return names.some((name) => name === "channel" || name === "c");
}

function zeroMean(array: ImageArray, kwargs: ProcessingStep["kwargs"]): ImageArray {
  const { mode = "per_sample", mean, std } = kwargs;
  if (mode === "fixed") return fixed(array, { mean, std });
  const epsilon = number(kwargs.eps, 1e-6);
  return byPlane(array, kwargs, (plane) => {
    const average = plane.reduce((a, b) => a + b, 0) / plane.length;
    const variance = plane.reduce((sum, x) => sum + (x - average) ** 2, 0) / plane.length;
    return (value) => (value - average) / (Math.sqrt(variance) + epsilon);
  });
}

const fixed: Apply = (array, { mean, std }) => {
  const [, c] = array.shape;
  const [means, deviations] = [perChannel(mean, c, "mean"), perChannel(std, c, "std")];
  return byChannel(array, (value, k) => (value - means[k]) / deviations[k]);
};

const linear: Apply = (array, { gain = 1, offset = 0 }) => {
  const [, c] = array.shape;
  const [gains, offsets] = [perChannel(gain, c, "gain"), perChannel(offset, c, "offset")];
  return byChannel(array, (value, k) => value * gains[k] + offsets[k]);
};

function byChannel(
  { shape, data }: ImageArray,
  compute: (value: number, channel: number) => number,
): ImageArray {
  const [, c, h, w] = shape;
  return { shape, data: data.map((value, i) => compute(value, Math.floor(i / (h * w)) % c)) };
}

function scaleRange(array: ImageArray, kwargs: ProcessingStep["kwargs"]): ImageArray {
  const [low, high] = [number(kwargs.min_percentile, 0), number(kwargs.max_percentile, 100)];
  const epsilon = number(kwargs.eps, 1e-6);
  return byPlane(array, kwargs, (plane) => {
    const sorted = plane.slice().sort();
    const [least, most] = [percentile(sorted, low), percentile(sorted, high)];
    return (value) => (value - least) / (most - least + epsilon);
  });
}

/** NumPy's linear percentile of sorted values. */
function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

function softmax({ shape, data }: ImageArray): ImageArray {
  const [n, c, h, w] = shape;
  const result = new Float64Array(data.length);
  for (let image = 0; image < n; image++) {
    for (let pixel = 0; pixel < h * w; pixel++) {
      const at = (k: number) => (image * c + k) * h * w + pixel;
      const values = Array.from({ length: c }, (_, k) => data[at(k)]);
      const most = Math.max(...values);
      const total = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
      for (let k = 0; k < c; k++) result[at(k)] = Math.exp(values[k] - most) / total;
    }
  }
  return { shape, data: result };
}

const STEPS: Readonly<Record<string, Apply>> = {
  binarize: (array, { threshold }) => each((x) => Number(x > number(threshold, 0.5)))(array, {}),
  cast: (array) => array,
  clip: (array, { min, max }) =>
    each((x) => Math.min(Math.max(x, number(min, -Infinity)), number(max, Infinity)))(array, {}),
  ensure_dtype: (array) => array,
  fixed_zero_mean_unit_variance: fixed,
  scale_linear: linear,
  scale_range: scaleRange,
  sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  softmax,
  zero_mean_unit_variance: zeroMean,
};

/** Applies steps to an array, in 64 bits. Throws for a step that is not known, and names it. */
export function applySteps(array: ImageArray, steps: readonly ProcessingStep[]): ImageArray {
  return steps.reduce((current, { id, kwargs }) => {
    if (Object.hasOwn(STEPS, id)) return STEPS[id](current, kwargs);
    throw new Error(
      `the processing ${shownText(id)} is not supported, expected ${Object.keys(STEPS).join(", ")}`,
    );
  }, array);
}

/** Steps that change the type of elements only. */
const isCast = ({ id }: ProcessingStep) => id === "ensure_dtype" || id === "cast";

/**
 * Returns how images are normalised by these steps, if a checkpoint can say it: each channel by its own mean and
 * standard deviation, each image by percentiles, or all images by the same numbers. `maximum`: the largest value of the type of the images, which
 * is 1 here. Throws for other steps, and says what to do.
 */
export function normalisationOf(
  steps: readonly ProcessingStep[],
  channels: number,
  maximum = 255,
): Normalisation {
  const [step, ...more] = steps.filter((one) => !isCast(one));
  const isOne = more.length === 0;
  if (!step) return scaled({ gain: 1, offset: 0 }, channels, maximum);
  const { id, kwargs } = step;
  const isFixed = id === "fixed_zero_mean_unit_variance" || kwargs.mode === "fixed";
  const isPerImage = id === "zero_mean_unit_variance" && !isFixed;
  if (isOne && isPerImage && (channels === 1 || !isOverChannels(kwargs))) return { kind: "image" };
  if (isOne && isFixed) {
    const inUnits = (value: unknown, what: string) =>
      perChannel(value, channels, what).map((one) => one / maximum);
    return {
      kind: "statistics",
      mean: inUnits(kwargs.mean, "mean"),
      deviation: inUnits(kwargs.std, "std"),
    };
  }
  if (isOne && id === "scale_linear") return scaled(kwargs, channels, maximum);
  if (isOne && id === "scale_range" && !kwargs.reference_tensor) {
    return {
      kind: "percentiles",
      low: number(kwargs.min_percentile, 0),
      high: number(kwargs.max_percentile, 100),
      epsilon: number(kwargs.eps, 1e-6) / maximum,
      isJoint: channels === 1 || isOverChannels(kwargs),
    };
  }
  const names = shownText(steps.map((one) => one.id).join(", "));
  throw new Error(
    `images are preprocessed by ${names}, which predictions here cannot repeat: ` +
      "give --mean and --deviation, where 1 is white",
  );
}

/** gain * x + offset of values x from 0 to `maximum`, in units where that is 1. */
function scaled(
  { gain = 1, offset = 0 }: ProcessingStep["kwargs"],
  channels: number,
  maximum: number,
): Normalisation {
  const gains = perChannel(gain, channels, "gain");
  const offsets = perChannel(offset, channels, "offset");
  return {
    kind: "statistics",
    mean: gains.map((one, i) => -offsets[i] / one / maximum),
    deviation: gains.map((one) => 1 / (one * maximum)),
  };
}
