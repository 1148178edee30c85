// The single layers of the network that the benchmarks time, with inputs.

import type { Shape } from "../src/graph/tensor.js";
import { noise } from "./network.js";

/** Row-major; images [N, C, H, W], weights in PyTorch's shapes. */
export interface Values {
  readonly shape: Shape;
  readonly values: Float32Array<ArrayBuffer>;
  readonly isImage: boolean;
}

interface Case {
  readonly work: string;
  /** Multiply-adds of the direct method. */
  readonly multiplyAdds: number;
}

/** The output of an op for its inputs or, for a given `dy`, the gradient of one of them. */
export interface OpCase extends Case {
  readonly op: "convolution" | "up-convolution" | "max-pool";
  /** An image, and a weight if there is one. */
  readonly inputs: readonly Values[];
  readonly gradient?: { readonly dy: Values; readonly of: "input" | "weight" };
}

/** The gradient of the weighted softmax loss with respect to the logits. */
export interface LossCase extends Case {
  readonly op: "loss";
  /** Logits [1, K, H, W]; class of each pixel and weight map, both [1, 1, H, W]. */
  readonly inputs: readonly [Values, Values, Values];
}

/** The change of parameters by UPDATES updates with the same gradient. */
export interface UpdateCase extends Case {
  readonly op: "sgd" | "adam";
  /** Parameters and their gradients, [count] both. */
  readonly inputs: readonly [Values, Values];
}

export type LayerCase = OpCase | LossCase | UpdateCase;

export function isUpdate(layer: LayerCase): layer is UpdateCase {
  return layer.op === "sgd" || layer.op === "adam";
}

export const UPDATES = 3;
export const ADAM = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

interface Size {
  readonly width: number;
  readonly tile: number;
}

/**
 * Layers of the network, and 64 -> 64 channels on 128 x 128 pixels, for comparison with published
 * figures.
 */
export function layerCases({ width, tile }: Size, parameterCount: number): LayerCase[] {
  const cases: LayerCase[] = convolutions(64, 64, 128);
  let side = tile; // of a level's input
  for (let level = 0; level < 5; level++) {
    const channels = width * 2 ** level;
    cases.push(...convolutions(channels, channels, side - 2));
    if (level === 4) break;
    cases.push(...poolings(channels, side - 4));
    side = (side - 4) / 2;
  }
  for (let level = 3; level >= 0; level--) {
    side -= 4;
    cases.push(...upConvolutions(width * 2 ** (level + 1), side));
    side *= 2;
  }
  const update = (op: "sgd" | "adam"): UpdateCase => ({
    work: `${op}, ${parameterCount} parameters`,
    op,
    inputs: [values([parameterCount], 11), values([parameterCount], 12)],
    multiplyAdds: 0,
  });
  return [...cases, loss(side - 4), update("sgd"), update("adam")];
}

function image(shape: Shape, seed: number): Values {
  return { shape, values: noise(shape, seed), isImage: true };
}

function values(shape: Shape, seed: number): Values {
  return { shape, values: noise(shape, seed), isImage: false };
}

/** The op and the gradients of its input and weight, which take the same number of operations. */
function withGradients(
  op: "convolution" | "up-convolution",
  name: string,
  inputs: readonly [Values, Values],
  dy: Values,
  multiplyAdds: number,
): OpCase[] {
  return [
    { work: `${op} ${name}`, op, inputs, multiplyAdds },
    ...(["input", "weight"] as const).map((of) => {
      return { work: `${op} ${name}, d ${of}`, op, inputs, gradient: { dy, of }, multiplyAdds };
    }),
  ];
}

/** 3x3, valid: `side` is that of the input. */
function convolutions(ins: number, outs: number, side: number): OpCase[] {
  const inputs = [image([1, ins, side, side], 1), values([outs, ins, 3, 3], 3)] as const;
  const dy = image([1, outs, side - 2, side - 2], 2);
  const name = `${ins} -> ${outs}, ${side} x ${side}`;
  return withGradients("convolution", name, inputs, dy, (side - 2) ** 2 * ins * outs * 9);
}

/** 2x2 with stride 2: `side` is that of the input. */
function upConvolutions(ins: number, side: number): OpCase[] {
  const outs = ins / 2;
  const inputs = [image([1, ins, side, side], 6), values([ins, outs, 2, 2], 7)] as const;
  const dy = image([1, outs, side * 2, side * 2], 13);
  const name = `${ins} -> ${outs}, ${side} x ${side}`;
  return withGradients("up-convolution", name, inputs, dy, side ** 2 * ins * outs * 4);
}

function poolings(channels: number, side: number): OpCase[] {
  const inputs = [image([1, channels, side, side], 4)];
  const dy = image([1, channels, side >> 1, side >> 1], 5);
  const work = `max-pool ${channels}, ${side} x ${side}`;
  return [
    { work, op: "max-pool", inputs, multiplyAdds: 0 },
    {
      work: `${work}, d input`,
      op: "max-pool",
      inputs,
      gradient: { dy, of: "input" },
      multiplyAdds: 0,
    },
  ];
}

function loss(side: number): LossCase {
  const label = image([1, 1, side, side], 8);
  const map = image([1, 1, side, side], 9);
  return {
    work: `loss ${side} x ${side}, d logits`,
    op: "loss",
    inputs: [
      image([1, 2, side, side], 10),
      { ...label, values: label.values.map((value) => Number(value > 0)) },
      { ...map, values: map.values.map(Math.abs) },
    ],
    multiplyAdds: 0,
  };
}
