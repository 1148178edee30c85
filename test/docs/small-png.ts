// Small files for the pictures of the documentation: a palette of few colours, and runs. Within
// images, whose noise hides it, a pixel takes the colour of its left neighbour if it would look
// almost the same.

import { deflateSync } from "node:zlib";
import type { Colour } from "../../src/data/image-types.js";
import { paletteFile } from "../../src/formats/png/palette-png.js";
import { decodePng } from "../../src/node/png-files.js";

/** Colours that agree in multiples of this are one, their mean. */
const GRAIN = 8;
/** Distance of two colours that hardly differ. */
const NEAR = 30;
/** A colour of so large a share of the pixels is one of the app's surfaces. */
const SURFACE = 0.005;

interface Bin {
  /** Sums over its pixels. */
  readonly sum: [number, number, number];
  count: number;
}

/** A PNG file with a palette that looks like an RGB one. */
export function smallPng(file: Uint8Array, name: string, colours = 48): Uint8Array {
  const { width, height, channels, data } = decodePng(file, name);
  const count = width * height;
  if (channels !== 3) throw new Error(`${name}: it has ${channels} channels, expected 3`);
  const colour = (i: number): Colour => [data[i], data[count + i], data[2 * count + i]];
  const bins = new Map<number, Bin>();
  const exact = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const [r, g, b] = colour(i);
    const key = binOf([r, g, b]);
    exact.set(keyOf([r, g, b]), (exact.get(keyOf([r, g, b])) ?? 0) + 1);
    const bin = bins.get(key) ?? { sum: [0, 0, 0], count: 0 };
    bin.sum[0] += r;
    bin.sum[1] += g;
    bin.sum[2] += b;
    bin.count++;
    bins.set(key, bin);
  }
  const palette = chosenColours([...bins.values()], colours);
  const nearest = new Map(
    [...bins].map(([key, bin]) => [key, nearestOf(meanOf(bin), palette)] as const),
  );
  const indices = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const left = i % width > 0 ? indices[i - 1] : undefined;
    const isSurface = (exact.get(keyOf(colour(i))) as number) > SURFACE * count;
    const isNear =
      left !== undefined && !isSurface && squared(colour(i), palette[left]) <= NEAR ** 2;
    indices[i] = isNear ? left : (nearest.get(binOf(colour(i))) as number);
  }
  const packed = { level: 9, memLevel: 9 };
  return paletteFile({ width, height, indices, palette }, (rows) => deflateSync(rows, packed));
}

/** The commonest colour, then again and again the one that is commonest and farthest from those chosen. */
function chosenColours(bins: readonly Bin[], most: number): Colour[] {
  const colours = bins.map(meanOf);
  const distances = bins.map(() => Number.POSITIVE_INFINITY);
  const chosen: Colour[] = [];
  let next = bins.reduce((best, { count }, i) => (count > bins[best].count ? i : best), 0);
  while (chosen.length < Math.min(most, bins.length)) {
    const latest = colours[next];
    chosen.push(latest);
    let most = -1;
    for (const [i, { count }] of bins.entries()) {
      distances[i] = Math.min(distances[i], squared(colours[i], latest));
      const gain = distances[i] * Math.sqrt(count);
      if (gain > most) [most, next] = [gain, i];
    }
  }
  return chosen;
}

const keyOf = ([r, g, b]: Colour): number => (r << 16) | (g << 8) | b;

const binOf = ([r, g, b]: Colour): number =>
  (Math.floor(r / GRAIN) << 16) | (Math.floor(g / GRAIN) << 8) | Math.floor(b / GRAIN);

const meanOf = ({ sum, count }: Bin): Colour =>
  sum.map((value) => Math.round(value / count)) as [number, number, number];

const squared = (a: Colour, b: Colour): number =>
  (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

function nearestOf(colour: Colour, palette: readonly Colour[]): number {
  const distances = palette.map((one) => squared(colour, one));
  return distances.indexOf(Math.min(...distances));
}
