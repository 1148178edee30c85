// Scenes of numbered discs, as label files of many kinds.

import type { Colour, RawImage, Samples } from "../../src/data/image-types.js";
import { decideLabels } from "../../src/data/label-decide.js";
import {
  type LabelDecision,
  type LabelDeclaration,
  LabelQuestion,
} from "../../src/data/label-decision.js";
import { readLabel } from "../../src/data/label-read.js";
import { surveyLabel } from "../../src/data/label-survey.js";

export const SIDE = 64;

export interface Scene {
  /** [SIDE][SIDE]: 0, or the number of the disc, from 1 on. */
  readonly ids: number[];
  /** 1 in discs. */
  readonly cells: number[];
}

/** Discs of radius 5 to 9 at random places; a later one never covers an earlier one. */
export function scene(seed: number, discs = 7): Scene {
  let state = (seed * 2654435761) % 2 ** 32;
  const next = () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  const ids = new Array<number>(SIDE * SIDE).fill(0);
  for (let disc = 1; disc <= discs; disc++) {
    const [cx, cy, r] = [next() * SIDE, next() * SIDE, 5 + 4 * next()];
    for (let pixel = 0; pixel < ids.length; pixel++) {
      const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
      if (ids[pixel] === 0 && (x - cx) ** 2 + (y - cy) ** 2 < r * r) ids[pixel] = disc;
    }
  }
  return { ids, cells: ids.map((id) => Math.min(id, 1)) };
}

/** Four scenes. */
export const SCENES = [1, 2, 3, 4].map((seed) => scene(seed));

/** A grey file of 8 bits. */
export function grey(values: ArrayLike<number>, more: Partial<RawImage> = {}): RawImage {
  const size = { width: SIDE, height: SIDE, channels: 1, maximum: 255 };
  return { ...size, data: Uint8Array.from(values), ...more };
}

export const grey16 = (values: ArrayLike<number>) =>
  grey([], { maximum: 65535, data: Uint16Array.from(values) });

export const typed = (data: Samples, maximum: number) => grey([], { maximum, data });

/** An RGB picture. */
export function rgb(colours: readonly Colour[], more: Partial<RawImage> = {}): RawImage {
  const data = [0, 1, 2].flatMap((channel) => colours.map((colour) => colour[channel]));
  return grey(data, { channels: 3, ...more });
}

/** A palette file. */
export function palette(indices: readonly number[], colours: readonly Colour[]): RawImage {
  const shown = rgb(indices.map((index) => colours[index]));
  const isGrey = colours.every(([r, g, b]) => r === g && g === b);
  const data = isGrey ? shown.data.slice(0, indices.length) : shown.data;
  return { ...shown, channels: isGrey ? 1 : 3, data, indices: Uint8Array.from(indices) };
}

/** The mean of each pixel's neighbourhood, `times` times: soft edges. */
export function smoothed(values: readonly number[], times = 1): number[] {
  let result = [...values];
  for (let i = 0; i < times; i++) {
    const before = result;
    result = before.map((_, pixel) => {
      const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
      let [sum, count] = [0, 0];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (x + dx < 0 || x + dx >= SIDE || y + dy < 0 || y + dy >= SIDE) continue;
          sum += before[pixel + dy * SIDE + dx];
          count++;
        }
      }
      return sum / count;
    });
  }
  return result;
}

/**
 * Simulates JPEG: each block of 8 x 8 without its high frequencies, as whole numbers of 0 to 255.
 */
export function jpegged(values: readonly number[], step = 24): number[] {
  const result = new Array<number>(values.length).fill(0);
  const basis = Array.from({ length: 64 }, (_, i) => {
    const [k, x] = [Math.floor(i / 8), i % 8];
    return (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * k * Math.PI) / 16);
  });
  for (let block = 0; block < values.length / 64; block++) {
    const origin = (block % (SIDE / 8)) * 8 + Math.floor(block / (SIDE / 8)) * 8 * SIDE;
    for (let k = 0; k < 64; k++) {
      const [u, v] = [k % 8, Math.floor(k / 8)];
      const wave = (i: number) => basis[8 * u + (i % 8)] * basis[8 * v + Math.floor(i / 8)];
      const at = (i: number) => origin + (i % 8) + Math.floor(i / 8) * SIDE;
      let amount = 0;
      for (let i = 0; i < 64; i++) amount += wave(i) * values[at(i)];
      const kept = Math.round(amount / (step + 2 * k)) * (step + 2 * k);
      for (let i = 0; i < 64; i++) result[at(i)] += kept * wave(i);
    }
  }
  return result.map((value) => Math.max(0, Math.min(255, Math.round(value))));
}

/** Decides over files that are called 0.png, 1.png, ... */
export function decide(files: readonly RawImage[], declared: LabelDeclaration = {}): LabelDecision {
  const surveys = files.map((raw, i) => surveyLabel(raw, `${i}.png`));
  // A survey is sent between threads and a decision is stored in a file.
  return JSON.parse(JSON.stringify(decideLabels(structuredClone(surveys), declared)));
}

/** The classes of all files, one after the other. */
export function classesOf(files: readonly RawImage[], declared: LabelDeclaration = {}): number[] {
  const decision = decide(files, declared);
  return files.flatMap((raw, i) => [...readLabel(raw, `${i}.png`, decision).label.data]);
}

/** Returns the question that the files raise; undefined if there is none. */
export function questionOf(
  files: readonly RawImage[],
  declared: LabelDeclaration = {},
): LabelQuestion | undefined {
  try {
    decide(files, declared);
    return undefined;
  } catch (error) {
    if (error instanceof LabelQuestion) return error;
    throw error;
  }
}

/** A label of each scene: its 0 and 1 mapped by `map`. */
export const all = (
  map: (value: number) => number,
  file = grey as (values: number[]) => RawImage,
) => SCENES.map(({ cells }) => file(cells.map(map)));
/** The decision for the labels of all scenes, one after the other. */
export const expected = SCENES.flatMap(({ cells }) => cells);

/** Class 1 in the discs, class 2 at their rim, so that each is in several pieces. */
export const rims = SCENES.map(({ cells }) =>
  cells.map((v, i) => (v && [1, -1, 64, -64].some((step) => !cells[i + step]) ? 2 : v)),
);
