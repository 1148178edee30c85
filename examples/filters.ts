// Plain filters that a trained one is compared with.

import type { Image } from "../src/node.js"; // in your own project: from "micrograph/node"

/** What a filter makes of the values around a pixel. */
export interface Filter {
  /** Pixels to each side that it reads. */
  readonly radius: number;
  /** Takes the values of a square row by row. */
  combine(values: Float64Array): number;
}

/** A mean with the weights of a Gaussian of this standard deviation, in pixels. */
export function gaussianMean(sigma: number): Filter {
  const radius = Math.ceil(3 * sigma);
  const side = 2 * radius + 1;
  const weights = Float64Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [Math.floor(i / side) - radius, (i % side) - radius];
    return Math.exp(-(y * y + x * x) / (2 * sigma * sigma));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    radius,
    combine: (values) => values.reduce((sum, value, i) => sum + value * weights[i], 0) / total,
  };
}

/** The median of a square that reaches `radius` pixels to each side. */
export function median(radius: number): Filter {
  return { radius, combine: (values) => values.sort()[(values.length - 1) / 2] };
}

/** Filters a grey image, whose edge is repeated. */
export function filterPlane(image: Image, { radius, combine }: Filter): Image {
  const { width, height, data } = image;
  const within = (at: number, size: number) => Math.max(0, Math.min(size - 1, at));
  const side = 2 * radius + 1;
  const values = new Float64Array(side * side);
  const filtered = data.map((_, pixel) => {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    for (let i = 0; i < values.length; i++) {
      const row = within(y + Math.floor(i / side) - radius, height);
      values[i] = data[row * width + within(x + (i % side) - radius, width)];
    }
    return combine(values);
  });
  return { ...image, data: filtered };
}

/** The image of the filter that comes closest to the clean image, which is not known in practice. */
export function bestOf(filters: readonly Filter[], image: Image, clean: Image): Image {
  const results = filters.map((filter) => filterPlane(image, filter));
  return results.reduce((best, one) => (psnr(one, clean) > psnr(best, clean) ? one : best));
}

export const GAUSSIANS = [0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2].map(gaussianMean);
export const MEDIANS = [1, 2].map(median);

/** The peak signal-to-noise ratio in decibels, of greys from 0 to 1. */
export function psnr(image: Image, clean: Image): number {
  const squares = image.data.reduce((sum, value, i) => sum + (value - clean.data[i]) ** 2, 0);
  return -10 * Math.log10(squares / image.data.length);
}
