// Pre- and postprocessing of bioimage.io descriptions, as the specification computes it, on arrays.

import { shown, shownText } from "../../arguments/shown.js";
import type { ImageArray } from "../onnx/tensor-axes.js";

/** A step by its name in the specification, with its arguments. */
export interface ProcessingStep {
  /** The name of the step: "zero_mean_unit_variance", "sigmoid". */
  readonly id: string;
  /** Its settings, by the zoo's names. */
  readonly kwargs: Readonly<Record<string, unknown>>;
}

type Kwargs = ProcessingStep["kwargs"];

/** What a step may read besides its tensor. */
export interface ProcessingContext {
  /** Other tensors of the sample by their names, for `reference_tensor`. */
  readonly tensors?: ReadonlyMap<string, ImageArray>;
}

type Apply = (array: ImageArray, kwargs: Kwargs, context: ProcessingContext) => ImageArray;

/** A number, or `usual` for one that is missing or null. Throws for anything else. */
export function numberOr(value: unknown, usual: number, what: string): number {
  if (value === undefined || value === null) return usual;
  if (typeof value === "number") return value;
  throw new Error(`${what} is ${shown(value)}, expected a number`);
}

const PLACES: Readonly<Record<string, number>> = {
  b: 0,
  batch: 0,
  c: 1,
  channel: 1,
  y: 2,
  x: 3,
};

/** Places of the axes of an argument, "xy" or ["x", "y"], in [N,C,H,W]; undefined if none are given. */
export function placesOf(axes: unknown): number[] | undefined {
  if (axes === undefined || axes === null) return undefined;
  const names = Array.isArray(axes) ? axes.map(String) : [...String(axes)];
  // Axes of one plane or time are of size 1.
  return names.flatMap((name) => (Object.hasOwn(PLACES, name) ? [PLACES[name]] : []));
}

/** Returns for each place in the array its group: elements with the same indices of the other axes than `jointly`. */
function groupsOf({ shape }: ImageArray, jointly: readonly number[] | undefined) {
  const kept = jointly ? [0, 1, 2, 3].filter((axis) => !jointly.includes(axis)) : [];
  const count = kept.reduce((product, axis) => product * shape[axis], 1);
  const [, c, h, w] = shape;
  const group = (i: number) => {
    const at = [
      Math.floor(i / (c * h * w)),
      Math.floor(i / (h * w)) % c,
      Math.floor(i / w) % h,
      i % w,
    ];
    return kept.reduce((index, axis) => index * shape[axis] + at[axis], 0);
  };
  return { count, group };
}

/** The values of each group. */
function valuesByGroup(array: ImageArray, jointly: readonly number[] | undefined): Float64Array[] {
  const { count, group } = groupsOf(array, jointly);
  const { data } = array;
  const values = Array.from({ length: count }, () => new Float64Array(data.length / count));
  const filled = new Uint32Array(count);
  for (const [i, value] of data.entries()) {
    const own = group(i);
    values[own][filled[own]++] = value;
  }
  return values;
}

/** Computes each value by statistics of its group, or of the same group of another tensor. */
function byGroup<S>(
  array: ImageArray,
  axes: unknown,
  statistics: (values: Float64Array) => S,
  compute: (value: number, own: S, other: S) => number,
  reference: ImageArray = array,
): ImageArray {
  const jointly = placesOf(axes);
  const { group, count } = groupsOf(array, jointly);
  const own = valuesByGroup(array, jointly).map(statistics);
  const other = reference === array ? own : valuesByGroup(reference, jointly).map(statistics);
  if (other.length !== count) {
    throw new Error(
      `the reference tensor is [${reference.shape}], which does not fit [${array.shape}]`,
    );
  }
  const data = array.data.map((value, i) => compute(value, own[group(i)], other[group(i)]));
  return { shape: array.shape, data };
}

function referenceOf({ reference_tensor: name }: Kwargs, { tensors }: ProcessingContext) {
  if (name === undefined || name === null) return undefined;
  const tensor = tensors?.get(String(name));
  if (tensor) return tensor;
  throw new Error(`the reference tensor ${shown(name)} is none of the network`);
}

function meanOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Whether a mean and a deviation are given; format 0.4 has a mode, which they decide where it is missing. */
export function isFixed({ id, kwargs }: ProcessingStep): boolean {
  const { mode, mean } = kwargs;
  const hasMean = mean !== undefined && mean !== null;
  const isIt = id === "zero_mean_unit_variance" && (mode === "fixed" || (!mode && hasMean));
  return isIt || id === "fixed_zero_mean_unit_variance";
}

const zeroMean: Apply = (array, kwargs, context) => {
  if (isFixed({ id: "zero_mean_unit_variance", kwargs })) return fixed(array, kwargs, context);
  const epsilon = numberOr(kwargs.eps, 1e-6, "eps");
  return byGroup(array, kwargs.axes, meanOf, (value, { mean, deviation }) => {
    return (value - mean) / (deviation + epsilon);
  });
};

/** Where a list of numbers lies: the axis that is named, or the one that format 0.4 does not take jointly. */
export function axisOfList({ axis, axes }: Kwargs): number {
  const [named] = placesOf(axis === undefined || axis === null ? undefined : [axis]) ?? [];
  if (named !== undefined) return named;
  const jointly = placesOf(axes);
  return [1, 2, 3].find((place) => jointly && !jointly.includes(place)) ?? 1;
}

/** A number for each place of an axis: a list, or one for all. */
export function listOf(value: unknown, count: number, what: string): number[] {
  const list =
    Array.isArray(value) && value.length > 1 ? value : Array(count).fill([value].flat()[0]);
  if (list.length === count && list.every((one) => typeof one === "number")) return list;
  throw new Error(`${what} is ${shown(value)}, expected a number, or one for each of ${count}`);
}

/** Computes each value with numbers of its place along an axis. */
function along(
  { shape, data }: ImageArray,
  kwargs: Kwargs,
  numbers: Readonly<Record<string, unknown>>,
  compute: (value: number, ...numbers: number[]) => number,
): ImageArray {
  const axis = axisOfList(kwargs);
  const lists = Object.entries(numbers).map(([what, value]) => listOf(value, shape[axis], what));
  const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const result = data.map((value, i) => {
    const place = Math.floor(i / stride) % shape[axis];
    return compute(value, ...lists.map((list) => list[place]));
  });
  return { shape, data: result };
}

const fixed: Apply = (array, kwargs) => {
  const { mean, std } = kwargs;
  return along(array, kwargs, { mean, std }, (value, m, s) => (value - m) / s);
};

const linear: Apply = (array, kwargs) => {
  const { gain = 1, offset = 0 } = kwargs;
  return along(array, kwargs, { gain, offset }, (value, a, b) => value * a + b);
};

const percentilesOf = (low: number, high: number) => (values: Float64Array) => {
  const sorted = values.slice().sort();
  return { low: percentile(sorted, low), high: percentile(sorted, high) };
};

/** NumPy's linear percentile of sorted values. */
function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

const scaleRange: Apply = (array, kwargs, context) => {
  const low = numberOr(kwargs.min_percentile, 0, "min_percentile");
  const high = numberOr(kwargs.max_percentile, 100, "max_percentile");
  const epsilon = numberOr(kwargs.eps, 1e-6, "eps");
  return byGroup(
    array,
    kwargs.axes,
    percentilesOf(low, high),
    (value, _, range) => (value - range.low) / (range.high - range.low + epsilon),
    referenceOf(kwargs, context),
  );
};

const scaleMeanVariance: Apply = (array, kwargs, context) => {
  const epsilon = numberOr(kwargs.eps, 1e-6, "eps");
  const reference = referenceOf(kwargs, context);
  if (!reference) throw new Error("scale_mean_variance has no reference_tensor");
  const compute = (value: number, own: ReturnType<typeof meanOf>, other: typeof own) =>
    ((value - own.mean) / (own.deviation + epsilon)) * (other.deviation + epsilon) + other.mean;
  return byGroup(array, kwargs.axes, meanOf, compute, reference);
};

const clip: Apply = (array, kwargs) => {
  const { min_percentile: low, max_percentile: high } = kwargs;
  const [min, max] = [
    numberOr(kwargs.min, -Infinity, "min"),
    numberOr(kwargs.max, Infinity, "max"),
  ];
  const bounded = (value: number, least: number, most: number) =>
    Math.min(Math.max(value, least), most);
  if ((low ?? undefined) === undefined && (high ?? undefined) === undefined) {
    return { shape: array.shape, data: array.data.map((value) => bounded(value, min, max)) };
  }
  const [first, last] = [numberOr(low, 0, "min_percentile"), numberOr(high, 100, "max_percentile")];
  return byGroup(array, kwargs.axes, percentilesOf(first, last), (value, range) => {
    const least = (low ?? undefined) === undefined ? min : range.low;
    return bounded(value, least, (high ?? undefined) === undefined ? max : range.high);
  });
};

const softmax: Apply = (array, kwargs) => {
  const [axis = 1] = placesOf(kwargs.axis === undefined ? undefined : [kwargs.axis]) ?? [];
  const totals = byGroup(
    array,
    ["b", "c", "y", "x"].filter((_, i) => i === axis),
    (values) => {
      const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
      return { most, total: values.reduce((sum, value) => sum + Math.exp(value - most), 0) };
    },
    (value, { most, total }) => Math.exp(value - most) / total,
  );
  return totals;
};

/** NumPy's conversion to a type of elements. */
const ensureType: Apply = ({ shape, data }, { dtype = "float32" }) => {
  const [, unsigned, bits] = /^(u?)int(8|16|32|64)$/.exec(String(dtype)) ?? [];
  if (dtype === "float32") return { shape, data: data.map(Math.fround) };
  if (dtype === "bool") return { shape, data: data.map((value) => Number(value !== 0)) };
  if (!bits) return { shape, data };
  const span = 2 ** Number(bits);
  const least = unsigned ? 0 : -span / 2;
  const wrapped = (value: number) => {
    const whole = Math.trunc(value);
    return whole - span * Math.floor((whole - least) / span);
  };
  return { shape, data: data.map(wrapped) };
};

const STEPS: Readonly<Record<string, Apply>> = {
  binarize: (array, kwargs) => {
    const { threshold = 0.5 } = kwargs;
    return along(array, kwargs, { threshold }, (value, t) => Number(value > t));
  },
  cast: ensureType,
  clip,
  ensure_dtype: ensureType,
  fixed_zero_mean_unit_variance: fixed,
  scale_linear: linear,
  scale_mean_variance: scaleMeanVariance,
  scale_range: scaleRange,
  sigmoid: ({ shape, data }) => ({ shape, data: data.map((x) => 1 / (1 + Math.exp(-x))) }),
  softmax,
  zero_mean_unit_variance: zeroMean,
};

/** Applies steps to an array, in 64 bits. Throws for a step that is not known, and names it. */
export function applySteps(
  array: ImageArray,
  steps: readonly ProcessingStep[],
  context: ProcessingContext = {},
): ImageArray {
  return steps.reduce((current, { id, kwargs }) => {
    if (!Object.hasOwn(STEPS, id)) {
      throw new Error(
        `the processing ${shownText(id)} is not supported, expected ${Object.keys(STEPS).join(", ")}`,
      );
    }
    return STEPS[id](current, kwargs, context);
  }, array);
}
