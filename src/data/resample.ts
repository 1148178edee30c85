// Samples planes at the positions of an offset field, mirrored beyond their borders.

import type { OffsetField } from "./deformation.js";
import { cubicWeights } from "./elastic.js";
import type { Planes } from "./image-types.js";
import { mirroredRange, mirrorIndex, type PartialPlanes, type Tile } from "./mirror.js";

/** The number of neighbours along each axis that contribute to a value. */
const TAPS = { nearest: 1, bilinear: 2, bicubic: 4 } as const;

export type Interpolation = keyof typeof TAPS;

/**
 * The point of the image at a tile's centre, in pixels; the centres of pixels are whole numbers.
 */
export interface Centre {
  readonly centreX: number;
  readonly centreY: number;
}

/** What to sample, and where to write the values. */
export interface Resampling extends Centre {
  readonly interpolation: Interpolation;
  /** Pixels left out at each side of the field. By default 0. */
  readonly margin?: number | undefined;
  readonly target: Float32Array;
  /** Where in the target the tile, [channels][side - 2 margin][side - 2 margin], begins. */
  readonly offset?: number | undefined;
}

/**
 * Writes the tile to the target. At the centre of a pixel the value is exactly that pixel's;
 * "nearest" never mixes values, so a label keeps its classes. Reads only within the `areaOf` the
 * field.
 */
export function resample(source: PartialPlanes, field: OffsetField, how: Resampling): void {
  const { width, height, channels = 1, data, area = { x: 0, y: 0, width, height } } = source;
  const { interpolation, centreX, centreY, margin = 0, target, offset = 0 } = how;
  const taps = TAPS[interpolation];
  const side = field.side - 2 * margin;
  const plane = area.width * area.height;
  const columns = new Int32Array(taps);
  const rows = new Int32Array(taps);
  const across = new Float64Array(4);
  const down = new Float64Array(4);
  for (let row = 0; row < side; row++) {
    let place = (row + margin) * field.side + margin;
    for (let column = 0; column < side; column++, place++) {
      locate(centreX + field.x[place], taps, width, columns, across, area.x);
      locate(centreY + field.y[place], taps, height, rows, down, area.y);
      let to = offset + row * side + column;
      for (let start = 0; start < channels * plane; start += plane, to += side * side) {
        let sum = 0;
        for (let j = 0; j < taps; j++) {
          const from = start + rows[j] * area.width;
          let line = 0;
          for (let i = 0; i < taps; i++) line += across[i] * data[from + columns[i]];
          sum += down[j] * line;
        }
        target[to] = sum;
      }
    }
  }
}

/**
 * Returns the smallest rectangle of an image of this size, or a slightly larger one, that the tile
 * of an offset field shows.
 */
export function areaOf(
  { x, y }: OffsetField,
  { centreX, centreY }: Centre,
  { width, height }: Pick<Planes, "width" | "height">,
): Tile {
  const [left, right] = rangeOf(x, centreX, width);
  const [top, bottom] = rangeOf(y, centreY, height);
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function rangeOf(offsets: Float32Array, centre: number, size: number): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let pixel = 0; pixel < offsets.length; pixel++) {
    const offset = offsets[pixel];
    if (offset < least) least = offset;
    if (offset > most) most = offset;
  }
  // A cubic reads one pixel before the left neighbour of a position and two after it.
  return mirroredRange(Math.floor(centre + least) - 1, Math.floor(centre + most) + 2, size);
}

/**
 * Returns the index of the pixel nearest to each position, row by row, leaving out `margin` pixels
 * at each side.
 */
export function nearestPixels(
  field: OffsetField,
  { centreX, centreY }: Centre,
  margin: number,
  { width, height }: Pick<Planes, "width" | "height">,
): Int32Array {
  const side = field.side - 2 * margin;
  const pixels = new Int32Array(side * side);
  for (let row = 0, to = 0; row < side; row++) {
    let place = (row + margin) * field.side + margin;
    for (let column = 0; column < side; column++, place++, to++) {
      const x = mirrorIndex(Math.floor(centreX + field.x[place] + 0.5), width);
      const y = mirrorIndex(Math.floor(centreY + field.y[place] + 0.5), height);
      pixels[to] = y * width + x;
    }
  }
  return pixels;
}

/**
 * Computes the neighbours of a position along an axis of `size` pixels from `origin`, and their
 * weights.
 */
function locate(
  place: number,
  taps: number,
  size: number,
  indices: Int32Array,
  weights: Float64Array,
  origin: number,
): void {
  if (taps === 1) {
    weights[0] = 1;
    indices[0] = mirrorIndex(Math.floor(place + 0.5), size) - origin;
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
    indices[tap] = (inside ? first + tap : mirrorIndex(first + tap, size)) - origin;
  }
}
