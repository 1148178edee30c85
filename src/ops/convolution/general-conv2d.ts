// 2D convolution with every option: what the op of the built-in networks computes is left to it and
// its tuned kernels.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { apply } from "../../graph/op.js";
import { expectImage, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { type Activation, conv2d as plainConv2d } from "../conv2d/conv2d.js";
import { cropConcat } from "../crop/crop-concat.js";
import { pad } from "../rearrange/pad.js";
import { toImage } from "../rearrange/reshape.js";
import { expectKernel, extent, type Pair, pairOf } from "./convolution-attributes.js";
import { convolutionOp } from "./convolution-ops.js";

/** Rows and columns on each side of an image. */
export type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** Contents of the padding: zeros, or the image mirrored, its edge repeated, or the other side. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** How a convolution is computed. */
export interface Conv2dOptions {
  /** Pixels between the windows of neighbouring output pixels, or [y, x]. By default 1. */
  readonly stride?: number | Pair | undefined;
  /** Pixels between neighbouring taps of the kernel, or [y, x]. By default 1. */
  readonly dilation?: number | Pair | undefined;
  /**
   * Groups of channels, by default 1. Output channel o reads the I / groups input channels of its
   * group; with as many groups as input channels the convolution is depthwise.
   */
  readonly groups?: number | undefined;
  /**
   * Pixels around the input: one number for all sides, or [top, left, bottom, right]. "valid", the
   * default, adds none. "same" adds so many that the output has ceil(size / stride) pixels; if
   * their number is odd, one more at the bottom and at the right (ONNX's SAME_UPPER).
   */
  readonly padding?: "valid" | "same" | number | Sides | undefined;
  /** What the padding is made of. "zeros" when left out. */
  readonly paddingMode?: PaddingMode | undefined;
  /** "none" when left out. */
  readonly activation?: Activation | undefined;
  /**
   * A skip connection [N,S,HS,WS]. Its centre, cropped to the size of x, precedes the channels of
   * x, as with `cropConcat`. The weight has S + I input channels.
   */
  readonly skip?: Tensor | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<Conv2dOptions> = {
  stride: 1,
  dilation: 1,
  groups: 1,
  padding: 1,
  paddingMode: 1,
  activation: 1,
  skip: 1,
  name: 1,
};
const MODES: readonly PaddingMode[] = ["zeros", "reflect", "replicate", "circular"];
const ACTIVATIONS: readonly Activation[] = ["none", "relu"];

/**
 * Convolution (cross-correlation). Input [N,I,H,W], weight [O,I/groups,KH,KW] of any size, bias [O]
 * -> [N,O,H',W'], H' = floor((H + top + bottom - dilation (KH - 1) - 1) / stride) + 1. The result is
 * an image; a dense input becomes one. Throws a `ShapeError` if the shapes do not fit.
 */
export function conv2d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor {
  expectTensor("conv2d", "input", input);
  expectTensor("conv2d", "weight", weight);
  expectKernel("conv2d", weight);
  if (bias !== undefined && typeof bias === "object" && !("shape" in bias)) {
    throw new ShapeError(
      `conv2d: the third argument must be the bias, a tensor or undefined, got ${kindOf(bias)}: options come after it`,
    );
  }
  checkKeys("conv2d", options, OPTIONS);
  const { groups = 1, activation = "none", paddingMode = "zeros", skip } = options;
  const name = options.name ?? "conv2d";
  checkWord("conv2d: the activation", activation, ACTIVATIONS);
  checkWord("conv2d: the paddingMode", paddingMode, MODES);
  const stride = pairOf("conv2d", "stride", options.stride ?? 1, 1);
  const dilation = pairOf("conv2d", "dilation", options.dilation ?? 1, 1);
  if (input.shape.length !== 4) expectImage("conv2d", "input", input);
  const x = input.layout === "dense" ? toImage(input, `${name}: image`) : input;
  const [height, width] = weight.shape.slice(2);
  const sides = sidesOf(options.padding ?? "valid", x, [height, width], stride, dilation);
  const isPlain = groups === 1 && [...stride, ...dilation].every((size) => size === 1);
  const isTuned = isPlain && height === width && height % 2 === 1;
  const isEven = sides.every((side) => side === sides[0]);
  const isPadded = sides.some((side) => side > 0);
  if (isTuned && isEven && (paddingMode === "zeros" || !isPadded)) {
    return plainConv2d(x, weight, bias, { padding: sides[0], activation, skip, name });
  }
  const whole = skip ? cropConcat(skip, x, `${name}: skip`) : x;
  if (isTuned || (isPadded && paddingMode !== "zeros")) {
    const mode = paddingMode === "zeros" ? "zero" : paddingMode;
    const padded = pad(whole, sides, { mode, name: `${name}: padding` });
    const rest = { ...options, padding: 0, paddingMode: "zeros", skip: undefined } as const;
    return conv2d(padded, weight, bias, rest);
  }
  const size = outputSize(x, weight, sides, stride, dilation);
  const before: Pair = [sides[0], sides[1]];
  const attributes = { stride, dilation, before, groups, size, activation, bias: !!bias };
  const inputs = bias ? [whole, weight, bias] : [whole, weight];
  return apply(convolutionOp, inputs, attributes, name)[0];
}

/** Returns the padding as pixels on each side. */
function sidesOf(
  padding: NonNullable<Conv2dOptions["padding"]>,
  { shape: [, , ...size] }: Tensor,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): Sides {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const [down, across] = ([0, 1] as const).map((axis) => {
      const outs = Math.ceil(size[axis] / stride[axis]);
      const covered = (outs - 1) * stride[axis] + extent(kernel[axis], dilation[axis]);
      return Math.max(0, covered - size[axis]);
    });
    return [down >> 1, across >> 1, (down + 1) >> 1, (across + 1) >> 1];
  }
  const sides = Array.isArray(padding) ? padding : [padding, padding, padding, padding];
  if (sides.length === 4 && sides.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    return sides as unknown as Sides;
  }
  const got = Array.isArray(padding) ? JSON.stringify(padding) : kindOf(padding);
  throw new ShapeError(
    'conv2d: the padding must be "valid", "same", a whole number from 0, or four of them ' +
      `[top, left, bottom, right], got ${got}`,
  );
}

function paddedSize({ shape: [, , h, w] }: Tensor, [top, left, bottom, right]: Sides) {
  return { height: h + top + bottom, width: w + left + right };
}

function outputSize(x: Tensor, weight: Tensor, sides: Sides, stride: Pair, dilation: Pair): Pair {
  const { height, width } = paddedSize(x, sides);
  const along = (padded: number, axis: 0 | 1) =>
    Math.floor((padded - extent(weight.shape[axis + 2], dilation[axis])) / stride[axis]) + 1;
  const size: Pair = [along(height, 0), along(width, 1)];
  if (size.every((pixels) => pixels >= 1)) return size;
  throw new ShapeError(
    `conv2d: a kernel of ${weight.shape[2]}x${weight.shape[3]} with dilation ${dilation} does not fit into ` +
      `${height}x${width} pixels, padding included (input ${text(x.shape)}, weight ${text(weight.shape)})`,
  );
}
