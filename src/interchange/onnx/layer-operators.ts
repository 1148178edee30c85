// The operators of ONNX that are layers of networks: convolutions, poolings, norms, products.

import type { Tensor } from "../../graph/tensor.js";
import * as ops from "../../operations.js";
import { type Call, type Operator, Unsupported } from "./operator-call.js";

type Pair = readonly [number, number];

/** [N,C,H,W]; a signal [N,C,L] is an image of one row. */
function imageOf(call: Call, i: number): Tensor {
  const x = call.tensor(i);
  if (x.shape.length > 4) throw new Unsupported("3-D");
  return x.shape.length === 4 ? x : ops.toImage(ops.unsqueeze(x, [2]));
}

/** A value for rows and one for columns; of a signal the rows have `usual`. */
function pair(call: Call, name: string, usual = 1): Pair {
  const list = call.list(name);
  if (!list) return [usual, usual];
  return list.length === 1 ? [usual, list[0]] : [list[0], list[1]];
}

/** [top, left, bottom, right], with the rule of "auto_pad". */
function sidesOf(call: Call, x: Tensor, spans: Pair, strides: Pair): ops.Sides {
  const auto = call.word("auto_pad", "NOTSET");
  if (auto === "VALID") return [0, 0, 0, 0];
  if (auto === "NOTSET") {
    const pads = call.list("pads") ?? [0, 0, 0, 0];
    return pads.length === 2 ? [0, pads[0], 0, pads[1]] : [pads[0], pads[1], pads[2], pads[3]];
  }
  const [rows, columns] = [0, 1].map((axis) => {
    const size = x.shape[2 + axis];
    const count = Math.ceil(size / strides[axis]);
    const total = Math.max(0, (count - 1) * strides[axis] + spans[axis] - size);
    const small = Math.floor(total / 2);
    return auto === "SAME_UPPER" ? [small, total - small] : [total - small, small];
  });
  return [rows[0], columns[0], rows[1], columns[1]];
}

const spansOf = (kernels: Pair, dilations: Pair): Pair => [
  (kernels[0] - 1) * dilations[0] + 1,
  (kernels[1] - 1) * dilations[1] + 1,
];

/** The result without the row that `imageOf` added. */
const asGiven = (call: Call, y: Tensor) =>
  call.tensor(0).shape.length === 3 ? ops.squeeze(y, [2]) : y;

function weightOf(call: Call): Tensor {
  const weight = call.dense(1);
  return weight.shape.length === 3 ? ops.unsqueeze(weight, [2]) : weight;
}

function conv(call: Call): Tensor {
  const [x, weight] = [imageOf(call, 0), weightOf(call)];
  const [stride, dilation] = [pair(call, "strides"), pair(call, "dilations")];
  const kernel: Pair = [weight.shape[2], weight.shape[3]];
  const padding = sidesOf(call, x, spansOf(kernel, dilation), stride);
  const groups = call.number("group", 1);
  const bias = call.has(2) ? call.dense(2) : undefined;
  return asGiven(call, ops.conv2d(x, weight, bias, { stride, dilation, groups, padding }));
}

function convTranspose(call: Call): Tensor {
  const [x, weight] = [imageOf(call, 0), weightOf(call)];
  const [stride, dilation] = [pair(call, "strides"), pair(call, "dilations")];
  const groups = call.number("group", 1);
  const bias = call.has(2) ? call.dense(2) : undefined;
  const spans = spansOf([weight.shape[2], weight.shape[3]], dilation);
  // The whole result, cut to the shape of ONNX: "pads", "auto_pad" and "output_shape" may differ by side.
  const places = ([0, 1] as const).map((axis) =>
    transposedPlace(call, axis, x.shape[2 + axis], spans[axis], stride[axis]),
  );
  const missing = (axis: 0 | 1) => {
    const { size, start } = places[axis];
    return Math.max(0, start + size - (x.shape[2 + axis] - 1) * stride[axis] - spans[axis]);
  };
  const outputPadding: Pair = [missing(0), missing(1)];
  const whole = ops.convTranspose2d(x, weight, bias, { stride, dilation, groups, outputPadding });
  const starts = places.map(({ start }) => start);
  const ends = places.map(({ start, size }) => start + size);
  return asGiven(call, ops.slice(whole, { axes: [2, 3], starts, ends }));
}

/** Where the result of a transposed convolution lies in the whole of it, along an axis. */
function transposedPlace(call: Call, axis: 0 | 1, x: number, span: number, stride: number) {
  const whole = (x - 1) * stride + span;
  const auto = call.word("auto_pad", "NOTSET");
  const shape = call.list("output_shape");
  const extra = pair(call, "output_padding", 0)[axis];
  const pads = call.list("pads") ?? [0, 0, 0, 0];
  const wanted = shape && (shape.length === 1 ? (axis === 0 ? 1 : shape[0]) : shape.at(axis - 2));
  if (wanted === undefined && (auto === "NOTSET" || auto === "VALID")) {
    const sides = pads.length === 2 ? [0, pads[0], 0, pads[1]] : pads;
    const [before, after] = auto === "VALID" ? [0, 0] : [sides[axis], sides[axis + 2]];
    return { start: before, size: whole + extra - before - after };
  }
  const size = wanted ?? x * stride;
  const cut = whole + extra - size;
  if (cut < 0) return { start: 0, size };
  const isUpper = auto !== "SAME_LOWER";
  return { start: isUpper ? Math.floor(cut / 2) : Math.ceil(cut / 2), size };
}

function pooling(call: Call, isMax: boolean): Tensor {
  if (call.outputs > 1) throw new Unsupported("indices as a second output");
  const x = imageOf(call, 0);
  const [kernel, stride] = [pair(call, "kernel_shape"), pair(call, "strides")];
  const dilation = pair(call, "dilations");
  const padding = sidesOf(call, x, spansOf(kernel, dilation), stride);
  const ceilMode = call.number("ceil_mode", 0) === 1;
  const options = { kernel, stride, dilation, padding, ceilMode };
  const countIncludePad = call.number("count_include_pad", 0) === 1;
  const y = isMax ? ops.maxPool2d(x, options) : ops.avgPool2d(x, { ...options, countIncludePad });
  return asGiven(call, y);
}

function batchNorm(call: Call): Tensor | Tensor[] {
  const x = call.tensor(0);
  const epsilon = call.number("epsilon", 1e-5);
  const channels = (i: number) => ops.reshape(call.dense(i), [-1, 1, 1]);
  const normalised = (mean: Tensor, variance: Tensor) => {
    const scaled = ops.div(ops.sub(x, mean), ops.sqrt(ops.add(variance, epsilon)));
    return ops.add(ops.mul(scaled, channels(1)), channels(2));
  };
  if (call.number("training_mode", 0) === 0) {
    const running = { mean: call.dense(3), variance: call.dense(4) };
    const [gain, bias] = [call.dense(1), call.dense(2)];
    const { training } = call;
    const isTraining = training !== undefined;
    const momentum = 1 - call.number("momentum", 0.9);
    const own = { gain, bias, epsilon, running, momentum, training: isTraining };
    const { y, updates } = ops.batchNorm(x, own);
    training?.updates?.push(...updates);
    return y;
  }
  const momentum = call.number("momentum", 0.9);
  const axes = [0, 2, 3];
  const mean = ops.mean(x, { axes, keepDims: true });
  const variance = ops.mean(ops.square(ops.sub(x, mean)), { axes, keepDims: true });
  const moved = (old: Tensor, now: Tensor) =>
    ops.add(ops.mul(old, momentum), ops.mul(ops.reshape(ops.toDense(now), [-1]), 1 - momentum));
  return [normalised(mean, variance), moved(call.dense(3), mean), moved(call.dense(4), variance)];
}

function layerNorm(call: Call): Tensor[] {
  const x = call.tensor(0);
  const axis = call.number("axis", -1);
  const first = axis < 0 ? axis + x.shape.length : axis;
  const axes = x.shape.map((_, i) => i).slice(first);
  const epsilon = call.number("epsilon", 1e-5);
  const bias = call.has(2) ? { bias: call.dense(2) } : {};
  const y = ops.layerNorm(x, axes, { gain: call.dense(1), ...bias, epsilon });
  if (call.outputs === 1) return [y];
  const mean = ops.mean(x, { axes, keepDims: true });
  const variance = ops.mean(ops.square(ops.sub(x, mean)), { axes, keepDims: true });
  return [y, mean, ops.rsqrt(ops.add(variance, epsilon))];
}

/** Gain and bias of each channel; before operators of version 21 they were of each group. */
function groupNorm(call: Call): Tensor {
  const x = call.tensor(0);
  const groups = call.number("num_groups", 1);
  const epsilon = call.number("epsilon", 1e-5);
  if (!call.has(1)) return ops.groupNorm(x, groups, { epsilon });
  const [gain, bias] = [call.dense(1), call.dense(2)];
  if (gain.shape[0] !== x.shape[1]) throw new Unsupported("a gain of each group");
  return ops.groupNorm(x, groups, { gain, bias, epsilon });
}

function gemm(call: Call): Tensor {
  const product = ops.matmul(call.dense(0), call.dense(1), {
    transposeA: call.number("transA", 0) === 1,
    transposeB: call.number("transB", 0) === 1,
  });
  const scaled = ops.mul(product, call.number("alpha", 1));
  return call.has(2) ? ops.add(scaled, ops.mul(call.dense(2), call.number("beta", 1))) : scaled;
}

const COORDINATES: Readonly<Record<string, ops.ResizeOptions["coordinates"]>> = {
  half_pixel: "half-pixel",
  pytorch_half_pixel: "pytorch-half-pixel",
  align_corners: "align-corners",
  asymmetric: "asymmetric",
};

function resize(call: Call): Tensor {
  const mode = call.word("mode", "nearest");
  // Before version 11 it had scales only, and one rule, as its forerunner Upsample.
  const isFirst = call.operator === "Upsample" || (call.opset < 11 && call.count === 2);
  const usualRule = isFirst ? "asymmetric" : "half_pixel";
  const rule = call.word("coordinate_transformation_mode", usualRule);
  const coordinates = COORDINATES[rule];
  if (mode === "cubic") throw new Unsupported("cubic");
  if (!coordinates) throw new Unsupported(rule);
  const x = call.tensor(0);
  const scales = isFirst ? 1 : 2;
  if (call.list("axes")) throw new Unsupported("axes");
  const last = (list: readonly number[]) => {
    if (list.length === 4 && list[0] > 0) return [list[2], list[3]] as const;
    throw new Unsupported(`${list.length} sizes, expected one per axis`);
  };
  // Version 9 of Upsample has them as an input, version 7 as an attribute.
  const given = call.has(scales) ? call.values(scales) : call.list("scales");
  const scale = given && last(given);
  const isExact = scale?.every((factor, i) => Number.isInteger(factor * x.shape[2 + i])) ?? true;
  // ONNX's numbers of this case are those of a fractional size of the output.
  if (rule === "align_corners" && !isExact) throw new Unsupported("a fractional size");
  const usual = isFirst ? "floor" : "round_prefer_floor";
  const rounding = call.word("nearest_mode", usual).replaceAll("_", "-") as "floor";
  return ops.resize(x, {
    ...(scale ? { scale } : { size: last(call.values(3)) }),
    mode: mode as "nearest",
    coordinates,
    ...(mode === "nearest" ? { rounding } : {}),
  });
}

export const layerOperators: Readonly<Record<string, Operator>> = {
  AveragePool: (call) => pooling(call, false),
  BatchNormalization: batchNorm,
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
  GlobalAveragePool: (call) => ops.globalAvgPool2d(call.tensor(0)),
  GlobalMaxPool: (call) => ops.globalMaxPool2d(call.tensor(0)),
  GroupNormalization: groupNorm,
  InstanceNormalization: (call) => {
    const x = imageOf(call, 0);
    const [gain, bias] = [call.dense(1), call.dense(2)];
    return ops.instanceNorm(x, { gain, bias, epsilon: call.number("epsilon", 1e-5) });
  },
  LayerNormalization: layerNorm,
  MatMul: (call) => ops.matmul(call.dense(0), call.dense(1)),
  MaxPool: (call) => pooling(call, true),
  Resize: resize,
  Upsample: resize,
};
