// The tiles that a network is trained on. Tile k of a run depends only on the samples, the seed and
// k, so that a resumed run draws the same tiles as an uninterrupted one, on any thread.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { AUGMENTATIONS, type Augmentation } from "./augmentation-config.js";
import { drawOffsets } from "./deformation.js";
import { varyGreys } from "./grey.js";
import { normaliseInto } from "./normalise.js";
import { drawTile } from "./positions.js";
import {
  type OpenSample,
  type Place,
  type Prepared,
  type PrepareOptions,
  prepareSamples,
} from "./prepare.js";
import { permutation, random, randomInteger } from "./random.js";
import { areaOf, nearestPixels, resample } from "./resample.js";
import { SYMMETRIES } from "./symmetric-views.js";
import { hasSeparation, weightsByClass, weightsWithin } from "./weight-map.js";

/** Size and augmentation of training tiles. */
export interface TileOptions {
  /** Side of the input tile in pixels. */
  readonly input: number;
  /** Side of the output tile, at the centre of the input tile. */
  readonly output: number;
  /** How tiles are varied. */
  readonly augmentation: Augmentation;
  /** One seed gives the same tiles, byte for byte. */
  readonly seed: number;
}

/** What `createSampler` cuts, and how. */
export interface SamplerOptions extends PrepareOptions, TileOptions {}

/** The input of a training step. An ignored pixel has label 0 and weight 0. */
export interface Batch {
  /** [size][channels][input][input] */
  readonly image: Float32Array;
  /** [size][output][output]: class indices. */
  readonly label: Float32Array;
  /** [size][output][output] */
  readonly weight: Float32Array;
}

/**
 * Cuts the tiles number * size to number * size + size - 1 of the run. Every tile has a weight
 * above 0.
 */
export type CutBatch = (number: number, size: number) => Batch;

/** Cuts the tiles of a run. */
export interface Sampler {
  /** Cuts a batch: the same one for the same number and size. */
  readonly batch: CutBatch;
  /** w_c of each class. */
  readonly balance: readonly number[];
}

const OPTIONS: Keys<SamplerOptions> = {
  samples: 1,
  input: 1,
  output: 1,
  augmentation: 1,
  seed: 1,
  classWeights: 1,
  w0: 1,
  sigma: 1,
  stride: 1,
  normalisation: 1,
};

/** Streams of random numbers for the run's seed. */
const ORDER = 1;
const TILE = 2;

/**
 * Draws training tiles: the samples in a new random order each epoch; a position at which the
 * output tile is inside the image (or, if the image is smaller than the tile, at which the image is
 * inside the tile and mirrored around it), or those of a stride; and each tile's augmentation.
 * Throws if there is no sample or no labelled pixel, or if sizes or channels do not agree.
 */
export function createSampler(options: SamplerOptions): Sampler {
  checkKeys("createSampler", options, OPTIONS);
  checkMargin(options);
  const prepared = prepareSamples(options);
  return { batch: tileCutter(prepared, options).cut, balance: prepared.balance };
}

/** Cuts the tiles of a run from prepared samples. */
export interface TileCutter {
  /** Returns the indices, among the prepared ones, of the samples that a batch is cut from. */
  samplesOf(number: number, size: number): ReadonlySet<number>;
  /** Cuts a batch. `opened`: those of its samples that were not in memory. */
  cut(number: number, size: number, opened?: ReadonlyMap<number, OpenSample>): Batch;
}

export function tileCutter(prepared: Prepared, options: TileOptions): TileCutter {
  checkMargin(options);
  const { samples, places } = prepared;
  const { input, output, seed } = options;
  const { channels } = samples[0].survey;
  let order: { epoch: number; of: Int32Array } = { epoch: -1, of: new Int32Array(0) };

  function placeAt(index: number) {
    const epoch = Math.floor(index / places.length);
    if (order.epoch !== epoch) {
      order = { epoch, of: permutation(random(seed, ORDER, epoch), places.length) };
    }
    return places[order.of[index % places.length]];
  }

  function samplesOf(number: number, size: number): ReadonlySet<number> {
    const tiles = Array.from({ length: size }, (_, i) => placeAt(number * size + i));
    return new Set(tiles.map(({ sample }) => sample));
  }

  const cutTile = trainingTiles(prepared, options);
  function cut(number: number, size: number, opened?: ReadonlyMap<number, OpenSample>): Batch {
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
      const place = placeAt(index);
      const sample = samples[place.sample].opened ?? opened?.get(place.sample);
      if (!sample) throw new Error(`sample ${samples[place.sample].name} has not been read`);
      cutTile(sample, place, random(seed, TILE, index), tile);
    }
    return { image, label, weight };
  }

  return { samplesOf, cut };
}

type CutTile = (sample: OpenSample, place: Place, next: () => number, tile: Batch) => void;

function trainingTiles(prepared: Prepared, options: TileOptions): CutTile {
  const { input, output, augmentation } = options;
  const { interpolation } = augmentation;
  const margin = (input - output) / 2;
  /** The normalised part of an image that a tile shows; the array is reused. */
  let part = new Float32Array(0);
  return (sample, place, next, tile) => {
    const { image, label } = sample;
    const { weighted, survey } = prepared.samples[place.sample];
    const symmetry = augmentation.flips ? randomInteger(next, SYMMETRIES) : 0;
    const { x, y } =
      place.x === undefined || place.y === undefined
        ? drawTile(label, weighted, output, next)
        : { x: place.x, y: place.y };
    const centre = { centreX: x + (output - 1) / 2, centreY: y + (output - 1) / 2 };
    let field = drawOffsets(augmentation, input, symmetry, next);
    let pixels = nearestPixels(field, centre, margin, label);
    if (!pixels.some((pixel) => label.data[pixel] < label.classes)) {
      // The rotation moved the few weighted pixels out of the tile.
      field = drawOffsets(AUGMENTATIONS.none, input, symmetry, next);
      pixels = nearestPixels(field, centre, margin, label);
    }
    fillLabels(prepared, sample, pixels, tile);
    const area = areaOf(field, centre, image);
    const floats = image.channels * area.width * area.height;
    if (part.length < floats) part = new Float32Array(floats);
    normaliseInto(part, image, survey.scales, area);
    const { width, height, channels } = image;
    const planes = { width, height, channels, data: part, area };
    resample(planes, field, { ...centre, interpolation, target: tile.image });
    varyGreys(tile.image, channels, augmentation, next);
  };
}

/** Fills in the classes and weights of the pixels that a tile shows. */
function fillLabels(
  { balance, separation }: Prepared,
  { label, weights, cells }: OpenSample,
  pixels: Int32Array,
  tile: Batch,
): void {
  const { classes, data } = label;
  const byClass = weightsByClass(balance);
  for (let i = 0; i < pixels.length; i++) {
    const index = data[pixels[i]];
    tile.label[i] = index < classes ? index : 0;
    tile.weight[i] = byClass[index];
  }
  if (!hasSeparation(separation)) return;
  if (weights) {
    for (let i = 0; i < pixels.length; i++) tile.weight[i] = weights[pixels[i]];
    return;
  }
  const { width } = label;
  const area = areaAround(pixels, width);
  const near = weightsWithin(label, area, cells, balance, separation);
  for (let i = 0; i < pixels.length; i++) {
    const column = pixels[i] % width;
    const row = (pixels[i] - column) / width;
    tile.weight[i] = near[(row - area.y) * area.width + column - area.x];
  }
}

/** Returns the smallest rectangle that contains the given pixels of an image of this width. */
function areaAround(pixels: Int32Array, width: number) {
  let [left, right, top, bottom] = [Infinity, 0, Infinity, 0];
  for (const pixel of pixels) {
    const x = pixel % width;
    const y = (pixel - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function checkMargin({ input, output }: TileOptions): void {
  if ((input - output) % 2 === 0 && output >= 1 && input >= output) return;
  throw new RangeError(
    `createSampler: got tiles of ${input} in and ${output} out, expected an even margin`,
  );
}
