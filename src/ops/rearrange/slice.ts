// Parts of a tensor along its axes, and mirrored axes.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { axesOf, axisOf } from "../common/axes.js";
import { gather } from "./gather.js";

/** A range per axis. */
export interface SliceOptions {
  /** First positions; negative ones count from the end. */
  readonly starts: readonly number[];
  /** Positions before which to stop; negative ones count from the end. By default to the end. */
  readonly ends?: readonly number[] | undefined;
  /** The axes of the ranges, by default the first ones. Negative ones count from the end. */
  readonly axes?: readonly number[] | undefined;
  /** By default 1. Negative steps walk from `starts` down to, but not including, `ends`. */
  readonly steps?: readonly number[] | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<SliceOptions> = { starts: 1, ends: 1, axes: 1, steps: 1, name: 1 };

/**
 * Returns a part of a tensor, by ranges with steps along its axes (ONNX Slice, NumPy's x[a:b:step]).
 * Positions past the end are cut to it.
 */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  expectTensor("slice", "input", x);
  checkKeys("slice", options, OPTIONS);
  const { starts } = options;
  const axes = axesOf("slice", x, options.axes ?? starts?.map((_, axis) => axis));
  const steps = options.steps ?? axes.map(() => 1);
  const ends = options.ends ?? steps.map((step) => (step < 0 ? -Infinity : Infinity));
  for (const [what, list] of Object.entries({ starts, ends, steps })) {
    const isRight = Array.isArray(list) && list.length === axes.length;
    if (isRight && list.every((value) => Number.isInteger(value) || Math.abs(value) === Infinity))
      continue;
    throw new ShapeError(
      `slice: ${what} must be a list of ${axes.length} whole numbers, one per axis, got ${kindOf(list)}`,
    );
  }
  const maps = x.shape.map((size, axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? { count: size } : rangeOf(x, axis, starts[i], ends[i], steps[i]);
  });
  return gather(x, { words: "slice", maps }, options.name);
}

function rangeOf({ shape }: Tensor, axis: number, start: number, end: number, step: number) {
  const size = shape[axis];
  if (!Number.isInteger(step) || step === 0) {
    throw new ShapeError(`slice: steps must be whole numbers other than 0, got ${step}`);
  }
  const place = (value: number) => {
    const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
    return Math.min(most, Math.max(least, value < 0 ? value + size : value));
  };
  const offset = place(start);
  const count = Math.ceil((place(end) - offset) / step);
  if (count >= 1) return { count, step: count === 1 ? 1 : step, offset };
  throw new ShapeError(
    `slice: from ${start} to ${end} by ${step} there is nothing on axis ${axis} of ${text(shape)}`,
  );
}

/** Reverses axes, which may be negative. */
export function flip(x: Tensor, axes: readonly number[], name?: string): Tensor {
  expectTensor("flip", "input", x);
  const flipped = axesOf("flip", x, axes);
  const maps = x.shape.map((count, axis) =>
    flipped.includes(axis) && count > 1 ? { count, step: -1, offset: count - 1 } : { count },
  );
  return gather(x, { words: "flip", maps }, name);
}

/**
 * Cuts a tensor into parts along an axis: `parts` is a list of sizes that add up to the axis, or
 * the number of equal parts (ONNX Split).
 */
export function split(
  x: Tensor,
  parts: number | readonly number[],
  axis = 0,
  name?: string,
): Tensor[] {
  expectTensor("split", "input", x);
  const along = axisOf("split", x, axis);
  const size = x.shape[along];
  const sizes =
    typeof parts === "number" ? Array.from({ length: parts }, () => size / parts) : parts;
  const isValid =
    Array.isArray(sizes) && sizes.every((part) => Number.isInteger(part) && part >= 1);
  if (!isValid || sizes.reduce((sum, part) => sum + part, 0) !== size) {
    throw new ShapeError(
      `split: the parts must be whole numbers that add up to ${size}, axis ${along} of ${text(x.shape)}, ` +
        `or a number that divides it, got ${kindOf(parts)}`,
    );
  }
  let end = 0;
  return sizes.map((part, i) => {
    const offset = end;
    end += part;
    const maps = x.shape.map((count, other) =>
      other === along ? { count: part, offset } : { count },
    );
    return gather(x, { words: "split", maps }, name && `${name} ${i}`);
  });
}
