// The interior of the cells of the synthetic sample: dark structures that are not membrane.

import { gaussian, random, randomInteger } from "./random.js";

const MITOCHONDRIA = 201;
const VESICLES = 202;
const STRANDS = 203;

/** A picture under construction: grey values, and each pixel's distance to the nearest border. */
export interface Canvas {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** [height][width], changed in place. */
  readonly grey: Float32Array;
  /** [height][width], pixels. */
  readonly depth: Float32Array;
  /** [height][width], 1 within a mitochondrion; changed in place. */
  readonly mitochondria: Uint8Array;
}

/**
 * Draws ellipses with a dark rim and a striped interior, as large as their cell allows, in wide
 * cells.
 */
export function drawMitochondria(canvas: Canvas): void {
  const { seed, width, height, grey, depth, mitochondria } = canvas;
  const next = random(seed, MITOCHONDRIA);
  const taken = new Uint8Array(width * height);
  for (let draw = 0; draw < (width * height) / 800; draw++) {
    const [cx, cy] = [randomInteger(next, width), randomInteger(next, height)];
    const long = Math.min(24, depth[cy * width + cx] - 3) * (0.8 + 0.2 * next());
    const short = long * (0.6 + 0.4 * next());
    const angle = next() * Math.PI;
    const [level, rim, stripe, pitch] = [next(), next(), next() * Math.PI, 4 + 2 * next()];
    if (long < 6 || taken[cy * width + cx] !== 0) continue;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    disc(canvas, cx, cy, long + 8, (pixel, dx, dy) => {
      const along = (dx * cos + dy * sin) / long;
      const across = (dy * cos - dx * sin) / short;
      const radius = Math.sqrt(along * along + across * across);
      if (radius < 1 + 6 / short) taken[pixel] = 1;
      const wave = Math.sin(
        ((dx * Math.cos(stripe) + dy * Math.sin(stripe)) * 2 * Math.PI) / pitch,
      );
      const inside = 0.31 + 0.14 * level + 0.06 * wave;
      const edge = Math.abs(radius - 0.93) * short;
      if (radius < 1) {
        grey[pixel] = inside;
        mitochondria[pixel] = 1;
      }
      if (edge < 3) grey[pixel] -= (0.1 + 0.1 * rim) * Math.exp(-(edge * edge) / 1.5);
    });
  }
}

/** Draws clusters of small dark dots and rings. */
export function drawVesicles(canvas: Canvas): void {
  const { seed, width, height, grey, depth } = canvas;
  const next = random(seed, VESICLES);
  for (let cluster = 0; cluster < (width * height) / 800; cluster++) {
    const [cx, cy] = [next() * width, next() * height];
    const members = 2 + randomInteger(next, 10);
    for (let member = 0; member < members; member++) {
      const x = Math.round(cx + 9 * gaussian(next));
      const y = Math.round(cy + 9 * gaussian(next));
      const radius = 1 + 2.2 * next();
      const dark = 0.12 + 0.2 * next();
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      if (depth[y * width + x] < radius + 3) continue;
      disc(canvas, x, y, radius + 3, (pixel, dx, dy) => {
        const edge = Math.sqrt(dx * dx + dy * dy) - (radius > 2 ? radius : 0);
        grey[pixel] -= dark * Math.exp(-(edge * edge) / 1.4);
      });
    }
  }
}

/** Draws dark curves as thin as a membrane that end within the cell: reticulum and tubules. */
export function drawStrands(canvas: Canvas): void {
  const { seed, width, height, grey, depth } = canvas;
  const next = random(seed, STRANDS);
  for (let strand = 0; strand < (width * height) / 1500; strand++) {
    let [x, y, angle] = [next() * width, next() * height, next() * 2 * Math.PI];
    const dark = 0.05 + 0.09 * next();
    const length = 12 + randomInteger(next, 28);
    for (let step = 0; step < length; step++) {
      angle += 0.12 * gaussian(next);
      x += Math.cos(angle);
      y += Math.sin(angle);
      const [cx, cy] = [Math.round(x), Math.round(y)];
      if (cx < 0 || cy < 0 || cx >= width || cy >= height) break;
      if (depth[cy * width + cx] < 6) break;
      disc(canvas, cx, cy, 3, (pixel, dx, dy) => {
        grey[pixel] -= dark * Math.exp(-(dx * dx + dy * dy) / 1.6);
      });
    }
  }
}

function disc(
  { width, height }: Canvas,
  cx: number,
  cy: number,
  radius: number,
  draw: (pixel: number, dx: number, dy: number) => void,
): void {
  const reach = Math.ceil(radius);
  for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
    for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++) {
      draw(y * width + x, x - cx, y - cy);
    }
  }
}
