// A random program: steps that are computed by a graph here, and from the same words by programs.py.

import {
  elementCount,
  input,
  type Layout,
  type Shape,
  type Tensor,
} from "../../../src/graph/tensor.js";
import * as ops from "../../../src/operations.js";
import type { Draw } from "./draw.js";

/** Options of a step, as in JSON. */
export type Options = Readonly<Record<string, unknown>>;

interface Given {
  readonly shape: Shape;
  readonly values: readonly number[];
  /** Whether the gradient with respect to it is compared. */
  readonly isTrained: boolean;
}

/** What programs.py reads. */
export interface ProgramText {
  readonly name: string;
  readonly inputs: readonly Given[];
  /** The gradients are those of the sum of seed * output. */
  readonly seed: readonly number[];
  /** Each reads values by their numbers: results of steps from 0 on, inputs from -1 down. */
  readonly steps: readonly {
    readonly op: string;
    readonly from: readonly number[];
    readonly options: Options;
  }[];
}

type Build = (tensors: readonly Tensor[], options: never) => Tensor;

const unary =
  (build: (x: Tensor) => Tensor): Build =>
  ([x]) =>
    build(x);
const binary =
  (build: (a: Tensor, b: Tensor) => Tensor): Build =>
  ([a, b]) =>
    build(a, b);
const withOptions =
  <O>(build: (x: Tensor, options: O) => Tensor): Build =>
  ([x], options) =>
    build(x, options);

/** The ops by the names that programs.py has too. */
const OPS: Readonly<Record<string, Build>> = {
  conv2d([x, weight, ...rest], { isBiased, sides, ...options }: Options) {
    const bias = isBiased ? rest.shift() : undefined;
    return ops.conv2d(x, weight, bias, { padding: sides as ops.Sides, ...options, skip: rest[0] });
  },
  convTranspose2d: ([x, weight, bias], options) => ops.convTranspose2d(x, weight, bias, options),
  maxPool2d: ([x], { sides, ...options }: ops.MaxPool2dOptions & { sides: ops.Sides }) =>
    ops.maxPool2d(x, { ...options, padding: sides }),
  avgPool2d: ([x], { sides, ...options }: ops.AvgPool2dOptions & { sides: ops.Sides }) =>
    ops.avgPool2d(x, { ...options, padding: sides }),
  adaptiveAvgPool2d: ([x], { size }: { size: [number, number] }) => ops.adaptiveAvgPool2d(x, size),
  adaptiveMaxPool2d: ([x], { size }: { size: [number, number] }) => ops.adaptiveMaxPool2d(x, size),
  resize: ([x], { exact, ...options }: Options) =>
    ops.resize(x, {
      ...(options as ops.ResizeOptions),
      ...(exact ? { coordinates: "half-pixel", rounding: "round-prefer-ceil" } : {}),
    }),
  batchNorm: ([x, gain, bias], options: Options) => ops.batchNorm(x, { ...options, gain, bias }).y,
  predictingBatchNorm: ([x, mean, root, gain, bias], options: Options) => {
    const running = { mean, variance: ops.square(root) };
    return ops.batchNorm(x, { ...options, gain, bias, running, training: false }).y;
  },
  instanceNorm: ([x, gain, bias], options: Options) =>
    ops.instanceNorm(x, { ...options, gain, bias }),
  groupNorm: ([x, gain, bias], { groups, ...options }: Options & { groups: number }) =>
    ops.groupNorm(x, groups, { ...options, gain, bias }),
  layerNorm: ([x, gain, bias], { axes, ...options }: Options & { axes: number[] }) =>
    ops.layerNorm(x, axes, { ...options, gain, bias }),
  softmax: withOptions(ops.softmax),
  logSoftmax: withOptions(ops.logSoftmax),
  logSumExp: withOptions(ops.logSumExp),
  sum: withOptions(ops.sum),
  mean: withOptions(ops.mean),
  max: withOptions(ops.max),
  min: withOptions(ops.min),
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: ([a, b]) => ops.div(a, ops.add(ops.square(b), 0.1)),
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  where: ([a, b]) => ops.where(ops.greater(a, b), a, ops.mul(b, 3)),
  relu: unary((x) => ops.relu(x)),
  leakyRelu: unary((x) => ops.leakyRelu(x, 0.1)),
  elu: unary((x) => ops.elu(x)),
  gelu: unary((x) => ops.gelu(x)),
  silu: unary((x) => ops.silu(x)),
  hardSwish: unary((x) => ops.hardSwish(x)),
  sigmoid: unary((x) => ops.sigmoid(x)),
  tanh: unary((x) => ops.tanh(x)),
  softplus: unary((x) => ops.softplus(x)),
  exp: unary((x) => ops.exp(x)),
  log: ([x]) => ops.log(ops.add(ops.square(x), 0.5)),
  sqrt: ([x]) => ops.sqrt(ops.add(ops.square(x), 0.5)),
  square: unary((x) => ops.square(x)),
  abs: unary((x) => ops.abs(x)),
  neg: unary((x) => ops.neg(x)),
  clip: unary((x) => ops.clip(x, -0.6, 0.7)),
  pad: ([x], { pairs, ...options }: Options & { pairs: [number, number][] }) =>
    ops.pad(x, pairs, options),
  slice: withOptions(ops.slice),
  flip: ([x], { axes }: { axes: number[] }) => ops.flip(x, axes),
  permute: ([x], { order }: { order: number[] }) => ops.permute(x, order),
  transpose: ([x], { a, b }: { a: number; b: number }) => ops.transpose(x, a, b),
  reshape: ([x], { shape }: { shape: number[] }) => ops.reshape(x, shape),
  tile: ([x], { repeats }: { repeats: number[] }) => ops.tile(x, repeats),
  expand: ([x], { shape }: { shape: number[] }) => ops.expand(x, shape),
  concat: (parts, { axis }: { axis: number }) => ops.concat(parts, axis),
  stack: (parts, { axis }: { axis: number }) => ops.stack(parts, axis),
  split: ([x], { parts, axis, part }: { parts: number[]; axis: number; part: number }) =>
    ops.split(x, parts, axis)[part],
  pixelShuffle: ([x], { factor }: { factor: number }) => ops.pixelShuffle(x, factor),
  pixelUnshuffle: ([x], { factor }: { factor: number }) => ops.pixelUnshuffle(x, factor),
  toImage: unary((x) => ops.toImage(x)),
  toDense: unary((x) => ops.toDense(x)),
  matmul: ([a, b], options) => ops.matmul(a, b, options),
  linear: ([x, weight, bias]) => ops.linear(x, weight, bias),
  crossEntropy: ([x, label], { isImage: _, ...options }: Options) =>
    ops.crossEntropy(x, label, options),
  bceWithLogits: ([x, t], options) => ops.bceWithLogits(x, ops.abs(t), options),
  l1Loss: ([a, b], options) => ops.l1Loss(a, b, options),
  mseLoss: ([a, b], options) => ops.mseLoss(a, b, options),
  smoothL1Loss: ([a, b], options) => ops.smoothL1Loss(a, b, options),
  dice: ([a, b]) => ops.dice(ops.sigmoid(a), ops.abs(b)),
};

/** One value of a program: its number (`ProgramText.steps`), and its tensor here. */
export interface Value {
  readonly at: number;
  readonly tensor: Tensor;
}

/** A program while it is drawn: each step is built at once, so that the next knows its shape. */
export class Program {
  readonly draw: Draw;
  readonly #tensors: Tensor[] = [];
  readonly #inputs: Given[] = [];
  #output: Tensor | undefined;
  readonly #steps: { op: string; from: number[]; options: Options }[] = [];
  #seed: readonly number[] | undefined;

  /** What errors are relative to, per number, if the expected numbers are smaller. */
  scale = 1e-3;
  /** The same for gradients, as a share of the largest gradient's numbers: sums of these may cancel. */
  share = 0;
  /** The number of layers after each other, each of which may be off by the tolerance. */
  layers = 1;
  /** Set if inputs must not have equal numbers, whose gradients depend on rounding. */
  isSmooth = false;

  constructor(draw: Draw) {
    this.draw = draw;
  }

  /** An input with values of its own, such as labels, has no gradient. */
  input(shape: Shape, layout?: Layout, own?: ArrayLike<number>): Value {
    const values = own ? Array.from(own) : this.draw.values(elementCount(shape), !this.isSmooth);
    const count = this.#inputs.push({ shape, values, isTrained: !own });
    const tensor = input(`input ${count - 1}`, shape, layout);
    this.#tensors.push(tensor);
    return { at: -count, tensor };
  }

  /** Adds a step, whose result is the output unless another step follows. */
  step(op: string, from: readonly Value[], options: Options = {}): Value {
    const tensor = OPS[op](
      from.map((value) => value.tensor),
      options as never,
    );
    this.#output = tensor;
    return { at: this.#steps.push({ op, from: from.map(({ at }) => at), options }) - 1, tensor };
  }

  get output(): Tensor {
    if (!this.#output) throw new Error("a program needs a step");
    return this.#output;
  }

  /** The inputs whose gradients are compared. */
  get trained(): readonly Tensor[] {
    return this.#tensors.filter((_, i) => this.#inputs[i].isTrained);
  }

  get seed(): readonly number[] {
    this.#seed ??= this.draw.values(elementCount(this.output.shape), false);
    return this.#seed;
  }

  /** The values of the inputs that a step reads, and the seed, by name. */
  get contents(): Record<string, readonly number[]> {
    const read = new Set(this.#steps.flatMap(({ from }) => from));
    const inputs = this.#inputs.flatMap(({ values }, i) =>
      read.has(-i - 1) ? [[`input ${i}`, values] as const] : [],
    );
    return { ...Object.fromEntries(inputs), seed: this.seed };
  }

  text(name: string): ProgramText {
    return { name, inputs: this.#inputs, steps: this.#steps, seed: this.seed };
  }

  /** The steps in one line, for messages. */
  toString(): string {
    const inputs = this.#inputs.map(({ shape }, i) => `[${shape}] ${this.#tensors[i].layout}`);
    const steps = this.#steps.map(
      ({ op, from, options }) => `${op}(${from.map((at) => `#${at}`)} ${JSON.stringify(options)})`,
    );
    return `${inputs.join(", ")} -> ${steps.join(" ")}`;
  }
}
