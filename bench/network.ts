// The work that all engines do: one U-Net, its weights, one batch.

import { random } from "../src/data/random.js";
import { elementCount, type Shape } from "../src/graph/tensor.js";
import type { Model } from "../src/model/model.js";
import { initialValues, slice } from "../src/model/parameters.js";
import { unet } from "../src/model/unet.js";

export const LEARNING_RATE = 0.01;
export const MOMENTUM = 0.9;
const SEED = 5;

/** Parameters in PyTorch's shapes, by name. */
export type Weights = ReadonlyMap<
  string,
  { readonly shape: Shape; readonly data: Float32Array<ArrayBuffer> }
>;

export interface Network {
  readonly model: Model;
  readonly tile: number;
  /** Side of the output. */
  readonly out: number;
  readonly depth: number;
  readonly weights: Weights;
  readonly image: Float32Array<ArrayBuffer>;
  readonly label: Float32Array<ArrayBuffer>;
  /** Weight map of the loss. */
  readonly weight: Float32Array<ArrayBuffer>;
}

/** The paper's network with `width` channels at the first level, on one tile of random pixels. */
export function createNetwork(width: number, tile: number): Network {
  const depth = 4;
  const model = unet({
    architecture: "unet",
    base: width,
    depth,
    channels: 1,
    classes: 2,
    dropout: 0,
  });
  const out = model.outputSize(tile);
  const flat = initialValues(model.parameters, SEED);
  const biases = random(SEED, 1);
  const weights = new Map(
    model.parameters.list.map((parameter) => {
      // Biases of 0 would hide a bias that is missing.
      const isBias = parameter.fanIn === 0;
      const data = slice(parameter, flat).map((value) => (isBias ? biases() * 0.1 : value));
      return [parameter.name, { shape: parameter.shape, data }];
    }),
  );
  const next = random(SEED, 2);
  const pixels = out * out;
  return {
    model,
    tile,
    out,
    depth,
    weights,
    image: Float32Array.from({ length: tile * tile }, () => next() * 2 - 1),
    label: Float32Array.from({ length: pixels }, () => Number(next() < 0.7)),
    weight: Float32Array.from({ length: pixels }, () => (next() < 0.1 ? 0 : 0.5 + next())),
  };
}

/** Seeded values in [-1, 1). */
export function noise(shape: Shape, seed: number): Float32Array<ArrayBuffer> {
  const next = random(SEED, 3, seed);
  return Float32Array.from({ length: elementCount(shape) }, () => next() * 2 - 1);
}

/** |a - b| / |b| in the 2-norm. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / Math.max(size, Number.MIN_VALUE));
}
