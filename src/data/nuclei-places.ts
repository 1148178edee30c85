// Where the nuclei of the second sample lie, and their shapes.

import { random, randomInteger } from "./random.js";

/** The pixels of one nucleus within the image, hidden ones included. */
export interface Nucleus {
  readonly pixels: readonly number[];
}

const PLACES = 11;
/** Pixels of the image for each nucleus that is tried. */
const PIXELS_EACH = 750;
/** Radii of the circles of equal area, in pixels, spread evenly by their logarithm. */
const SMALLEST = 4.2;
const LARGEST = 16;
/** Share of the nuclei that are pushed against another one. */
const CLUSTERED = 0.72;
/** Largest overlap of two, as a share of the smaller one; and pixels of one step of the push. */
const OVERLAP = 0.1;
const STEP = 0.5;
/** A nucleus of fewer pixels in the image is left out: the image's edge cuts most of it off. */
const FEWEST_PIXELS = 30;

/** An ellipse with a dent or two: radius by angle. */
interface Shape {
  readonly radius: number;
  readonly stretch: number;
  readonly turn: number;
  readonly dent: number;
  readonly dentTurn: number;
}

/** A nucleus that lies at its place. */
interface Placed extends Nucleus {
  readonly x: number;
  readonly y: number;
  readonly shape: Shape;
}

/** The placed nuclei, and which of them are at a pixel: at most a few. */
interface Scene {
  readonly width: number;
  readonly height: number;
  readonly placed: Placed[];
  /** By pixel: the last entry of a list of nuclei, or -1. */
  readonly last: Int32Array;
  /** By entry: a nucleus, and the entry before it. */
  readonly owners: number[];
  readonly before: number[];
}

/** Places nuclei one after the other: some where nothing is, most pushed from outside until they touch another one. */
export function placeNuclei(seed: number, width: number, height: number): readonly Nucleus[] {
  const next = random(seed, PLACES);
  const last = new Int32Array(width * height).fill(-1);
  const scene: Scene = { width, height, placed: [], last, owners: [], before: [] };
  const { placed } = scene;
  const count = Math.round((width * height) / PIXELS_EACH);
  for (let i = 0; i < count; i++) {
    const shape = drawShape(next);
    const [isClustered, angle, reach] = [next() < CLUSTERED, 2 * Math.PI * next(), next()];
    const [x, y] = [next() * width, next() * height];
    if (!isClustered || placed.length === 0) {
      const free = nucleusAt(scene, shape, x, y);
      if (free.pixels.every((pixel) => last[pixel] < 0)) place(scene, free);
      continue;
    }
    const partner = placed[randomInteger(next, placed.length)];
    const pushed = push(scene, shape, partner, { angle, overlap: OVERLAP * reach });
    if (pushed) place(scene, pushed);
  }
  return placed;
}

function place({ placed, last, owners, before }: Scene, nucleus: Placed): void {
  if (nucleus.pixels.length < FEWEST_PIXELS) return;
  for (const pixel of nucleus.pixels) {
    before.push(last[pixel]);
    last[pixel] = owners.push(placed.length) - 1;
  }
  placed.push(nucleus);
}

function drawShape(next: () => number): Shape {
  return {
    radius: SMALLEST * (LARGEST / SMALLEST) ** next(),
    stretch: 1 + 0.3 * next(),
    turn: Math.PI * next(),
    dent: 0.06 * next(),
    dentTurn: 2 * Math.PI * next(),
  };
}

/**
 * Moves a nucleus towards its partner until it overlaps another by more than it may, and one step back;
 * undefined if it then touches nothing.
 */
function push(
  scene: Scene,
  shape: Shape,
  partner: Placed,
  { angle, overlap }: { readonly angle: number; readonly overlap: number },
): Placed | undefined {
  const far = 1.5 * (shape.radius + partner.shape.radius) + 2;
  const at = (distance: number) =>
    [partner.x + distance * Math.cos(angle), partner.y + distance * Math.sin(angle)] as const;
  let free: number | undefined;
  for (let distance = far; distance > 0; distance -= STEP) {
    if (largestOverlap(scene, shape, ...at(distance)) > overlap) {
      return free === undefined ? undefined : nucleusAt(scene, shape, ...at(free));
    }
    free = distance;
  }
  return undefined;
}

/** The largest share of the smaller of two nuclei that they have in common, if one were there. */
function largestOverlap(scene: Scene, shape: Shape, x: number, y: number): number {
  const { placed, last, owners, before } = scene;
  const common = new Map<number, number>();
  let [pixels, hidden] = [0, 0];
  eachPixel(scene, shape, x, y, (pixel) => {
    pixels++;
    for (let entry = last[pixel]; entry >= 0; entry = before[entry]) {
      common.set(owners[entry], (common.get(owners[entry]) ?? 0) + 1);
      hidden++;
    }
  });
  if (hidden === 0) return 0;
  // Several others together hide no more of it than one may.
  let largest = hidden / pixels;
  for (const [other, count] of common) {
    largest = Math.max(largest, count / Math.min(pixels, placed[other].pixels.length));
  }
  return largest;
}

function nucleusAt(scene: Scene, shape: Shape, x: number, y: number): Placed {
  const pixels: number[] = [];
  eachPixel(scene, shape, x, y, (pixel) => pixels.push(pixel));
  return { pixels, x, y, shape };
}

/** Visits the pixels of the image in a shape around a point, row by row. */
function eachPixel(
  { width, height }: Scene,
  { radius, stretch, turn, dent, dentTurn }: Shape,
  x: number,
  y: number,
  visit: (pixel: number) => void,
): void {
  const reach = radius * stretch * (1 + dent) + 1;
  const [top, bottom] = [Math.max(0, Math.ceil(y - reach)), Math.min(height - 1, y + reach)];
  const [left, right] = [Math.max(0, Math.ceil(x - reach)), Math.min(width - 1, x + reach)];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  // Only between these is an angle needed.
  const [inner, outer] = [(radius * (1 - dent)) ** 2, (radius * (1 + dent)) ** 2];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [dx, dy] = [column - x, row - y];
      const along = (dx * cos + dy * sin) / stretch;
      const across = (dy * cos - dx * sin) * stretch;
      const square = along * along + across * across;
      if (square > outer) continue;
      if (square > inner) {
        const edge = radius * (1 + dent * Math.cos(3 * Math.atan2(dy, dx) + dentTurn));
        if (square > edge * edge) continue;
      }
      visit(row * width + column);
    }
  }
}
