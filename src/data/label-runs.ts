// Counts in one pass over a plane of numbers or colours: which values it has, how many pixels and
// connected pieces of each, and how long their rims are. Works on runs of equal pixels, so that a
// label of four megapixels takes some tens of milliseconds.

import type { Samples } from "./image-types.js";

/** The number of values to distinguish; pixels of further ones are counted together. */
export const MAX_VALUES = 4096;

/** The counts of one value. */
export interface CountedValue {
  /** Its first pixel, row by row. */
  readonly first: number;
  /** Number of pixels that have it. */
  readonly pixels: number;
  /** 4-connected pieces. */
  readonly pieces: number;
  /** Pairs of 4-neighbours of which only one has this value. */
  readonly rim: number;
}

export interface CountedRuns {
  /** In the order of their first pixels. */
  readonly values: readonly CountedValue[];
  /** Pixels of values past `MAX_VALUES`. */
  readonly others: number;
}

/** Counts the values of one plane, or the colours of three; [height][width] each. */
export function countRuns(planes: readonly Samples[], width: number, height: number): CountedRuns {
  const [a, b, c] = planes;
  const codeOf = createCoder(planes);
  const count = createCounter(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; ) {
      const at = row + x;
      const value = a[at];
      let end = x + 1;
      if (b === undefined) while (end < width && a[row + end] === value) end++;
      else {
        const [green, blue] = [b[at], c[at]];
        while (
          end < width &&
          a[row + end] === value &&
          b[row + end] === green &&
          c[row + end] === blue
        )
          end++;
      }
      count.add(codeOf(at), at, x, end);
      x = end;
    }
    count.endRow();
  }
  return count.result();
}

/** Numbers the values from 0 in the order of occurrence; all past the limit get the limit. */
function createCoder(planes: readonly Samples[]): (at: number) => number {
  const [a, b, c] = planes;
  let next = 0;
  const fresh = () => Math.min(next++, MAX_VALUES);
  if (b === undefined && (a instanceof Uint8Array || a instanceof Uint16Array)) {
    const table = new Int32Array(2 ** (8 * a.BYTES_PER_ELEMENT)).fill(-1);
    return (at) => {
      const known = table[a[at]];
      if (known >= 0) return known;
      const code = fresh();
      table[a[at]] = code;
      return code;
    };
  }
  const codes = new Map<number | string, number>();
  const narrow = planes.every(({ BYTES_PER_ELEMENT }) => BYTES_PER_ELEMENT < 4);
  const keyOf = (at: number) => {
    if (b === undefined) return a[at];
    return narrow ? (a[at] * 65536 + b[at]) * 65536 + c[at] : `${a[at]},${b[at]},${c[at]}`;
  };
  return (at) => {
    const key = keyOf(at);
    const known = codes.get(key);
    if (known !== undefined) return known;
    // Past the limit values are not stored, since there may be as many as pixels.
    if (codes.size === MAX_VALUES) return MAX_VALUES;
    const code = fresh();
    codes.set(key, code);
    return code;
  };
}

/** The runs of one row: where each ends, its value, and its piece. */
interface Row {
  count: number;
  readonly ends: Int32Array;
  readonly codes: Int32Array;
  readonly pieces: Int32Array;
}

function createCounter(width: number) {
  const newRow = (): Row => ({
    count: 0,
    ends: new Int32Array(width),
    codes: new Int32Array(width),
    pieces: new Int32Array(width),
  });
  let [above, row] = [newRow(), newRow()];
  // of the runs above that have been passed, the one that extends furthest
  let over = 0;
  const joined = createPieces();
  const first: number[] = [];
  const pixels = new Float64Array(MAX_VALUES + 1);
  const pieces = new Float64Array(MAX_VALUES + 1);
  const rim = new Float64Array(MAX_VALUES + 1);

  /**
   * Returns the piece of a run, merged with what it touches in the row above; -1 if there is none.
   */
  function join(code: number, start: number, end: number): number {
    let piece = -1;
    while (over < above.count && above.ends[over] <= start) over++;
    for (let i = over; i < above.count; i++) {
      const from = i === 0 ? 0 : above.ends[i - 1];
      if (from >= end) break;
      if (above.codes[i] !== code) {
        const shared = Math.min(end, above.ends[i]) - Math.max(start, from);
        rim[code] += shared;
        rim[above.codes[i]] += shared;
        continue;
      }
      const other = joined.find(above.pieces[i]);
      if (piece < 0) piece = other;
      else if (piece !== other) {
        piece = joined.unite(piece, other);
        pieces[code]--;
      }
    }
    return piece;
  }

  return {
    /** Adds a run of the row, from `start` up to `end`, whose first pixel is `at`. */
    add(code: number, at: number, start: number, end: number): void {
      if (code === first.length && code < MAX_VALUES) first.push(at);
      pixels[code] += end - start;
      if (start > 0) {
        rim[code]++;
        rim[row.codes[row.count - 1]]++;
      }
      let piece = join(code, start, end);
      if (piece < 0) {
        piece = joined.add();
        pieces[code]++;
      }
      const { count } = row;
      row.ends[count] = end;
      row.codes[count] = code;
      row.pieces[count] = piece;
      row.count++;
    },
    endRow(): void {
      [above, row] = [row, above];
      row.count = 0;
      over = 0;
    },
    result(): CountedRuns {
      const values = first.map((at, code) => {
        return { first: at, pixels: pixels[code], pieces: pieces[code], rim: rim[code] };
      });
      return { values, others: pixels[MAX_VALUES] };
    },
  };
}

/** Sets of pieces that turned out to be connected (union-find). */
function createPieces() {
  let parents = new Int32Array(1024);
  let count = 0;
  const find = (piece: number): number => {
    let root = piece;
    while (parents[root] !== root) root = parents[root];
    for (let at = piece; at !== root; ) [at, parents[at]] = [parents[at], root];
    return root;
  };
  return {
    find,
    add(): number {
      if (count === parents.length) {
        const grown = new Int32Array(2 * count);
        grown.set(parents);
        parents = grown;
      }
      parents[count] = count;
      return count++;
    },
    /** Both are roots. */
    unite(a: number, b: number): number {
      const [low, high] = a < b ? [a, b] : [b, a];
      parents[high] = low;
      return low;
    },
  };
}
