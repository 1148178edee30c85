// Which elements of a tensor a norm gives a mean and a variance of their own.

import type { Node } from "../../graph/op.js";
import { elementCount, type Tensor } from "../../graph/tensor.js";

/**
 * A tensor seen as [N, C, P], row-major, and its sets: what has one mean and one variance. "batch":
 * each channel, over N and P. "group": neighbouring channels of each n, over P; `groups` of them.
 * "channels": all channels of each n and p.
 */
export interface Sets {
  readonly over: "batch" | "group" | "channels";
  readonly view: readonly [n: number, c: number, p: number];
  /** Of "group": between 1, and as many as channels. */
  readonly groups: number;
}

/** The number of sets. */
export function setCount({ over, view: [n, c, p], groups }: Sets): number {
  return over === "batch" ? c : over === "group" ? n * groups : n * p;
}

/** The number of elements of a set. */
export function setSize(sets: Sets): number {
  return elementCount(sets.view) / setCount(sets);
}

/** 1 / the number of elements of a set, or 0 if the statistics are fixed. */
export const shareOf = (attributes: NormAttributes) =>
  attributes.isFixed ? 0 : 1 / setSize(attributes);

/** Whether the channels of a view are those of an image [N,C,H,W], in which each has one set. */
export function isPlanes({ over, view: [n, c] }: Sets, x: Tensor): boolean {
  return over !== "channels" && x.layout === "image" && n === x.shape[0] && c === x.shape[1];
}

/** Whether a set is what an image [N,C,H,W] has at one pixel. */
export function isPixels({ over, view: [n, c] }: Sets, x: Tensor): boolean {
  return over === "channels" && x.layout === "image" && n === x.shape[0] && c === x.shape[1];
}

/**
 * The same sets, of whole planes of an image if they are: the norm of [C,H,W] or [H,W] is a group norm
 * for its statistics, whose kernels are faster.
 */
export function planeSets(x: Tensor, sets: Sets): Sets {
  const [n, c, h, w] = x.shape;
  const [, size, pixels] = sets.view;
  if (x.layout === "dense" || sets.over !== "channels" || pixels > 1) return sets;
  if (size !== c * h * w && size !== h * w) return sets;
  return { over: "group", view: [n, c, h * w], groups: size === h * w ? c : 1 };
}

/** How statistics are computed. */
export interface StatisticsAttributes extends Sets {
  /** Added to the variance. */
  readonly epsilon: number;
}

/** How a norm is applied. */
export interface NormAttributes extends Sets {
  readonly hasGain: boolean;
  readonly hasBias: boolean;
  /** What negative results are multiplied by: 1 without activation, 0 for a ReLU. */
  readonly slope: number;
  /** Whether the statistics do not depend on x, as in prediction with running averages. */
  readonly isFixed: boolean;
}

/** The uniforms of shaders that apply a norm. */
export function normUniforms({ attributes }: Pick<Node<NormAttributes>, "attributes">) {
  const { hasGain, hasBias, slope } = attributes;
  return { hasGain: Number(hasGain), hasBias: Number(hasBias), slope };
}
