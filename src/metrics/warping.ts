// The warping error (Jain et al. 2010): what is left of the difference between label and proposal
// once the label's borders may move, but nothing may split, merge, appear or vanish.

export interface WarpingErrors {
  /** Pixels that still differ. */
  readonly pixels: number;
  /** Of these, those that split or merge objects. */
  readonly splitsAndMergers: number;
  /** The same, errors that touch counted once: splits over 4 neighbours, mergers over 8. */
  readonly clustered: number;
}

/** Eight neighbours in a ring, from the upper left; the odd ones share an edge. */
const RING = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
] as const;

/** Half of the side of the window in which a split or a merger is judged. */
const RADIUS = 20;

/**
 * Whether a pixel with such a ring of neighbours (bit i: neighbour i is foreground) is simple:
 * changing it changes no topology. Foreground 4-connected, background 8-connected: exactly one
 * component of each touches it.
 */
const IS_SIMPLE = Array.from(
  { length: 256 },
  (_, ring) => componentsAround(ring, 1) === 1 && componentsAround(ring, 0) === 1,
);

/** Foreground objects, 4-connected, of a ring of neighbours that touch the pixel. */
const OBJECTS_AROUND = Array.from({ length: 256 }, (_, ring) => componentsAround(ring, 1));

function componentsAround(ring: number, value: 0 | 1): number {
  const has = (i: number) => ((ring >> (i & 7)) & 1) === value;
  const seen = new Set<number>();
  let count = 0;
  for (let start = 0; start < 8; start++) {
    const touches = value === 0 || start % 2 === 1;
    if (!touches || !has(start) || seen.has(start)) continue;
    count++;
    const stack = [start];
    seen.add(start);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      for (const [j, [x, y]] of RING.entries()) {
        const [dx, dy] = [Math.abs(x - RING[i][0]), Math.abs(y - RING[i][1])];
        const isNear = value === 0 ? Math.max(dx, dy) === 1 : dx + dy === 1;
        if (!isNear || !has(j) || seen.has(j)) continue;
        seen.add(j);
        stack.push(j);
      }
    }
  }
  return count;
}

/**
 * Warps a label towards a proposal, both [height][width] with 1 in cells and 0 elsewhere, by
 * changing simple pixels alone until none is left, the surest first: where `certainty` (any number
 * a pixel) is largest; equal ones column by column. Outside of the image is background.
 */
export function warpingErrors(
  label: Uint8Array,
  proposal: Uint8Array,
  certainty: ArrayLike<number>,
  width: number,
  height: number,
): WarpingErrors {
  const warped = label.slice();
  let left: number[] = [];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const pixel = y * width + x;
      if (warped[pixel] !== proposal[pixel]) left.push(pixel);
    }
  }
  left.sort((a, b) => certainty[b] - certainty[a]);
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    left = left.filter((pixel) => {
      if (!IS_SIMPLE[ringOf(warped, pixel, width, height)]) return true;
      warped[pixel] = proposal[pixel];
      return false;
    });
  }
  const judge = createJudge(warped, width, height);
  const wrong = left.filter(judge);
  const splits = new Set(wrong.filter((pixel) => warped[pixel] === 1));
  const mergers = new Set(wrong.filter((pixel) => warped[pixel] === 0));
  return {
    pixels: left.length,
    splitsAndMergers: wrong.length,
    clustered: clusters(splits, 4, width, height) + clusters(mergers, 8, width, height),
  };
}

function ringOf(image: Uint8Array, pixel: number, width: number, height: number): number {
  const x = pixel % width;
  const y = (pixel - x) / width;
  let ring = 0;
  for (let i = 0; i < 8; i++) {
    const [dx, dy] = RING[i];
    const isInside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
    if (isInside) ring |= image[pixel + dy * width + dx] << i;
  }
  return ring;
}

/**
 * Whether changing a pixel splits an object or merges several: two or more 4-connected objects of
 * the window around it touch it.
 */
function createJudge(image: Uint8Array, width: number, height: number) {
  // The pixel for which another one was visited: nothing has to be cleared between two floods.
  const seenBy = new Int32Array(image.length).fill(-1);
  const queue = new Int32Array((2 * RADIUS + 1) ** 2);
  const open = (pixel: number, centre: number) => image[pixel] === 1 && seenBy[pixel] !== centre;
  return (centre: number) => {
    if (OBJECTS_AROUND[ringOf(image, centre, width, height)] < 2) return false;
    const cx = centre % width;
    const cy = (centre - cx) / width;
    const [left, right] = [Math.max(0, cx - RADIUS), Math.min(width - 1, cx + RADIUS)];
    const [top, bottom] = [Math.max(0, cy - RADIUS), Math.min(height - 1, cy + RADIUS)];
    seenBy[centre] = centre;
    const touching: number[] = [];
    if (cx > 0 && image[centre - 1]) touching.push(centre - 1);
    if (cx < width - 1 && image[centre + 1]) touching.push(centre + 1);
    if (cy > 0 && image[centre - width]) touching.push(centre - width);
    if (cy < height - 1 && image[centre + width]) touching.push(centre + width);
    // One object is flooded, the nearest pixels first, until it has reached all that touch.
    let last = 0;
    let unreached = touching.length;
    const add = (pixel: number) => {
      seenBy[pixel] = centre;
      queue[last++] = pixel;
      if (touching.includes(pixel)) unreached--;
    };
    add(touching[0]);
    for (let next = 0; next < last && unreached > 0; next++) {
      const pixel = queue[next];
      const x = pixel % width;
      const y = (pixel - x) / width;
      if (x > left && open(pixel - 1, centre)) add(pixel - 1);
      if (x < right && open(pixel + 1, centre)) add(pixel + 1);
      if (y > top && open(pixel - width, centre)) add(pixel - width);
      if (y < bottom && open(pixel + width, centre)) add(pixel + width);
    }
    return unreached > 0;
  };
}

/** Components of a set of pixels. */
function clusters(pixels: Set<number>, neighbours: 4 | 8, width: number, height: number): number {
  const left = new Set(pixels);
  let count = 0;
  for (const start of pixels) {
    if (!left.delete(start)) continue;
    count++;
    const stack = [start];
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
      const x = pixel % width;
      const y = (pixel - x) / width;
      for (const [i, [dx, dy]] of RING.entries()) {
        if (neighbours === 4 && i % 2 === 0) continue;
        const isInside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
        const next = pixel + dy * width + dx;
        if (isInside && left.delete(next)) stack.push(next);
      }
    }
  }
  return count;
}
