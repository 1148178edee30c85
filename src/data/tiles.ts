// The tiles that a network is trained on. Tile k of a run depends on the samples, the seed and k
// alone, so that a resumed run draws the tiles that the uninterrupted one would have drawn, on
// whatever thread.

import { AUGMENTATIONS, type Augmentation } from "./augmentation.js";
import { drawOffsets } from "./deformation.js";
import { varyGreys } from "./grey.js";
import { drawTile } from "./positions.js";
import { type Prepared, type PrepareOptions, prepareSamples } from "./prepare.js";
import { permutation, random, randomInteger } from "./random.js";
import { resample } from "./resample.js";
import { SYMMETRIES } from "./symmetries.js";
import { IGNORED } from "./types.js";

export interface TileOptions {
  /** Side of the input tile in pixels. */
  readonly input: number;
  /** Side of the output tile, which lies at the input tile's centre. */
  readonly output: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
}

export interface SamplerOptions extends PrepareOptions, TileOptions {}

/** What a training step is given. An ignored pixel has label 0 and weight 0. */
export interface Batch {
  /** [size][channels][input][input] */
  readonly image: Float32Array;
  /** [size][output][output]: class indices. */
  readonly label: Float32Array;
  /** [size][output][output] */
  readonly weight: Float32Array;
}

/** The tiles number * size to number * size + size - 1 of the run. Every tile has a weight above 0. */
export type CutBatch = (number: number, size: number) => Batch;

export interface Sampler {
  readonly batch: CutBatch;
  /** w_c of each class. */
  readonly balance: readonly number[];
}

/** Streams of random numbers under the run's seed. */
const ORDER = 1;
const TILE = 2;

/**
 * Draws training tiles: the samples in a new random order each epoch, a position such that the
 * output tile lies within the image (where the image is smaller than the tile: such that the image
 * lies within the tile, mirrored around it), or those of a stride, and each tile's augmentation.
 * Errors: no sample, no labelled pixel, sizes or channels that do not agree.
 */
export function createSampler(options: SamplerOptions): Sampler {
  checkMargin(options);
  const prepared = prepareSamples(options);
  return { batch: tileCutter(prepared, options), balance: prepared.balance };
}

/** Cuts the tiles of a run from samples that have been prepared. */
export function tileCutter(prepared: Prepared, options: TileOptions): CutBatch {
  checkMargin(options);
  const { samples, places } = prepared;
  const { input, output, seed } = options;
  const channels = samples[0].image.channels;
  let order: { epoch: number; of: Int32Array } = { epoch: -1, of: new Int32Array(0) };

  function placeAt(index: number) {
    const epoch = Math.floor(index / places.length);
    if (order.epoch !== epoch) {
      order = { epoch, of: permutation(random(seed, ORDER, epoch), places.length) };
    }
    return places[order.of[index % places.length]];
  }

  return (number, size) => {
    const image = new Float32Array(size * channels * input * input);
    const label = new Float32Array(size * output * output);
    const weight = new Float32Array(size * output * output);
    for (let i = 0; i < size; i++) {
      const index = number * size + i;
      const tile = {
        image: image.subarray(i * channels * input ** 2, (i + 1) * channels * input ** 2),
        label: label.subarray(i * output ** 2, (i + 1) * output ** 2),
        weight: weight.subarray(i * output ** 2, (i + 1) * output ** 2),
      };
      cutTrainingTile(prepared, placeAt(index), options, random(seed, TILE, index), tile);
    }
    for (let pixel = 0; pixel < label.length; pixel++) {
      if (label[pixel] === IGNORED) label[pixel] = 0;
    }
    return { image, label, weight };
  };
}

function cutTrainingTile(
  { samples }: Prepared,
  place: Prepared["places"][number],
  { input, output, augmentation }: TileOptions,
  next: () => number,
  tile: Batch,
): void {
  const sample = samples[place.sample];
  const symmetry = augmentation.flips ? randomInteger(next, SYMMETRIES) : 0;
  const { x, y } =
    place.x === undefined || place.y === undefined
      ? drawTile(sample, output, next)
      : { x: place.x, y: place.y };
  const margin = (input - output) / 2;
  const centre = { centreX: x + (output - 1) / 2, centreY: y + (output - 1) / 2 };
  const nearest = { ...centre, interpolation: "nearest", margin } as const;
  const weights = { ...sample.label, data: sample.weights };
  let field = drawOffsets(augmentation, input, symmetry, next);
  resample(weights, field, { ...nearest, target: tile.weight });
  if (!tile.weight.some((weight) => weight > 0)) {
    // The few weighted pixels were turned out of the tile.
    field = drawOffsets(AUGMENTATIONS.none, input, symmetry, next);
    resample(weights, field, { ...nearest, target: tile.weight });
  }
  resample(sample.label, field, { ...nearest, target: tile.label });
  const { interpolation } = augmentation;
  resample(sample.image, field, { ...centre, interpolation, target: tile.image });
  varyGreys(tile.image, sample.image.channels, augmentation, next);
}

function checkMargin({ input, output }: TileOptions): void {
  if ((input - output) % 2 === 0 && output >= 1 && input >= output) return;
  throw new RangeError(
    `createSampler: got tiles of ${input} in and ${output} out, expected an even margin`,
  );
}
