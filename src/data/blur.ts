// Gaussian blur of a plane, mirrored at its borders.

import { mirrorIndex } from "./mirror.js";

/**
 * Returns the plane, [height][width], convolved with a Gaussian of the given standard deviation in
 * pixels, truncated at four of them; a standard deviation of 0 returns a copy.
 */
export function gaussianBlur(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  if (sigma <= 0) return plane.slice();
  const radius = Math.ceil(4 * sigma);
  const kernel = new Float64Array(radius + 1);
  let total = 0;
  for (let step = 0; step <= radius; step++) {
    kernel[step] = Math.exp((-step * step) / (2 * sigma * sigma));
    total += step === 0 ? kernel[step] : 2 * kernel[step];
  }
  for (let step = 0; step <= radius; step++) kernel[step] /= total;
  return blurLines(blurLines(plane, width, height, kernel), height, width, kernel);
}

/**
 * Blurs along the rows and returns the result transposed, so that calling it twice blurs both
 * directions.
 */
function blurLines(
  plane: Float32Array,
  width: number,
  height: number,
  kernel: Float64Array,
): Float32Array {
  const radius = kernel.length - 1;
  const result = new Float32Array(plane.length);
  const line = new Float64Array(width + 2 * radius);
  const columns = Int32Array.from(line, (_, x) => mirrorIndex(x - radius, width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < line.length; x++) line[x] = plane[y * width + columns[x]];
    for (let x = 0; x < width; x++) {
      const centre = x + radius;
      let sum = kernel[0] * line[centre];
      for (let step = 1; step <= radius; step++) {
        sum += kernel[step] * (line[centre - step] + line[centre + step]);
      }
      result[x * height + y] = sum;
    }
  }
  return result;
}
