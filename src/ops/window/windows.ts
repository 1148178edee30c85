// The windows of poolings: their options, and the numbers that the kernels need.

import { kindOf } from "../../arguments/numbers.js";
import { imageSizes } from "../../graph/layout.js";
import type { Rows } from "../../graph/op.js";
import { expectImage, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { extent, type Pair, pairOf } from "../convolution/convolution-attributes.js";
import type { Sides } from "../convolution/general-conv2d.js";

/** Options of the windows of a pooling. */
export interface WindowOptions {
  /** Rows and columns of a window. */
  readonly kernel: number | Pair;
  /** Distance of windows. By default the kernel: they do not overlap. */
  readonly stride?: number | Pair | undefined;
  /**
   * Rows and columns around the image: a number, [top, left, bottom, right], "valid" (the default) for
   * none, or "same" for so many that the result has ceil(size / stride) pixels.
   */
  readonly padding?: "valid" | "same" | number | Sides | undefined;
  /** Distance of the pixels in a window. By default 1. */
  readonly dilation?: number | Pair | undefined;
  /** Whether a last window may extend past the padded image. By default not. */
  readonly ceilMode?: boolean | undefined;
}

/** The windows along one axis. */
export interface AxisWindows {
  /** Pixels of the input. */
  readonly size: number;
  /** Number of windows. */
  readonly count: number;
  /** Taps of a window; of adaptive ones the most. */
  readonly kernel: number;
  /** 0: adaptive windows, from i * size / count to (i + 1) * size / count, rounded outwards. */
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** The windows of rows and of columns. Throws for options that give none. */
export function windowsOf(
  op: string,
  x: Tensor,
  options: WindowOptions,
): readonly [AxisWindows, AxisWindows] {
  expectTensor(op, "input", x);
  expectImage(op, "input", x);
  const { kernel, stride = kernel, padding = "valid", dilation = 1, ceilMode = false } = options;
  const kernels = pairOf(op, "kernel", kernel, 1);
  const strides = pairOf(op, "stride", stride, 1);
  const dilations = pairOf(op, "dilation", dilation, 1);
  const spans = kernels.map((taps, i) => extent(taps, dilations[i]));
  const border = sidesOf(op, padding, x.shape.slice(2), spans, strides);
  const axis = (i: 0 | 1): AxisWindows => {
    const [before, after] = [border[i], border[i + 2]];
    const size = x.shape[2 + i];
    const room = size + before + after - spans[i];
    let count = (ceilMode ? Math.ceil : Math.floor)(room / strides[i]) + 1;
    // The last window must begin in the image or in the padding before it (PyTorch, ONNX).
    if (ceilMode && (count - 1) * strides[i] >= size + before) count--;
    const windows = {
      size,
      count,
      kernel: kernels[i],
      stride: strides[i],
      dilation: dilations[i],
      before,
      after,
    };
    if (room < 0 || hasEmpty(windows)) {
      throw new ShapeError(
        `${op}: windows of ${kernels.join(" x ")} pixels at distance ${dilations.join(" x ")} with padding ` +
          `[${border}] do not fit ${text(x.shape)}: each must hold a pixel`,
      );
    }
    return windows;
  };
  return [axis(0), axis(1)];
}

/** Windows that cut an axis into `count` parts of about equal size. */
export function adaptiveWindows(size: number, count: number): AxisWindows {
  const widths = Array.from(
    { length: count },
    (_, i) => adaptiveEnd(size, count, i) - Math.floor((i * size) / count),
  );
  return { size, count, kernel: Math.max(...widths), stride: 0, dilation: 1, before: 0, after: 0 };
}

const adaptiveEnd = (size: number, count: number, i: number) => Math.ceil(((i + 1) * size) / count);

/** Whether a window holds no pixel of the image. */
function hasEmpty({ size, count, kernel, stride, dilation, before }: AxisWindows): boolean {
  return Array.from({ length: count }, (_, i) => i * stride - before).some((start) => {
    const first = Math.ceil(Math.max(0, -start) / dilation);
    return first >= kernel || start + first * dilation >= size;
  });
}

/** Returns the padding as [top, left, bottom, right]. */
function sidesOf(
  op: string,
  padding: NonNullable<WindowOptions["padding"]>,
  pixels: readonly number[],
  spans: readonly number[],
  stride: Pair,
): Sides {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const [down, across] = pixels.map((size, i) => {
      const covered = (Math.ceil(size / stride[i]) - 1) * stride[i] + spans[i];
      return Math.max(0, covered - size);
    });
    return [down >> 1, across >> 1, (down + 1) >> 1, (across + 1) >> 1];
  }
  const sides = Array.isArray(padding) ? padding : [padding, padding, padding, padding];
  if (sides.length === 4 && sides.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    return sides as unknown as Sides;
  }
  throw new ShapeError(
    `${op}: padding must be "valid", "same", a whole number from 0, or [top, left, bottom, right], got ` +
      kindOf(padding),
  );
}

/** The uniforms of both kernels. `isPaddingCounted` is of means only. */
export function windowUniforms(
  x: Tensor,
  y: Tensor,
  [rows, columns]: readonly [AxisWindows, AxisWindows],
  isPaddingCounted: boolean,
) {
  const [from, to] = [imageSizes(x), imageSizes(y)];
  return {
    channels: from.c,
    inHeight: from.h,
    inWidth: from.w,
    inBlocks: from.blocks,
    outHeight: to.h,
    outWidth: to.w,
    outBlocks: to.blocks,
    kernelHeight: rows.kernel,
    kernelWidth: columns.kernel,
    strideY: rows.stride,
    strideX: columns.stride,
    dilationY: rows.dilation,
    dilationX: columns.dilation,
    top: rows.before,
    left: columns.before,
    countedHeight: isPaddingCounted ? rows.size + rows.after : 0,
    countedWidth: isPaddingCounted ? columns.size + columns.after : 0,
  };
}

/** The rows that rows of a pooling depend on, or columns that columns do if that is more. */
export function pooledRows(name: string, axes: readonly AxisWindows[], [first, last]: Rows): Rows {
  const spans = axes.map(({ stride, before, dilation, kernel }): Rows => {
    if (stride === 0) throw new Error(`${name}: adaptive and global poolings see the whole image`);
    return [first * stride - before, last * stride - before + dilation * (kernel - 1)];
  });
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))];
}

/** How many windows may hold a pixel, along one axis. */
export function windowsPerPixel({ size, count, kernel, stride, dilation }: AxisWindows): number {
  if (stride === 0) return Math.ceil(count / size) + 1;
  return Math.floor((extent(kernel, dilation) - 1) / stride) + 1;
}
