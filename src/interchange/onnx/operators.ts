// The operators of ONNX as graphs of the engine's ops, by name.

import type { Tensor } from "../../graph/tensor.js";
import * as ops from "../../operations.js";
import { erf } from "./error-function.js";
import { layerOperators } from "./layer-operators.js";
import { type Call, type Operator, Unsupported } from "./operator-call.js";
import { shapeOperators } from "./shape-operators.js";

const unary = (compute: (x: Tensor) => Tensor) => (call: Call) => compute(call.tensor(0));

const all = (call: Call) => Array.from({ length: call.count }, (_, i) => call.tensor(i));

const binary = (compute: (a: Tensor, b: Tensor) => Tensor) => (call: Call) =>
  compute(call.tensor(0), call.tensor(1));

/** Axes are an attribute or, in later opsets, the second input; none means all. */
function reduction(compute: (x: Tensor, options: ops.ReduceOptions) => Tensor): Operator {
  return (call) => {
    const axes = call.list("axes") ?? (call.has(1) ? call.values(1) : undefined);
    const isNone = axes === undefined || axes.length === 0;
    if (isNone && call.number("noop_with_empty_axes", 0) === 1) return call.tensor(0);
    const keepDims = call.number("keepdims", 1) === 1;
    return compute(call.tensor(0), { ...(isNone ? {} : { axes }), keepDims });
  };
}

function softmaxLike(compute: (x: Tensor, axis: number) => Tensor): Operator {
  return (call) => {
    const x = call.tensor(0);
    const rank = x.shape.length;
    if (call.opset >= 13) return compute(x, call.number("axis", -1));
    // Before version 13 it was over all axes from its own on.
    const own = call.number("axis", 1);
    const axis = own < 0 ? own + rank : own;
    const last = x.shape.reduce((place, size, i) => (i >= axis && size > 1 ? i : place), axis);
    if (x.shape.slice(axis, last).every((size) => size === 1)) return compute(x, last);
    const sizes = [x.shape.slice(0, axis).reduce((a, b) => a * b, 1), -1];
    return ops.reshape(compute(ops.reshape(x, sizes), 1), x.shape);
  };
}

const { expression: formula } = ops;
const of = (x: Tensor, value: string) => formula({ x }, { value });

/** ONNX's numbers of float, float16, double and bfloat16. */
const FLOATS = [1, 10, 11, 16];

const elementwise: Readonly<Record<string, Operator>> = {
  Abs: unary(ops.abs),
  Erf: unary(erf),
  Exp: unary(ops.exp),
  Log: unary(ops.log),
  Neg: unary(ops.neg),
  Reciprocal: unary((x) => ops.div(1, x)),
  Relu: unary(ops.relu),
  Sigmoid: unary(ops.sigmoid),
  Softplus: unary(ops.softplus),
  Softsign: unary((x) => ops.div(x, ops.add(ops.abs(x), 1))),
  Sqrt: unary(ops.sqrt),
  Tanh: unary(ops.tanh),
  HardSwish: unary(ops.hardSwish),
  Identity: unary((x) => x),
  Cast: (call) => {
    const to = call.number("to", 1);
    if (FLOATS.includes(to)) return call.tensor(0);
    throw new Unsupported(`a type that is not a float (${to})`);
  },
  ...Object.fromEntries(
    ["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Floor", "Sign"]
      .concat("Sin", "Sinh", "Tan", "Round")
      .map((name) => [name, unary((x) => of(x, `${name.toLowerCase()}(x)`))]),
  ),
  LeakyRelu: (call) => ops.leakyRelu(call.tensor(0), call.number("alpha", 0.01)),
  Elu: (call) => ops.elu(call.tensor(0), call.number("alpha", 1)),
  Celu: (call) => {
    const alpha = call.number("alpha", 1);
    return ops.mul(ops.elu(ops.div(call.tensor(0), alpha)), alpha);
  },
  Selu: (call) => {
    const [alpha, gamma] = [call.number("alpha", 1.67326319), call.number("gamma", 1.05070102)];
    return ops.mul(ops.elu(call.tensor(0), alpha), gamma);
  },
  PRelu: binary((x, slope) => ops.where(ops.less(x, 0), ops.mul(x, slope), x)),
  HardSigmoid: (call) => {
    const scaled = ops.mul(call.tensor(0), call.number("alpha", 0.2));
    return ops.clip(ops.add(scaled, call.number("beta", 0.5)), 0, 1);
  },
  ThresholdedRelu: (call) => {
    const x = call.tensor(0);
    return ops.where(ops.greater(x, call.number("alpha", 1)), x, 0);
  },
  Shrink: (call) => {
    const [lambda, bias] = [call.number("lambd", 0.5), call.number("bias", 0)];
    return of(
      call.tensor(0),
      `select(select(0.0, x - ${bias}, x > ${lambda}), x + ${bias}, x < -${lambda})`,
    );
  },
  Clip: (call) => {
    // Before version 11 the limits were attributes.
    const limit = (i: number, name: string) => {
      if (call.has(i)) return call.values(i)[0];
      const value = call.number(name, Number.NaN);
      return Number.isNaN(value) ? undefined : value;
    };
    return ops.clip(call.tensor(0), limit(1, "min"), limit(2, "max"));
  },
  Add: binary(ops.add),
  Sub: binary(ops.sub),
  Mul: binary(ops.mul),
  Div: binary(ops.div),
  Pow: (call) => {
    if (call.values(1).length === 1) return ops.pow(call.tensor(0), call.values(1)[0]);
    return formula({ a: call.tensor(0), b: call.tensor(1) }, { value: "pow(a, b)" });
  },
  Mod: (call) => {
    if (call.number("fmod", 0) === 0) throw new Unsupported("integers");
    return binary((a, b) => formula({ a, b }, { value: "a % b" }))(call);
  },
  Greater: binary(ops.greater),
  GreaterOrEqual: binary(ops.greaterEqual),
  Less: binary(ops.less),
  LessOrEqual: binary(ops.lessEqual),
  Where: (call) => ops.where(call.tensor(0), call.tensor(1), call.tensor(2)),
  Max: (call) => all(call).reduce((a, b) => ops.maximum(a, b)),
  Min: (call) => all(call).reduce((a, b) => ops.minimum(a, b)),
  Sum: (call) => all(call).reduce((a, b) => ops.add(a, b)),
  Mean: (call) =>
    ops.div(
      all(call).reduce((a, b) => ops.add(a, b)),
      call.count,
    ),
  Dropout: (call) => {
    if (call.outputs > 1) throw new Unsupported("a mask as the second output");
    const isTraining = call.has(2) && call.values(2)[0] === 1;
    const ratio = call.has(1) ? call.values(1)[0] : 0.5;
    if (isTraining && ratio > 0) throw new Unsupported("the random numbers of NumPy");
    return call.tensor(0);
  },
};

const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(ops.sum),
  ReduceMean: reduction(ops.mean),
  ReduceMax: reduction(ops.max),
  ReduceMin: reduction(ops.min),
  ReduceL1: reduction((x, options) => ops.sum(ops.abs(x), options)),
  ReduceL2: reduction((x, options) => ops.sqrt(ops.sum(ops.square(x), options))),
  ReduceSumSquare: reduction((x, options) => ops.sum(ops.square(x), options)),
  ReduceLogSum: reduction((x, options) => ops.log(ops.sum(x, options))),
  ReduceLogSumExp: reduction(ops.logSumExp),
  Softmax: softmaxLike((x, axis) => ops.softmax(x, { axis })),
  LogSoftmax: softmaxLike((x, axis) => ops.logSoftmax(x, { axis })),
  SoftmaxCrossEntropyLoss: crossEntropy,
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
};

/** The options of a loss of class indices. */
function lossOptions(call: Call): ops.CrossEntropyOptions {
  const ignoreIndex = call.number("ignore_index", -1e9);
  return {
    reduction: call.word("reduction", "mean") as ops.LossReduction,
    ...(call.has(2) ? { classWeights: call.values(2) } : {}),
    ...(ignoreIndex === -1e9 ? {} : { ignoreIndex }),
  };
}

function crossEntropy(call: Call): Tensor[] {
  const x = call.tensor(0);
  const loss = ops.crossEntropy(x, call.dense(1), lossOptions(call));
  return [loss, ...(call.outputs > 1 ? [ops.logSoftmax(x)] : [])];
}

/** The engine has no loss of log probabilities: a sum over the classes that leaves one. */
function negativeLogLikelihood(call: Call): Tensor {
  const { reduction, classWeights, ignoreIndex } = lossOptions(call);
  const x = call.dense(0);
  const [, classes, ...rest] = x.shape;
  const perClass = [1, classes, ...rest.map(() => 1)];
  const labels = ops.unsqueeze(call.dense(1), [1]);
  const weights = Float32Array.from({ length: classes }, (_, k) =>
    k === ignoreIndex ? 0 : (classWeights?.[k] ?? 1),
  );
  const index = ops.constant(
    "classes",
    perClass,
    weights.map((_, k) => k),
    "dense",
  );
  const weight = ops.constant("weights", perClass, weights, "dense");
  const chosen = ops.mul(ops.equal(labels, index), weight);
  const losses = ops.neg(ops.sum(ops.mul(chosen, x), { axes: 1 }));
  if (reduction === "none") return losses;
  return reduction === "sum" ? ops.sum(losses) : ops.div(ops.sum(losses), ops.sum(chosen));
}

export const operators: Readonly<Record<string, Operator>> = {
  ...elementwise,
  ...reductions,
  ...shapeOperators,
  ...layerOperators,
};
