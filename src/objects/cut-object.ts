// Cuts an object along a straight line.

import { outsideDistance } from "../data/outside-distance.js";
import type { EditableObjects } from "./editable-objects.js";

/** A pixel: its column and row, whole numbers from 0. */
export interface PixelPlace {
  /** Column. */
  readonly x: number;
  /** Row. */
  readonly y: number;
}

export type CutLine = readonly [from: PixelPlace, to: PixelPlace];

/** Whether the line passes between two pixels that are 4-neighbours. */
type IsCut = (ax: number, ay: number, bx: number, by: number) => boolean;

/** The pieces of an object that a line divides, in the object's box. */
export interface Pieces {
  readonly left: number;
  readonly top: number;
  /** Columns of the box. */
  readonly width: number;
  /** [rows][width]: 0 outside of the object, else the number of the piece, from 1. */
  readonly data: Int32Array;
  /** By piece, from [1]: pixels. */
  readonly sizes: readonly number[];
}

/**
 * The 4-connected pieces of an object that the line leaves. If an end of the line lies within the object, the
 * line is extended until it leaves the object.
 */
export function piecesOf(objects: EditableObjects, object: number, line: CutLine): Pieces {
  const { left, top, right, bottom } = objects.boxOf(object);
  const width = right - left + 1;
  const data = new Int32Array(width * (bottom - top + 1));
  const isIn = (x: number, y: number) =>
    x >= left &&
    x <= right &&
    y >= top &&
    y <= bottom &&
    objects.at(y * objects.width + x) === object;
  // -1 is a pixel that no piece has yet.
  for (let i = 0; i < data.length; i++) {
    if (isIn(left + (i % width), top + Math.floor(i / width))) data[i] = -1;
  }
  const isCut = cutBy(line, isIn);
  const sizes = [0];
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== -1) continue;
    data[start] = sizes.length;
    const piece = [start];
    spread({ left, top, width, data }, piece, isCut);
    sizes.push(piece.length);
  }
  return { left, top, width, data, sizes };
}

/** The two largest pieces, at a tie the first; undefined if there is only one. */
export function largestTwo({ sizes }: Pieces): readonly [number, number] | undefined {
  const [a, b] = sizes.map((size, piece) => ({ size, piece })).sort((a, b) => b.size - a.size);
  return b.piece > 0 ? [a.piece, b.piece] : undefined;
}

/**
 * The pixels of the image on the side of the second place after the object is cut in two; undefined if both
 * places are in the same piece. Pieces without a place join the side that they touch.
 */
export function sideOf(
  pieces: Pieces,
  imageWidth: number,
  [one, other]: readonly [PixelPlace, PixelPlace],
): number[] | undefined {
  const { left, top, width, data } = pieces;
  const [a, b] = [one, other].map(({ x, y }) => data[(y - top) * width + x - left]);
  if (a === b) return undefined;
  const sides = data.map((piece) => (piece === 0 ? 0 : piece === a ? 1 : piece === b ? 2 : -1));
  const edge: number[] = [];
  for (let i = 0; i < sides.length; i++) if (sides[i] > 0) edge.push(i);
  spread({ left, top, width, data: sides }, edge, () => false);
  const pixels: number[] = [];
  for (let i = 0; i < sides.length; i++) {
    if (sides[i] !== 2) continue;
    pixels.push((top + Math.floor(i / width)) * imageWidth + left + (i % width));
  }
  return pixels;
}

/** The pixel of a piece that is farthest from its outside, at a tie the first. */
export function deepestPixel({ left, top, width, data }: Pieces, piece: number): PixelPlace {
  const height = data.length / width;
  // The area past a plane's edges does not count as outside, so add a margin.
  const columns = width + 2;
  const inside = new Uint8Array(columns * (height + 2));
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== piece) continue;
    inside[(Math.floor(i / width) + 1) * columns + (i % width) + 1] = 1;
  }
  const distances = outsideDistance(inside, columns, height + 2);
  let deepest = 0;
  for (let i = 0; i < distances.length; i++) if (distances[i] > distances[deepest]) deepest = i;
  return { x: left + (deepest % columns) - 1, y: top + Math.floor(deepest / columns) - 1 };
}

/** Gives the value of each of the pixels to its neighbours of -1, and so on; adds them to `pixels`. */
function spread(
  { left, top, width, data }: Omit<Pieces, "sizes">,
  pixels: number[],
  isCut: IsCut,
): void {
  for (let next = 0; next < pixels.length; next++) {
    const i = pixels[next];
    const [column, row] = [i % width, Math.floor(i / width)];
    const [x, y] = [left + column, top + row];
    const visit = (neighbour: number, nx: number, ny: number) => {
      if (data[neighbour] !== -1 || isCut(x, y, nx, ny)) return;
      data[neighbour] = data[i];
      pixels.push(neighbour);
    };
    if (column > 0) visit(i - 1, x - 1, y);
    if (column < width - 1) visit(i + 1, x + 1, y);
    visit(i - width, x, y - 1);
    visit(i + width, x, y + 1);
  }
}

/** `isIn`: whether a pixel is part of the object that is cut. */
function cutBy([from, to]: CutLine, isIn: (x: number, y: number) => boolean): IsCut {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const step = 0.5 / Math.sqrt(square);
  /** The place on the line, 0 at its beginning and 1 at its end, at which it has left the object. */
  const past = (end: 0 | 1) => {
    let at: number = end;
    while (isIn(Math.round(from.x + at * dx), Math.round(from.y + at * dy))) {
      at += end === 1 ? step : -step;
    }
    return at;
  };
  if (square === 0) return () => false;
  const [first, last] = [past(0), past(1)];
  const side = (x: number, y: number) => (x - from.x) * dy - (y - from.y) * dx;
  return (ax, ay, bx, by) => {
    const [a, b] = [side(ax, ay), side(bx, by)];
    if (a >= 0 === b >= 0) return false;
    const share = a / (a - b);
    const [x, y] = [ax + share * (bx - ax), ay + share * (by - ay)];
    const at = ((x - from.x) * dx + (y - from.y) * dy) / square;
    return at >= first && at <= last;
  };
}
