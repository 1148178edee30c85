// The tiles that a network is trained on. Tile k of a run depends on the samples, the seed and k
// alone, so that a resumed run draws the tiles that the uninterrupted one would have drawn.

import { applySymmetry, SYMMETRY_COUNT } from "./augment.js";
import { cutTile, type Tile } from "./mirror.js";
import { normalise } from "./normalise.js";
import { permutation, random, randomInteger } from "./random.js";
import { IGNORED, type Image, type LabelMap, type Sample } from "./types.js";
import { classBalance, weightMap } from "./weight-map.js";

export interface SamplerOptions {
  /** Images of 0 to 1, as decoded: the sampler normalises them. */
  readonly samples: readonly Sample[];
  /** Side of the input tile in pixels. */
  readonly input: number;
  /** Side of the output tile, which lies at the input tile's centre. */
  readonly output: number;
  /** Whether each tile is put through a random symmetry of the square. */
  readonly augment: boolean;
  readonly seed: number;
  /** "balanced": w_c of the paper, inverse to the class's share of pixels; "equal": 1. */
  readonly classWeights: "balanced" | "equal";
  /** The weight map's separation term: height, and width in pixels. */
  readonly w0: number;
  readonly sigma: number;
}

/** What a training step is given. An ignored pixel has label 0 and weight 0. */
export interface Batch {
  /** [size][channels][input][input] */
  readonly image: Float32Array;
  /** [size][output][output]: class indices. */
  readonly label: Float32Array;
  /** [size][output][output] */
  readonly weight: Float32Array;
}

export interface Sampler {
  /**
   * The tiles step * size to step * size + size - 1 of the run. Every tile has a weight above 0.
   */
  batch(step: number, size: number): Batch;
  /** w_c of each class. */
  readonly balance: readonly number[];
}

/** Streams of random numbers under the run's seed. */
const ORDER = 1;
const TILE = 2;
/** Blind draws of a position before one is made to hold a weighted pixel. */
const DRAWS = 8;

interface PreparedSample {
  readonly image: Image;
  readonly label: LabelMap;
  /** [height][width] */
  readonly weights: Float32Array;
  /** Number of pixels of weight above 0. */
  readonly weighted: number;
}

/**
 * Draws training tiles: the samples in a new random order each epoch, a position such that the
 * output tile lies within the image (where the image is smaller than the tile: such that the image
 * lies within the tile, mirrored around it), and a symmetry. Samples without a labelled pixel are
 * left out. Errors: no sample, no labelled pixel, sizes or channels that do not agree.
 */
export function createSampler(options: SamplerOptions): Sampler {
  const { samples, input, output, augment, seed } = options;
  if ((input - output) % 2 !== 0 || output < 1 || input < output) {
    throw new RangeError(
      `createSampler: got tiles of ${input} in and ${output} out, expected an even margin`,
    );
  }
  checkSamples(samples);
  const balanced = classBalance(samples.map((sample) => sample.label));
  const balance = options.classWeights === "balanced" ? balanced : balanced.map(() => 1);
  const prepared = samples
    .map((sample) => prepare(sample, balance, options))
    .filter((sample) => sample.weighted > 0);
  if (prepared.length === 0) {
    throw new Error("createSampler: no label has a pixel with a class, expected at least one");
  }
  const channels = samples[0].image.channels;
  const margin = (input - output) / 2;
  let order: { epoch: number; of: Int32Array } = { epoch: -1, of: new Int32Array(0) };

  function sampleAt(index: number): PreparedSample {
    const epoch = Math.floor(index / prepared.length);
    if (order.epoch !== epoch) {
      order = { epoch, of: permutation(random(seed, ORDER, epoch), prepared.length) };
    }
    return prepared[order.of[index % prepared.length]];
  }

  function batch(step: number, size: number): Batch {
    const image = new Float32Array(size * channels * input * input);
    const label = new Float32Array(size * output * output);
    const weight = new Float32Array(size * output * output);
    for (let i = 0; i < size; i++) {
      const index = step * size + i;
      const sample = sampleAt(index);
      const next = random(seed, TILE, index);
      const symmetry = augment ? randomInteger(next, SYMMETRY_COUNT) : 0;
      const inner = drawTile(sample, output, next);
      const outer = { x: inner.x - margin, y: inner.y - margin, width: input, height: input };
      turned(sample.image, outer, symmetry, image, i * channels * input * input);
      turned(sample.label, inner, symmetry, label, i * output * output);
      turned({ ...sample.label, data: sample.weights }, inner, symmetry, weight, i * output ** 2);
    }
    for (let pixel = 0; pixel < label.length; pixel++) {
      if (label[pixel] === IGNORED) label[pixel] = 0;
    }
    return { image, label, weight };
  }

  return { batch, balance };
}

function checkSamples(samples: readonly Sample[]): void {
  if (samples.length === 0) throw new Error("createSampler: got no sample, expected at least one");
  const channels = samples[0].image.channels;
  for (const { name, image, label } of samples) {
    if (image.width !== label.width || image.height !== label.height) {
      throw new Error(
        `sample ${name}: the image is ${image.width}x${image.height} but its label is ` +
          `${label.width}x${label.height}, expected equal sizes`,
      );
    }
    if (image.channels !== channels) {
      throw new Error(
        `sample ${name}: the image has ${image.channels} channels, expected ${channels} as in ` +
          `${samples[0].name}`,
      );
    }
  }
}

function prepare(
  sample: Sample,
  balance: readonly number[],
  options: SamplerOptions,
): PreparedSample {
  const weights = weightMap(sample.label, balance, options);
  let weighted = 0;
  for (const weight of weights) if (weight > 0) weighted++;
  return { image: normalise(sample.image), label: sample.label, weights, weighted };
}

/** A random output tile that holds a pixel of weight above 0. */
function drawTile(sample: PreparedSample, side: number, next: () => number): Tile {
  const { width, height } = sample.label;
  for (let draw = 0; draw < DRAWS; draw++) {
    const tile = {
      x: randomStart(next, width - side),
      y: randomStart(next, height - side),
      width: side,
      height: side,
    };
    if (hasWeight(sample, tile)) return tile;
  }
  // Few labelled pixels: lay the tile around one of them.
  let remaining = randomInteger(next, sample.weighted);
  const pixel = sample.weights.findIndex((weight) => weight > 0 && remaining-- === 0);
  const start = (centre: number, size: number) =>
    clamp(centre - randomInteger(next, side), 0, size - side);
  return {
    x: start(pixel % width, width),
    y: start(Math.floor(pixel / width), height),
    width: side,
    height: side,
  };
}

/** A start in 0 .. room, or in room .. 0 where the image is smaller than the tile. */
function randomStart(next: () => number, room: number): number {
  const step = randomInteger(next, Math.abs(room) + 1);
  return room < 0 ? -step : step;
}

function clamp(start: number, a: number, b: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), start));
}

function hasWeight(sample: PreparedSample, tile: Tile): boolean {
  const { width, height } = sample.label;
  if (sample.weighted === width * height) return true;
  const bottom = Math.min(height, tile.y + tile.height);
  const right = Math.min(width, tile.x + tile.width);
  for (let y = Math.max(0, tile.y); y < bottom; y++) {
    for (let x = Math.max(0, tile.x); x < right; x++) {
      if (sample.weights[y * width + x] > 0) return true;
    }
  }
  return false;
}

function turned(
  source: Image | LabelMap | { width: number; height: number; data: Float32Array },
  tile: Tile,
  symmetry: number,
  target: Float32Array,
  offset: number,
): void {
  if (symmetry === 0) {
    cutTile(source, tile, target, offset);
    return;
  }
  const { width, height } = tile;
  const channels = "channels" in source ? source.channels : 1;
  applySymmetry({ width, height, channels, data: cutTile(source, tile) }, symmetry, target, offset);
}
