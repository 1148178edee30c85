// Samples made ready to cut tiles from: once a run, for all of its steps. Plain values, so that they
// can be handed to another thread.

import { normalise } from "./normalise.js";
import { hasWeight, tileStarts } from "./positions.js";
import type { Image, LabelMap, Sample } from "./types.js";
import { classBalance, weightMap } from "./weight-map.js";

export interface PreparedSample {
  readonly name: string;
  /** Normalised. */
  readonly image: Image;
  readonly label: LabelMap;
  /** The weight of each pixel, [height][width], from the whole label. */
  readonly weights: Float32Array;
  /** Number of pixels of weight above 0. */
  readonly weighted: number;
}

/** A tile of an epoch: of which sample, and where its output begins; at random when left out. */
export interface Place {
  readonly sample: number;
  readonly x?: number;
  readonly y?: number;
}

export interface PrepareOptions {
  /** Images of 0 to 1, as decoded: they are normalised here. */
  readonly samples: readonly Sample[];
  /** Side of the output tile. */
  readonly output: number;
  /** "balanced": w_c of the paper, inverse to the class's share of pixels; "equal": 1. */
  readonly classWeights: "balanced" | "equal";
  /** The weight map's separation term: height, and width in pixels. */
  readonly w0: number;
  readonly sigma: number;
  /** Pixels between the output tiles of an image; at random places when left out or 0. */
  readonly stride?: number;
}

export interface Prepared {
  readonly samples: readonly PreparedSample[];
  /** The tiles of one epoch, at least one. */
  readonly places: readonly Place[];
  /** w_c of each class. */
  readonly balance: readonly number[];
}

/**
 * Normalises the images, computes the weight maps, and lists the tiles of an epoch: one for each
 * sample at a random place, or those of a stride. Samples without a labelled pixel are left out, and
 * so are tiles of a stride. Errors: no sample, no labelled pixel, sizes or channels that do not agree.
 */
export function prepareSamples(options: PrepareOptions): Prepared {
  checkSamples(options.samples);
  const balanced = classBalance(options.samples.map((sample) => sample.label));
  const balance = options.classWeights === "balanced" ? balanced : balanced.map(() => 1);
  const samples = options.samples
    .map((sample) => prepare(sample, balance, options))
    .filter((sample) => sample.weighted > 0);
  if (samples.length === 0) {
    throw new Error("createSampler: no label has a pixel with a class, expected at least one");
  }
  const places = samples.flatMap((sample, index) => placesOf(sample, index, options));
  return { samples, places, balance };
}

function placesOf(
  sample: PreparedSample,
  index: number,
  { output, stride = 0 }: PrepareOptions,
): Place[] {
  if (stride === 0) return [{ sample: index }];
  const { width, height } = sample.label;
  const columns = tileStarts(width, output, stride);
  return tileStarts(height, output, stride)
    .flatMap((y) => columns.map((x) => ({ sample: index, x, y })))
    .filter(({ x, y }) => hasWeight(sample, { x, y, width: output, height: output }));
}

function prepare(
  { name, image, label }: Sample,
  balance: readonly number[],
  options: PrepareOptions,
): PreparedSample {
  const weights = weightMap(label, balance, options);
  let weighted = 0;
  for (const weight of weights) if (weight > 0) weighted++;
  return { name, image: normalise(image), label, weights, weighted };
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
