// Ops of the engine as nodes of ONNX. Sizes of images do not occur in them: crops are counted from the edges.

import type { Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import { writeFormula } from "./formula-writers.js";
import type { NodeWriter } from "./node-writer.js";
import { batchNorm, writeNorm } from "./norm-writers.js";

/** Writes a node; returns the name of its result, or nothing for one that its readers write. */
type Write = (node: Node, names: (tensor: Tensor) => string, w: NodeWriter) => string | undefined;

const heightOf = ({ shape }: Tensor) => shape[2];

/** The centre of a skip connection, and what follows it. */
function concatOf(skip: Tensor, x: Tensor, names: (tensor: Tensor) => string, w: NodeWriter) {
  const cut = heightOf(skip) - heightOf(x);
  const top = cut >> 1;
  const cropped = w.crop(names(skip), { top, bottom: cut - top });
  return w.add("Concat", [cropped, names(x)], { axis: 1 });
}

interface Folded {
  readonly transposed: boolean;
  readonly epsilon: number;
  readonly hasBias: boolean;
  readonly hasGain: boolean;
  readonly hasShift: boolean;
}

/** A convolution by these attributes; the norm that was folded into its weight is written after it. */
function convolution(
  operator: "Conv" | "ConvTranspose",
  x: string,
  { weight, bias }: { readonly weight: Tensor; readonly bias: Tensor | undefined },
  attributes: Readonly<Record<string, number | readonly number[]>>,
  names: (tensor: Tensor) => string,
  w: NodeWriter,
): string {
  const { node: folded } = weight;
  if (folded?.op.name !== "fold-norm") {
    return w.add(operator, [x, names(weight), ...(bias ? [names(bias)] : [])], attributes);
  }
  const { epsilon, hasBias, hasGain, hasShift } = folded.attributes as unknown as Folded;
  const [own, ownBias, gain, shift, mean, variance] = folded.inputs;
  const y = w.add(operator, [x, names(own), ...(hasBias ? [names(ownBias)] : [])], attributes);
  const norm = [hasGain ? names(gain) : undefined, hasShift ? names(shift) : undefined];
  const [channels] = mean.shape;
  return batchNorm(y, [...norm, names(mean), names(variance)], { epsilon, channels }, w);
}

const activated = (y: string, activation: "none" | "relu", w: NodeWriter) =>
  activation === "relu" ? w.add("Relu", [y]) : y;

interface GeneralConvolution {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly groups: number;
  readonly size: readonly number[];
  readonly activation: "none" | "relu";
  readonly bias: boolean;
}

function generalConvolution(node: Node, names: (tensor: Tensor) => string, w: NodeWriter): string {
  const { stride, dilation, before, groups, size, activation, bias } =
    node.attributes as unknown as GeneralConvolution;
  const [x, weight, shift] = node.inputs;
  const kernel = weight.shape.slice(2);
  const after = size.map((count, i) => {
    const span = (kernel[i] - 1) * dilation[i] + 1;
    return (count - 1) * stride[i] + span - x.shape[2 + i] - before[i];
  });
  // Windows that leave over pixels leave them over without padding too.
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    group: groups,
    pads: [...before, ...after.map((pixels) => Math.max(0, pixels))],
  };
  const given = { weight, bias: bias ? shift : undefined };
  return activated(convolution("Conv", names(x), given, attributes, names, w), activation, w);
}

interface ResizedAxis {
  readonly size: number;
  readonly count: number;
  readonly ratio: number;
  readonly coordinates: string;
  readonly rounding?: string | undefined;
}

function resize(node: Node, names: (tensor: Tensor) => string, w: NodeWriter): string {
  const { rows, columns } = node.attributes as unknown as Record<"rows" | "columns", ResizedAxis>;
  const { coordinates, rounding } = rows;
  // With aligned corners the ratio is that of the distances between corners.
  const scaleOf = ({ size, count, ratio }: ResizedAxis) =>
    coordinates === "align-corners" ? count / size : 1 / ratio;
  const scales = w.floats(1, 1, scaleOf(rows), scaleOf(columns));
  return w.add("Resize", [names(node.inputs[0]), "", scales], {
    mode: rounding ? "nearest" : "linear",
    coordinate_transformation_mode: coordinates.replaceAll("-", "_"),
    ...(rounding && { nearest_mode: rounding.replaceAll("-", "_") }),
  });
}

interface Windows {
  readonly kind: "max" | "mean";
  readonly windows: readonly {
    readonly kernel: number;
    readonly stride: number;
    readonly dilation: number;
    readonly before: number;
    readonly after: number;
  }[];
  readonly isPaddingCounted: boolean;
}

function pool(node: Node, names: (tensor: Tensor) => string, w: NodeWriter): string {
  const { kind, windows, isPaddingCounted } = node.attributes as unknown as Windows;
  const all = (key: "kernel" | "stride" | "dilation" | "before" | "after") =>
    windows.map((one) => one[key]);
  if (all("stride").includes(0) || (kind === "mean" && all("dilation").some((one) => one > 1))) {
    throw new Error(`${node.name}: a pooling to a fixed size, or a dilated mean, is not written`);
  }
  const attributes = {
    kernel_shape: all("kernel"),
    strides: all("stride"),
    pads: [...all("before"), ...all("after")],
  };
  const x = [names(node.inputs[0])];
  if (kind === "max") return w.add("MaxPool", x, { ...attributes, dilations: all("dilation") });
  const count = { count_include_pad: Number(isPaddingCounted) };
  return w.add("AveragePool", x, { ...attributes, ...count });
}

/** The ops that have a form in ONNX. */
export const OP_WRITERS: Readonly<Record<string, Write>> = {
  add: ({ inputs: [a, b] }, names, w) => w.add("Add", [names(a), names(b)]),
  concat: ({ inputs, attributes }, names, w) =>
    w.add("Concat", inputs.map(names), { axis: (attributes as { axis: number }).axis }),
  conv2d(node, names, w) {
    const { border, activation, bias, skip } = node.attributes as {
      border: number;
      activation: "none" | "relu";
      bias?: boolean;
      skip?: boolean;
    };
    const [x, weight, ...rest] = node.inputs;
    const shift = bias ? rest.shift() : undefined;
    const joined = skip ? concatOf(rest[0], x, names, w) : names(x);
    const [, , kernel] = weight.shape;
    const attributes = { kernel_shape: [kernel, kernel], pads: [border, border, border, border] };
    const y = convolution("Conv", joined, { weight, bias: shift }, attributes, names, w);
    return activated(y, activation, w);
  },
  convolution: generalConvolution,
  "crop-concat": ({ inputs: [skip, x] }, names, w) => concatOf(skip, x, names, w),
  crop2d({ inputs: [x], outputs: [y], attributes, name }, names, w) {
    const { top, left, first } = attributes as { top: number; left: number; first: number };
    const bottom = heightOf(x) - top - heightOf(y);
    const right = x.shape[3] - left - y.shape[3];
    if (top !== left || bottom !== right || first !== 0 || x.shape[1] !== y.shape[1]) {
      throw new Error(`${name}: a crop of channels, or one that is not square, is not written`);
    }
    if (top >= 0 && bottom >= 0) return w.crop(names(x), { top, bottom });
    if (top > 0 || bottom > 0) throw new Error(`${name}: a crop with padding is not written`);
    const pads = w.list(0, 0, -top, -left, 0, 0, -bottom, -right);
    return w.add("Pad", [names(x), pads], { mode: "constant" });
  },
  expression: writeFormula,
  "fold-norm": () => undefined,
  "max-pool2d": ({ inputs: [x] }, names, w) =>
    w.add("MaxPool", [names(x)], { kernel_shape: [2, 2], strides: [2, 2] }),
  norm: writeNorm,
  "norm-statistics": () => undefined,
  pool2d: pool,
  relu: ({ inputs: [x] }, names, w) => w.add("Relu", [names(x)]),
  resize,
  "running-statistics": () => undefined,
  "up-conv2d": ({ inputs: [x, weight, bias] }, names, w) => {
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    return convolution("ConvTranspose", names(x), { weight, bias }, attributes, names, w);
  },
  "up-conv2d-strided": ({ inputs: [x, weight], attributes }, names, w) => {
    const { stride, padding } = attributes as { stride: number; padding: number };
    const [, , kernel] = weight.shape;
    return convolution(
      "ConvTranspose",
      names(x),
      { weight, bias: undefined },
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [padding, padding, padding, padding],
      },
      names,
      w,
    );
  },
};
