// Norms with the statistics of what they are applied to.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { apply } from "../../graph/op.js";
import {
  elementCount,
  expectTensor,
  type Shape,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { ABSENT } from "../common/absent.js";
import { normOp, normStatisticsOp } from "./norm-ops.js";
import { planeSets, type Sets } from "./norm-sets.js";

/** What is applied to the result of a norm in the same pass. */
export type NormActivation = "none" | "relu" | "leakyRelu";

/** How a norm is computed. */
export interface NormOptions {
  /** What the normalised values are multiplied by; dense, by default 1. */
  readonly gain?: Tensor | undefined;
  /** What is added then; dense, by default 0. */
  readonly bias?: Tensor | undefined;
  /** Added to the variance. By default 1e-5. */
  readonly epsilon?: number | undefined;
  /** "none" when left out. */
  readonly activation?: NormActivation | undefined;
  /** What "leakyRelu" multiplies negative values by. By default 0.01. */
  readonly slope?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

/** The keys of `NormOptions`, for functions with more options. */
export const NORM_OPTIONS: Keys<NormOptions> = {
  gain: 1,
  bias: 1,
  epsilon: 1,
  activation: 1,
  slope: 1,
  name: 1,
};

/**
 * Instance norm (Ulyanov, Vedaldi, Lempitsky 2016): y = (x - mean) / sqrt(variance + epsilon) * gain +
 * bias with the mean and the biased variance of each channel of each image. x [N,C,...], gain and
 * bias [C]. Throws a `ShapeError` if the shapes do not fit, and if a channel is a single number.
 */
export function instanceNorm(x: Tensor, options: NormOptions = {}): Tensor {
  const view = channelView("instanceNorm", x);
  if (view[2] < 2) {
    throw new ShapeError(
      `instanceNorm: a channel of ${text(x.shape)} is a single number, which equals its mean: expected several`,
    );
  }
  return normalised("instanceNorm", x, { over: "group", view, groups: view[1] }, options);
}

/**
 * Group norm (Wu, He 2018): the mean and variance of `groups` groups of neighbouring channels of each
 * image. x [N,C,...], gain and bias [C]. Throws a `ShapeError` if the groups do not divide C.
 */
export function groupNorm(x: Tensor, groups: number, options: NormOptions = {}): Tensor {
  const view = channelView("groupNorm", x);
  if (!Number.isInteger(groups) || groups < 1 || view[1] % groups !== 0) {
    throw new ShapeError(
      `groupNorm: groups must be a whole number that divides the ${view[1]} channels of ${text(x.shape)}, got ${groups}`,
    );
  }
  return normalised("groupNorm", x, { over: "group", view, groups }, options);
}

/**
 * Layer norm (Ba, Kiros, Hinton 2016): the mean and variance over `axes`, which are neighbours and may
 * be negative, at each index of the others: [-1] (the default of dense tensors), [1] for the channels
 * of each pixel (the default of images), [1, 2, 3] for all of an image. gain and bias have the shape
 * of these axes. Throws a `ShapeError` if the axes or shapes do not fit.
 */
export function layerNorm(
  x: Tensor,
  axes: readonly number[] | undefined = undefined,
  options: NormOptions = {},
): Tensor {
  expectTensor("layerNorm", "input", x);
  const { shape } = x;
  const given = axes ?? [x.layout === "image" ? 1 : -1];
  const places = given.map((axis) => (axis < 0 ? axis + shape.length : axis)).sort((a, b) => a - b);
  const [first] = places;
  const isRun = places.every((axis, i) => axis === first + i && shape[axis] !== undefined);
  if (places.length === 0 || !isRun) {
    throw new ShapeError(
      `layerNorm: axes must be neighbouring axes of ${text(shape)}, such as [-1], got [${given}]`,
    );
  }
  const own = shape.slice(first, first + places.length);
  const view = [
    elementCount(shape.slice(0, first)),
    elementCount(own),
    elementCount(shape.slice(first + places.length)),
  ] as const;
  return normalised("layerNorm", x, { over: "channels", view, groups: 1 }, options, own);
}

/** A tensor [N,C,...] as [N, C, P]. Throws if its rank is below 2. */
export function channelView(what: string, x: Tensor): Sets["view"] {
  expectTensor(what, "input", x);
  const [n, c, ...rest] = x.shape;
  if (c !== undefined) return [n, c, elementCount(rest)];
  throw new ShapeError(`${what}: the input must be [N,C,...], got ${x.layout} ${text(x.shape)}`);
}

/** Throws for options that are unknown or invalid, and for gain and bias of another shape. */
export function checkNorm(what: string, options: NormOptions, shape: Shape): void {
  const { epsilon = 1e-5, activation = "none", slope = 0.01 } = options;
  checkWord(`${what}: the activation`, activation, ["none", "relu", "leakyRelu"]);
  if (!(Number.isFinite(epsilon) && epsilon >= 0)) {
    throw new ShapeError(`${what}: epsilon must be a number from 0, got ${epsilon}`);
  }
  if (!Number.isFinite(slope))
    throw new ShapeError(`${what}: slope must be a number, got ${slope}`);
  for (const key of ["gain", "bias"] as const) {
    const tensor = options[key];
    if (tensor === undefined) continue;
    expectTensor(what, key, tensor);
    if (tensor.layout === "dense" && text(tensor.shape) === text(shape)) continue;
    throw new ShapeError(
      `${what}: ${key} must be a dense ${text(shape)}, got ${tensor.layout} ${text(tensor.shape)}`,
    );
  }
}

/** Applies a norm with the statistics of these sets of x; gain and bias have the shape `shape`. */
function normalised(
  what: string,
  x: Tensor,
  sets: Sets,
  options: NormOptions,
  shape: Shape = [sets.view[1]],
): Tensor {
  checkKeys(what, options, NORM_OPTIONS);
  checkNorm(what, options, shape);
  const { gain, bias, name = what } = options;
  // A gain or bias of each pixel needs the view that has it as channels.
  const own = gain || bias ? sets : planeSets(x, sets);
  return applyNorm(x, statisticsOf(x, sets, options, name)[0], own, options, name);
}

/** The outputs of `normStatisticsOp`. */
export function statisticsOf(x: Tensor, sets: Sets, { epsilon = 1e-5 }: NormOptions, name: string) {
  const attributes = { ...planeSets(x, sets), epsilon };
  return apply(normStatisticsOp, [x], attributes, `${name}: statistics`);
}

/** Applies a norm with given statistics [sets,2]. */
export function applyNorm(
  x: Tensor,
  stats: Tensor,
  sets: Sets,
  options: NormOptions,
  name: string,
  isFixed = false,
): Tensor {
  const { gain, bias, activation = "none", slope = 0.01 } = options;
  const attributes = {
    ...sets,
    hasGain: gain !== undefined,
    hasBias: bias !== undefined,
    slope: activation === "none" ? 1 : activation === "relu" ? 0 : slope,
    isFixed,
  };
  return apply(normOp, [x, stats, gain ?? ABSENT, bias ?? ABSENT], attributes, name)[0];
}
