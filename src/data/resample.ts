// Reads planes at the places of an offset field, mirrored beyond their borders.

import type { OffsetField } from "./deformation.js";
import { cubicWeights } from "./elastic.js";
import { mirrorIndex } from "./mirror.js";
import type { Planes } from "./types.js";

/** Neighbours along each axis that a value is made of. */
const TAPS = { nearest: 1, bilinear: 2, bicubic: 4 } as const;

export type Interpolation = keyof typeof TAPS;

/** What is read, and where its values go. */
export interface Resampling {
  readonly interpolation: Interpolation;
  /** The image's point at the tile's centre, in pixels; a pixel's own centre is at whole numbers. */
  readonly centreX: number;
  readonly centreY: number;
  /** Pixels left out at each side of the field; 0 for none. */
  readonly margin?: number;
  readonly target: Float32Array;
  /** Where in the target the tile, [channels][side - 2 margin][side - 2 margin], begins. */
  readonly offset?: number;
}

/**
 * Writes the tile to the target. Where a place is a pixel's centre the value is that pixel's,
 * exactly; "nearest" never mixes values: a label keeps its classes.
 */
export function resample(source: Planes, field: OffsetField, how: Resampling): void {
  const { width, height, channels = 1, data } = source;
  const { interpolation, centreX, centreY, margin = 0, target, offset = 0 } = how;
  const taps = TAPS[interpolation];
  const side = field.side - 2 * margin;
  const plane = width * height;
  const columns = new Int32Array(taps);
  const rows = new Int32Array(taps);
  const across = new Float64Array(4);
  const down = new Float64Array(4);
  for (let row = 0; row < side; row++) {
    let place = (row + margin) * field.side + margin;
    for (let column = 0; column < side; column++, place++) {
      locate(centreX + field.x[place], taps, width, columns, across);
      locate(centreY + field.y[place], taps, height, rows, down);
      let to = offset + row * side + column;
      for (let start = 0; start < channels * plane; start += plane, to += side * side) {
        let sum = 0;
        for (let j = 0; j < taps; j++) {
          const from = start + rows[j] * width;
          let line = 0;
          for (let i = 0; i < taps; i++) line += across[i] * data[from + columns[i]];
          sum += down[j] * line;
        }
        target[to] = sum;
      }
    }
  }
}

/** The neighbours of a place along an axis of so many pixels, and their weights. */
function locate(
  place: number,
  taps: number,
  size: number,
  indices: Int32Array,
  weights: Float64Array,
): void {
  if (taps === 1) {
    weights[0] = 1;
    indices[0] = mirrorIndex(Math.floor(place + 0.5), size);
    return;
  }
  const whole = Math.floor(place);
  const first = taps === 2 ? whole : whole - 1;
  const part = place - whole;
  if (taps === 2) {
    weights[0] = 1 - part;
    weights[1] = part;
  } else cubicWeights(part, weights);
  const inside = first >= 0 && first + taps <= size;
  for (let tap = 0; tap < taps; tap++) {
    indices[tap] = inside ? first + tap : mirrorIndex(first + tap, size);
  }
}
