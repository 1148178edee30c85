// Convex hulls of objects, from the first and last pixel of each row. Coordinates are doubled: pixel centres
// are even, and corners and middles of the edges of pixels odd numbers, so all of them are exact.

/** The first and the last pixel of each row of an object, from the top; rows may be missing. */
export interface RowSpans {
  readonly y: readonly number[];
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Corners of a convex polygon along its left and its right side, from the top; doubled coordinates. */
export interface Hull {
  readonly left: readonly HullPoint[];
  readonly right: readonly HullPoint[];
}

export type HullPoint = readonly [x: number, y: number];

/**
 * The hull of the middles of all pixel edges, as in scikit-image: a pixel is a diamond
 * that reaches half a pixel to each side.
 */
export function diamondHull({ y, first, last }: RowSpans): Hull {
  const sides = createSides();
  for (let i = 0; i < y.length; i++) {
    const [centre, left, right] = [2 * y[i], 2 * first[i], 2 * last[i]];
    sides.add(centre - 1, left, right);
    sides.add(centre, left - 1, right + 1);
    sides.add(centre + 1, left, right);
  }
  return sides.hull();
}

/** The hull of the corners of all pixels. */
export function cornerHull({ y, first, last }: RowSpans): Hull {
  const sides = createSides();
  for (let i = 0; i < y.length; i++) {
    sides.add(2 * y[i] - 1, 2 * first[i] - 1, 2 * last[i] + 1);
    sides.add(2 * y[i] + 1, 2 * first[i] - 1, 2 * last[i] + 1);
  }
  return sides.hull();
}

/** The pixels whose centres are in a hull or on its edge, row by row. */
export function pixelsInHull({ left, right }: Hull): RowSpans {
  const spans = { y: [] as number[], first: [] as number[], last: [] as number[] };
  const [top, bottom] = [left[0][1], left[left.length - 1][1]];
  let [l, r] = [0, 0];
  for (let y = Math.ceil(top / 2); 2 * y <= bottom; y++) {
    while (l + 2 < left.length && left[l + 1][1] < 2 * y) l++;
    while (r + 2 < right.length && right[r + 1][1] < 2 * y) r++;
    const first = Math.ceil(crossing(left, l, 2 * y) / 2);
    const last = Math.floor(crossing(right, r, 2 * y) / 2);
    if (last < first) continue;
    spans.y.push(y);
    spans.first.push(first);
    spans.last.push(last);
  }
  return spans;
}

/** The x at which the edge after a corner crosses a row. */
function crossing(side: readonly HullPoint[], index: number, y: number): number {
  const [x0, y0] = side[index];
  const [x1, y1] = side[Math.min(index + 1, side.length - 1)];
  // The division comes last, of whole numbers: its rounding never reaches another whole number.
  return y1 === y0 ? x0 : (x0 * (y1 - y0) + (x1 - x0) * (y - y0)) / (y1 - y0);
}

/** The largest distance between two corners, of pixels of a width and height. */
export function largestDistance(hull: Hull, pixelWidth: number, pixelHeight: number): number {
  const points = cornersOf(hull, pixelWidth, pixelHeight);
  let largest = 0;
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [points[i][0] - points[j][0], points[i][1] - points[j][1]];
      largest = Math.max(largest, dx * dx + dy * dy);
    }
  }
  return Math.sqrt(largest);
}

/** The smallest distance between two parallel lines with the hull between them. */
export function smallestWidth(hull: Hull, pixelWidth: number, pixelHeight: number): number {
  const points = cornersOf(hull, pixelWidth, pixelHeight);
  let smallest = Infinity;
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i], points[(i + 1) % points.length]];
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const length = Math.hypot(dx, dy);
    if (length === 0) continue;
    let furthest = 0;
    for (const [x, y] of points) {
      furthest = Math.max(furthest, Math.abs((x - a[0]) * dy - (y - a[1]) * dx));
    }
    smallest = Math.min(smallest, furthest / length);
  }
  return smallest;
}

/** The corners in order around the hull, in the unit of the pixel's size. */
function cornersOf({ left, right }: Hull, pixelWidth: number, pixelHeight: number): HullPoint[] {
  const around = [...left, ...[...right].reverse()];
  return around.map(([x, y]) => [(x * pixelWidth) / 2, (y * pixelHeight) / 2]);
}

/** Collects the outermost points of rows, from the top; a row may get several. */
function createSides() {
  const levels: { y: number; left: number; right: number }[] = [];
  return {
    add(y: number, left: number, right: number): void {
      // A row is at most two levels above the last one that was added.
      for (let i = levels.length - 1; i >= Math.max(0, levels.length - 2); i--) {
        if (levels[i].y !== y) continue;
        levels[i].left = Math.min(levels[i].left, left);
        levels[i].right = Math.max(levels[i].right, right);
        return;
      }
      levels.push({ y, left, right });
    },
    hull(): Hull {
      return {
        left: chain(levels.map(({ y, left }) => [left, y])),
        right: chain(
          levels.map(({ y, right }) => [right, y]),
          -1,
        ),
      };
    },
  };
}

/** The corners of one side, from the top: those that bulge to the left, or for -1 to the right. */
function chain(points: readonly HullPoint[], side = 1): HullPoint[] {
  const kept: HullPoint[] = [];
  for (const point of points) {
    while (kept.length > 1 && side * turn(kept[kept.length - 2], kept[kept.length - 1], point) <= 0)
      kept.pop();
    kept.push(point);
  }
  return kept;
}

/** Above 0 if b lies to the left of the line from a down to c. */
function turn([ax, ay]: HullPoint, [bx, by]: HullPoint, [cx, cy]: HullPoint): number {
  return (cx - ax) * (by - ay) - (bx - ax) * (cy - ay);
}
