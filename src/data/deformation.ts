// The geometry of an augmented tile: the position in the image that each of its pixels shows.

import type { Augmentation } from "./augmentation-config.js";
import { type Displacement, gridDisplacement, smoothDisplacement } from "./elastic.js";

/**
 * The position that each pixel of a square tile, [side][side], shows: an offset in image pixels
 * from the point of the image at the tile's centre.
 */
export interface OffsetField {
  readonly side: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** [[a, b], [c, d]]: image offset = matrix times tile offset. */
type Matrix = readonly [a: number, b: number, c: number, d: number];

/**
 * Draws the geometry of one tile. With p a pixel's offset from the tile's centre and e(p) its
 * elastic displacement, the position shown is shift + M (p + e(p)), where M is the symmetry after
 * the rotation, the shear and the change of size. `symmetry` is one of those in symmetric-views.ts.
 * A kind that is switched off draws no random number.
 */
export function drawOffsets(
  augmentation: Augmentation,
  side: number,
  symmetry: number,
  next: () => number,
): OffsetField {
  const matrix = multiply(symmetryMatrix(symmetry), drawMatrix(augmentation, next));
  const within = (range: number) => (range > 0 ? range * (2 * next() - 1) : 0);
  const [shiftX, shiftY] = [within(augmentation.shift), within(augmentation.shift)];
  const displacement = drawDisplacement(augmentation, side, next);
  const [a, b, c, d] = matrix;
  const centre = (side - 1) / 2;
  const xs = new Float32Array(side * side);
  const ys = new Float32Array(side * side);
  for (let row = 0, pixel = 0; row < side; row++) {
    for (let column = 0; column < side; column++, pixel++) {
      let x = column - centre;
      let y = row - centre;
      if (displacement) {
        x += displacement.x[pixel];
        y += displacement.y[pixel];
      }
      xs[pixel] = shiftX + a * x + b * y;
      ys[pixel] = shiftY + c * x + d * y;
    }
  }
  return { side, x: xs, y: ys };
}

function drawDisplacement(
  { elastic, elasticDeviation, elasticAlpha, elasticSigma, elasticProbability }: Augmentation,
  side: number,
  next: () => number,
): Displacement | undefined {
  if (elastic === "none") return undefined;
  if (elasticProbability < 1 && next() >= elasticProbability) return undefined;
  return elastic === "grid"
    ? gridDisplacement(side, elasticDeviation, next)
    : smoothDisplacement(side, elasticAlpha, elasticSigma, next);
}

/** Rotation, shear along x, and change of size. */
function drawMatrix({ rotation, shear, scale }: Augmentation, next: () => number): Matrix {
  let matrix: Matrix = [1, 0, 0, 1];
  if (rotation > 0) {
    const angle = ((2 * next() - 1) * rotation * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    matrix = [cos, -sin, sin, cos];
  }
  if (shear > 0) matrix = multiply(matrix, [1, (2 * next() - 1) * shear, 0, 1]);
  if (scale > 0) {
    // An object grows by the factor: the tile shows a smaller part of the image.
    const size = (1 + scale) ** (2 * next() - 1);
    matrix = multiply(matrix, [1 / size, 0, 0, 1 / size]);
  }
  return matrix;
}

const QUARTER_TURNS: readonly Matrix[] = [
  [1, 0, 0, 1],
  [0, -1, 1, 0],
  [-1, 0, 0, -1],
  [0, 1, -1, 0],
];

function symmetryMatrix(symmetry: number): Matrix {
  const turn = QUARTER_TURNS[symmetry % 4];
  return symmetry < 4 ? turn : multiply([-1, 0, 0, 1], turn);
}

function multiply([a, b, c, d]: Matrix, [e, f, g, h]: Matrix): Matrix {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}
