// The work that all engines do: one U-Net, its weights, one batch.

import { random } from "../src/data/random.js";
import { elementCount, type Shape } from "../src/graph/tensor.js";
import type { BuiltInFields } from "../src/model/fields.js";
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
  readonly model: Model<BuiltInFields>;
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

const DEPTH = 4;

export function createModel(width: number): Model<BuiltInFields> {
  const sizes = { base: width, depth: DEPTH, channels: 1, classes: 2 };
  return unet({ architecture: "unet", ...sizes, dropout: 0 });
}

/** The paper's network with `width` channels at the first level, on one tile of random pixels. */
export function createNetwork(width: number, tile: number): Network {
  const model = createModel(width);
  const depth = DEPTH;
  const out = model.outputSize(tile);
  const weights = clearWeights(model);
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

/** Biases before a ReLU shift its input by this many standard deviations away from 0. */
const CLEARANCE = 3;

/**
 * Returns weights with which hardly any ReLU's input is close to its kink, on either side: there
 * the last bit of a sum decides whether a pixel's gradient counts, and two correct engines would
 * differ by more than their rounding. He's initialisation, scaled so that activations keep their
 * size.
 */
function clearWeights(model: Model): Weights {
  const flat = initialValues(model.parameters, SEED);
  const next = random(SEED, 1);
  const scale = 1 / Math.sqrt(CLEARANCE ** 2 + 1);
  const deviation = Math.sqrt(2 * PIXEL_VARIANCE) * scale;
  return new Map(
    model.parameters.list.map((parameter) => {
      const isConvolution = /\.conv\d\./.test(parameter.name);
      const bias = isConvolution ? CLEARANCE * deviation : 0.1;
      const data = slice(parameter, flat).map((value) => {
        if (parameter.init === 0) return next() < 0.5 ? bias : -bias;
        return isConvolution ? value * scale : value;
      });
      return [parameter.name, { shape: parameter.shape, data }];
    }),
  );
}

/** Of uniform values in [-1, 1). */
const PIXEL_VARIANCE = 1 / 3;

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
