// The ops of all norms: y = activation((x - mean) / sqrt(variance + epsilon) * gain + bias). They
// differ only in the sets of elements that share a mean and a variance (norm-sets.ts).

import { apply, type Op } from "../../graph/op.js";
import {
  elementCount,
  expectDense,
  ShapeError,
  sameShape,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { anyGradient, anyGradientSums, anyNorm, anyStatistics } from "./norm-any.js";
import { pixelsGradient, pixelsGradientSums, pixelsNorm, pixelsStatistics } from "./norm-pixels.js";
import { planesGradient, planesGradientSums, planesNorm, planesStatistics } from "./norm-planes.js";
import { type NormAttributes, type StatisticsAttributes, setCount } from "./norm-sets.js";

/**
 * x -> the statistics [sets,2] that `normOp` reads, (mean, 1 / sqrt(variance + epsilon)); mean
 * [sets]; and the unbiased variance [sets].
 */
export const normStatisticsOp: Op<StatisticsAttributes> = {
  name: "norm-statistics",
  outputs([x], attributes) {
    if (elementCount(attributes.view) !== elementCount(x.shape)) {
      throw new ShapeError(
        `norm-statistics: the view ${text(attributes.view)} is not that of ${text(x.shape)}`,
      );
    }
    const sets = setCount(attributes);
    return [[sets, 2], [sets], [sets]].map((shape) => ({ shape, layout: "dense" }));
  },
  seesWholeImage: ({ inputs: [x], attributes: { over, view } }) =>
    x.layout === "image" && !(over === "channels" && view[2] === x.shape[2] * x.shape[3]),
  kernels: [planesStatistics, pixelsStatistics, anyStatistics],
};

/**
 * Inputs x, statistics [sets,2], gain and bias, each with a value per channel of the view, or the
 * constant ABSENT; output y, like x. The gradient is that of the whole norm, with the statistics.
 */
export const normOp: Op<NormAttributes> = {
  name: "norm",
  outputs([x, stats, gain, bias], attributes) {
    expectDense("norm", "statistics", stats, [setCount(attributes), 2]);
    const { view, hasGain, hasBias } = attributes;
    for (const [what, tensor, isThere] of [
      ["gain", gain, hasGain],
      ["bias", bias, hasBias],
    ] as const) {
      if (!isThere || (tensor.layout === "dense" && elementCount(tensor.shape) === view[1]))
        continue;
      throw new ShapeError(
        `norm: ${what} must be dense with ${view[1]} elements, got ${tensor.layout} ${text(tensor.shape)}`,
      );
    }
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient({ inputs, attributes, name }, [dy]) {
    if (!dy) return [];
    const [x, stats, gain, bias] = inputs;
    const { hasGain, hasBias } = attributes;
    const what = `${name} gradient`;
    const sums = apply(normGradientSumsOp, [...inputs, dy], attributes, `${what}: sums`);
    const [totals, dgain, dbias] = sums;
    const [dx] = apply(normGradientOp, [x, stats, gain, bias, dy, totals], attributes, what);
    return [dx, undefined, hasGain ? dgain : undefined, hasBias ? dbias : undefined];
  },
  receptiveField: ({ inputs: [x] }, rows) => [[x, rows]],
  words: ({ attributes: { over, groups, view, isFixed } }) =>
    isFixed || over === "batch"
      ? "batch norm"
      : over === "channels" || groups === 1
        ? "layer norm"
        : groups === view[1]
          ? "instance norm"
          : `group norm, ${groups} groups`,
  kernels: [planesNorm, pixelsNorm, anyNorm],
};

/**
 * Inputs those of `normOp` and dy; outputs the totals [sets,2] that `normGradientOp` reads, and the
 * gradients of gain and bias, shaped like them.
 */
export const normGradientSumsOp: Op<NormAttributes> = {
  name: "norm-gradient-sums",
  outputs([x, , gain, bias, dy], attributes) {
    expectLike(x, dy);
    const { hasGain, hasBias, view } = attributes;
    const shapes = [
      [setCount(attributes), 2],
      hasGain ? gain.shape : [view[1]],
      hasBias ? bias.shape : [view[1]],
    ];
    return shapes.map((shape) => ({ shape, layout: "dense" }));
  },
  kernels: [planesGradientSums, pixelsGradientSums, anyGradientSums],
};

/** Inputs those of `normOp`, dy and totals; output the gradient of x. */
export const normGradientOp: Op<NormAttributes> = {
  name: "norm-gradient",
  outputs([x, , , , dy, totals], attributes) {
    expectLike(x, dy);
    expectDense("norm-gradient", "totals", totals, [setCount(attributes), 2]);
    return [{ shape: x.shape, layout: x.layout }];
  },
  kernels: [planesGradient, pixelsGradient, anyGradient],
};

function expectLike(x: Tensor, dy: Tensor): void {
  if (sameShape(x, dy)) return;
  throw new ShapeError(
    `norm-gradient: the shapes differ: ${x.layout} ${text(x.shape)} and ${dy.layout} ${text(dy.shape)}`,
  );
}
