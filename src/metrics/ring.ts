// The topology around a pixel, from its eight neighbours. Foreground is 1.

/** Eight neighbours in a ring, from the upper left; the odd ones share an edge. */
export const RING = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
] as const;

/**
 * Whether a pixel with this ring of neighbours (bit i: neighbour i is foreground) is simple:
 * changing it does not change the topology. Foreground is 4-connected, background 8-connected:
 * exactly one component of each touches it.
 */
export const IS_SIMPLE = Array.from(
  { length: 256 },
  (_, ring) => componentsAround(ring, 1) === 1 && componentsAround(ring, 0) === 1,
);

/** The number of 4-connected foreground objects in a ring of neighbours that touch the pixel. */
export const OBJECTS_AROUND = Array.from({ length: 256 }, (_, ring) => componentsAround(ring, 1));

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
 * An image surrounded by background, so that no window around one of its pixels leaves the array.
 */
export interface Framed {
  readonly image: Uint8Array;
  /** Distance from one row to the next. */
  readonly stride: number;
  /** Rows and columns of background on each side. */
  readonly margin: number;
}

/** Surrounds pixels [height][width] with `margin` rows and columns of background. */
export function frame(pixels: Uint8Array, width: number, height: number, margin: number): Framed {
  const stride = width + 2 * margin;
  const framed = { image: new Uint8Array(stride * (height + 2 * margin)), stride, margin };
  for (let y = 0; y < height; y++) {
    framed.image.set(pixels.subarray(y * width, (y + 1) * width), place(framed, 0, y));
  }
  return framed;
}

/** Returns the index of pixel (x, y). */
export const place = ({ stride, margin }: Framed, x: number, y: number) =>
  (y + margin) * stride + x + margin;

/** Returns the ring of neighbours of a pixel; bit i is neighbour i. */
export function ringOf({ image, stride }: Framed, pixel: number): number {
  const above = pixel - stride;
  const below = pixel + stride;
  return (
    image[above - 1] |
    (image[above] << 1) |
    (image[above + 1] << 2) |
    (image[pixel + 1] << 3) |
    (image[below + 1] << 4) |
    (image[below] << 5) |
    (image[below - 1] << 6) |
    (image[pixel - 1] << 7)
  );
}
