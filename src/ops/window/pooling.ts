// Max and mean pooling with any windows. maxPool2d of 2x2 windows is the op of the U-Net.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { expectImage, expectTensor, type Tensor } from "../../graph/tensor.js";
import { type Pair, pairOf } from "../convolution/convolution-attributes.js";
import { maxPool2d as maxPool2x2 } from "../pool/max-pool2d.js";
import { pool } from "./pool2d.js";
import { type AxisWindows, adaptiveWindows, type WindowOptions, windowsOf } from "./windows.js";

/** Options of `maxPool2d`. */
export interface MaxPool2dOptions extends WindowOptions {
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

/** Options of `avgPool2d`. */
export interface AvgPool2dOptions extends WindowOptions {
  /** Whether zeros of the padding count for the mean. By default they do (PyTorch). */
  readonly countIncludePad?: boolean | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const WINDOW: Keys<WindowOptions> = { kernel: 1, stride: 1, padding: 1, dilation: 1, ceilMode: 1 };
const MAX: Keys<MaxPool2dOptions> = { ...WINDOW, name: 1 };
const AVG: Keys<AvgPool2dOptions> = { ...WINDOW, countIncludePad: 1, name: 1 };

/**
 * The largest pixel of each window: x [N,C,H,W] -> [N,C,H',W'], with
 * H' = floor((H + top + bottom - dilation * (kernel - 1) - 1) / stride) + 1 (PyTorch's max_pool2d, ONNX
 * MaxPool). Padding is never the largest. If pixels are equal, the first in row order gets the
 * gradient. Without options, or with a name in their place, it pools 2x2.
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions | string = { kernel: 2 }): Tensor {
  if (typeof options === "string") return maxPool2x2(x, options);
  checkKeys("maxPool2d", options, MAX);
  const windows = windowsOf("maxPool2d", x, options);
  const { name } = options;
  if (windows.every(isPair)) return maxPool2x2(x, name);
  return pool(x, { kind: "max", windows, isPaddingCounted: false }, name ?? "maxPool2d");
}

/** Whether the windows are pairs that leave over at most one pixel. */
const isPair = ({ size, count, kernel, stride, dilation, before }: AxisWindows) =>
  kernel === 2 && stride === 2 && dilation === 1 && before === 0 && count === size >> 1;

/**
 * The mean of each window: x [N,C,H,W] -> [N,C,H',W'], sizes as in `maxPool2d` (PyTorch's
 * avg_pool2d, ONNX AveragePool).
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  checkKeys("avgPool2d", options, AVG);
  const windows = windowsOf("avgPool2d", x, options);
  const { countIncludePad = true, name = "avgPool2d" } = options;
  return pool(x, { kind: "mean", windows, isPaddingCounted: countIncludePad }, name);
}

/** The mean of each channel: x [N,C,H,W] -> [N,C,1,1]. */
export function globalAvgPool2d(x: Tensor, name = "globalAvgPool2d"): Tensor {
  return adaptive("globalAvgPool2d", x, "mean", 1, name);
}

/** The largest pixel of each channel: x [N,C,H,W] -> [N,C,1,1]. */
export function globalMaxPool2d(x: Tensor, name = "globalMaxPool2d"): Tensor {
  return adaptive("globalMaxPool2d", x, "max", 1, name);
}

/** Means of windows that divide the image into `size` (PyTorch's adaptive_avg_pool2d). */
export function adaptiveAvgPool2d(
  x: Tensor,
  size: number | Pair,
  name = "adaptiveAvgPool2d",
): Tensor {
  return adaptive("adaptiveAvgPool2d", x, "mean", size, name);
}

/** The largest pixels of such windows (PyTorch's adaptive_max_pool2d). */
export function adaptiveMaxPool2d(
  x: Tensor,
  size: number | Pair,
  name = "adaptiveMaxPool2d",
): Tensor {
  return adaptive("adaptiveMaxPool2d", x, "max", size, name);
}

function adaptive(
  op: string,
  x: Tensor,
  kind: "max" | "mean",
  size: number | Pair,
  name: string,
): Tensor {
  expectTensor(op, "input", x);
  expectImage(op, "input", x);
  const [rows, columns] = pairOf(op, "size", size, 1);
  const windows = [
    adaptiveWindows(x.shape[2], rows),
    adaptiveWindows(x.shape[3], columns),
  ] as const;
  return pool(x, { kind, windows, isPaddingCounted: false }, name);
}
