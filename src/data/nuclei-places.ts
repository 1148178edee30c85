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

/** Places nuclei one after the other: some where nothing is, most pushed from outside until they touch another one. */
export function placeNuclei(seed: number, width: number, height: number): readonly Nucleus[] {
  const next = random(seed, PLACES);
  const placed: Placed[] = [];
  /** By pixel: the nuclei there. */
  const holders = new Map<number, number[]>();
  const place = (nucleus: Placed) => {
    if (nucleus.pixels.length < FEWEST_PIXELS) return;
    for (const pixel of nucleus.pixels) {
      holders.set(pixel, [...(holders.get(pixel) ?? []), placed.length]);
    }
    placed.push(nucleus);
  };
  const count = Math.round((width * height) / PIXELS_EACH);
  for (let i = 0; i < count; i++) {
    const shape = drawShape(next);
    const [isClustered, angle, reach] = [next() < CLUSTERED, 2 * Math.PI * next(), next()];
    const [x, y] = [next() * width, next() * height];
    if (!isClustered || placed.length === 0) {
      const free = nucleusAt(shape, x, y, width, height);
      if (free.pixels.every((pixel) => !holders.has(pixel))) place(free);
      continue;
    }
    const partner = placed[randomInteger(next, placed.length)];
    const pushed = push(shape, partner, { angle, overlap: OVERLAP * reach }, (at) => {
      const nucleus = nucleusAt(shape, at.x, at.y, width, height);
      return { nucleus, overlap: largestOverlap(nucleus, placed, holders) };
    });
    if (pushed) place(pushed);
  }
  return placed;
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
  shape: Shape,
  partner: Placed,
  { angle, overlap }: { readonly angle: number; readonly overlap: number },
  at: (place: { x: number; y: number }) => { nucleus: Placed; overlap: number },
): Placed | undefined {
  const far = 1.5 * (shape.radius + partner.shape.radius) + 2;
  let last: Placed | undefined;
  let touched = false;
  for (let distance = far; distance > 0; distance -= STEP) {
    const x = partner.x + distance * Math.cos(angle);
    const y = partner.y + distance * Math.sin(angle);
    const found = at({ x, y });
    if (found.overlap > overlap) {
      touched = true;
      break;
    }
    last = found.nucleus;
  }
  return touched ? last : undefined;
}

/** The largest share of the smaller of two nuclei that they have in common. */
function largestOverlap(
  { pixels }: Nucleus,
  placed: readonly Placed[],
  holders: ReadonlyMap<number, readonly number[]>,
): number {
  const common = new Map<number, number>();
  for (const pixel of pixels) {
    for (const other of holders.get(pixel) ?? []) common.set(other, (common.get(other) ?? 0) + 1);
  }
  let hidden = 0;
  let largest = 0;
  for (const [other, count] of common) {
    hidden += count;
    largest = Math.max(largest, count / Math.min(pixels.length, placed[other].pixels.length));
  }
  // Several others together hide no more of it than one may.
  return pixels.length === 0 ? 0 : Math.max(largest, hidden / pixels.length);
}

function nucleusAt(shape: Shape, x: number, y: number, width: number, height: number): Placed {
  const { radius, stretch, turn, dent, dentTurn } = shape;
  const reach = radius * stretch * (1 + dent) + 1;
  const pixels: number[] = [];
  const [top, bottom] = [Math.max(0, Math.ceil(y - reach)), Math.min(height - 1, y + reach)];
  const [left, right] = [Math.max(0, Math.ceil(x - reach)), Math.min(width - 1, x + reach)];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [dx, dy] = [column - x, row - y];
      const along = (dx * cos + dy * sin) / stretch;
      const across = (dy * cos - dx * sin) * stretch;
      const edge = radius * (1 + dent * Math.cos(3 * Math.atan2(dy, dx) + dentTurn));
      if (along * along + across * across <= edge * edge) pixels.push(row * width + column);
    }
  }
  return { pixels, x, y, shape };
}
