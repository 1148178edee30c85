// Transposed 2D convolution with every option of PyTorch's.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { apply } from "../../graph/op.js";
import { expectImage, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import type { Activation } from "../conv2d/conv2d.js";
import { relu } from "../elementwise/relu.js";
import { toImage } from "../rearrange/reshape.js";
import { upConv2d } from "../up-conv2d/up-conv2d.js";
import { expectConvolution, extent, type Pair, pairOf } from "./convolution-attributes.js";
import { convolutionTransposeOp } from "./convolution-ops.js";

/** How a transposed convolution is computed. */
export interface ConvTranspose2dOptions {
  /** Pixels of the output between the windows of neighbouring input pixels, or [y, x]. By default 1. */
  readonly stride?: number | Pair | undefined;
  /** Pixels between neighbouring taps of the kernel, or [y, x]. By default 1. */
  readonly dilation?: number | Pair | undefined;
  /** Rows and columns cut from each side of the output, or [y, x]. By default 0. */
  readonly padding?: number | Pair | undefined;
  /**
   * Rows and columns added at the bottom and at the right, or [y, x]; smaller than the stride or
   * the dilation. By default 0.
   */
  readonly outputPadding?: number | Pair | undefined;
  /** Groups of channels, by default 1. */
  readonly groups?: number | undefined;
  /** "none" when left out. */
  readonly activation?: Activation | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OP = "convTranspose2d";
const OPTIONS: Keys<ConvTranspose2dOptions> = {
  stride: 1,
  dilation: 1,
  padding: 1,
  outputPadding: 1,
  groups: 1,
  activation: 1,
  name: 1,
};

/**
 * Transposed convolution, with the semantics of PyTorch's. Input [N,I,H,W], weight
 * [I,O/groups,KH,KW], bias [O] -> [N,O,H',W'],
 * H' = (H - 1) stride - 2 padding + dilation (KH - 1) + outputPadding + 1. The result is an image; a
 * dense input becomes one. Throws a `ShapeError` if the shapes do not fit.
 */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTranspose2dOptions = {},
): Tensor {
  expectTensor(OP, "input", input);
  expectTensor(OP, "weight", weight);
  if (bias !== undefined) expectTensor(OP, "bias", bias);
  checkKeys(OP, options, OPTIONS);
  const { groups = 1, activation = "none", name = OP } = options;
  checkWord(`${OP}: the activation`, activation, ["none", "relu"]);
  const stride = pairOf(OP, "stride", options.stride ?? 1, 1);
  const dilation = pairOf(OP, "dilation", options.dilation ?? 1, 1);
  const before = pairOf(OP, "padding", options.padding ?? 0, 0);
  const more = pairOf(OP, "outputPadding", options.outputPadding ?? 0, 0);
  for (const axis of [0, 1] as const) {
    if (more[axis] < Math.max(stride[axis], dilation[axis])) continue;
    throw new ShapeError(
      `${OP}: the outputPadding must be smaller than the stride or the dilation, got ${more[axis]} with ` +
        `stride ${stride[axis]} and dilation ${dilation[axis]}`,
    );
  }
  if (input.shape.length !== 4) expectImage(OP, "input", input);
  const x = input.layout === "dense" ? toImage(input, `${name}: image`) : input;
  expectConvolution(OP, { inputs: bias ? [x, weight, bias] : [x, weight], groups, outs: "second" });
  const plain = plainUpConv(x, weight, bias, { stride, dilation, before, more, groups, name });
  if (plain) return activation === "relu" ? relu(plain, `${name}: relu`) : plain;
  const along = (axis: 0 | 1) =>
    (x.shape[axis + 2] - 1) * stride[axis] -
    2 * before[axis] +
    extent(weight.shape[axis + 2], dilation[axis]) +
    more[axis];
  const size: Pair = [along(0), along(1)];
  if (!size.every((pixels) => pixels >= 1)) {
    throw new ShapeError(
      `${OP}: a padding of ${before} leaves nothing of ${text(x.shape)} with a weight ${text(weight.shape)} and stride ${stride}`,
    );
  }
  const attributes = { stride, dilation, before, groups, size, activation, bias: !!bias };
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return apply(convolutionTransposeOp, inputs, attributes, name)[0];
}

interface Sizes {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly before: Pair;
  readonly more: Pair;
  readonly groups: number;
  readonly name: string;
}

/**
 * Returns the node of the op that the built-in networks use: 2x2 with stride 2, whose kernels are
 * tuned. Undefined for everything else.
 */
function plainUpConv(x: Tensor, weight: Tensor, bias: Tensor | undefined, sizes: Sizes) {
  const { stride, dilation, before, more, groups, name } = sizes;
  const isTwo = [...stride, ...weight.shape.slice(2)].every((size) => size === 2);
  const hasMore = [...before, ...more].some((pixels) => pixels > 0);
  if (!isTwo || hasMore || groups !== 1 || dilation.some((size) => size !== 1)) return undefined;
  return upConv2d(x, weight, bias, name);
}
