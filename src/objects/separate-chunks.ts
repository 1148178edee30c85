// Separates the objects of one chunk, or of a component that crosses chunks, so that they are those of the whole image.

import { connectedComponents } from "../data/components.js";
import type { Tile } from "../data/mirror.js";
import { cropPlane, withMargin } from "./chunk-areas.js";
import type { Crossing, createCrossings } from "./crossing-components.js";
import {
  DEFAULT_SMALLEST,
  DEFAULT_THRESHOLD,
  inSixteenBits,
  type SeparationOptions,
  separateObjects,
} from "./separate-objects.js";

/** The probabilities of an image of any size. */
export interface ChunkedCells {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** The side of the squares in which it is read and its labels are written; the last ones are smaller. */
  readonly side: number;
  /** The planes of an area of the image, as in `CellProbability`; undefined if all of it is 0. */
  read(area: Tile): Promise<CellPlanes | undefined>;
}

/** Probabilities of an area, [height][width], as in `CellProbability`. */
export interface CellPlanes {
  /** Probability of a cell, with its border. */
  readonly cell: Float32Array | Uint16Array;
  /** Probability of a cell without its border, if the network has a class for the border. */
  readonly inside?: Float32Array | Uint16Array | undefined;
}

export function componentsOf(
  { cell }: CellPlanes,
  { width, height }: Tile,
  threshold = DEFAULT_THRESHOLD,
) {
  const limit = 65535 * threshold;
  return connectedComponents(aboveLimit(inSixteenBits(cell), limit), width, height);
}

/** 1 where a value is above the limit. */
function aboveLimit(values: Uint16Array | Int32Array, limit: number): Uint8Array {
  const above = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if (values[i] > limit) above[i] = 1;
  return above;
}

/** Objects of an area. */
export interface FoundObjects {
  readonly area: Tile;
  /** [area.height][area.width]: from 1; 0 elsewhere. */
  readonly data: Int32Array;
  readonly count: number;
  /** The first pixel of each object in the image; [0] is none. */
  readonly firsts: readonly (readonly [x: number, y: number])[];
}

/** The objects of components within a chunk, numbered from 1; the components that leave it go to `cross`. */
export async function innerObjects(
  cells: ChunkedCells,
  area: Tile,
  separation: SeparationOptions,
  cross: ReturnType<typeof createCrossings>["add"],
): Promise<FoundObjects> {
  const none = { area, data: new Int32Array(0), count: 0, firsts: [] };
  const window = withMargin(area, cells, 1);
  const planes = await cells.read(window);
  const around = planes && componentsOf(planes, window, separation.threshold);
  if (!around || around.count === 0) {
    cross(area, undefined);
    return none;
  }
  const own = cropPlane(around.labels, window, area);
  const components = connectedComponents(aboveLimit(own, 0), area.width, area.height);
  const leaving = cross(area, { components, around: around.labels, window });
  if (leaving.size === components.count) return none;
  const found = objectsAround(planes, window, separation);
  // A component with a pixel in the margin is not of this chunk, and neither are its filled holes.
  const isForeign = new Uint8Array(found.components.count + 1);
  const { labels } = found.components;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const component = labels[pixel];
    const [x, y] = [pixel % window.width, Math.floor(pixel / window.width)];
    const [column, row] = [window.x + x - area.x, window.y + y - area.y];
    const isInside = column >= 0 && row >= 0 && column < area.width && row < area.height;
    if (!isInside) isForeign[component] = 1;
  }
  const objects = cropPlane(found.data, window, area);
  const parts = cropPlane(found.components.labels, window, area);
  return kept(objects, parts, (component) => isForeign[component] === 0, separation, area);
}

/**
 * Objects of an area with a margin, small ones included, and the components that they are pieces of, with their holes
 * filled: those never touch each other.
 */
function objectsAround(planes: CellPlanes, { width, height }: Tile, separation: SeparationOptions) {
  const { separation: neck, threshold, holes } = separation;
  const { data } = separateObjects(
    { width, height, ...planes },
    { separation: neck, threshold, holes, smallest: 0 },
  );
  return { data, components: connectedComponents(aboveLimit(data, 0), width, height) };
}

/** The objects of the components that count, without small ones, numbered from 1 by their first pixels, [x, y]. */
function kept(
  objects: Int32Array,
  components: Int32Array,
  counts: (component: number) => boolean,
  { smallest = DEFAULT_SMALLEST }: SeparationOptions,
  area: Tile,
): FoundObjects {
  const sizes = new Map<number, number>();
  for (let pixel = 0; pixel < objects.length; pixel++) {
    const object = objects[pixel];
    if (object === 0 || !counts(components[pixel])) continue;
    sizes.set(object, (sizes.get(object) ?? 0) + 1);
  }
  const numbers = new Map<number, number>();
  const firsts: (readonly [number, number])[] = [[-1, -1]];
  const data = objects.map((object, pixel) => {
    if ((sizes.get(object) ?? 0) < Math.max(1, smallest)) return 0;
    const known = numbers.get(object);
    if (known !== undefined) return known;
    const number = firsts.push(placeIn(area, pixel)) - 1;
    numbers.set(object, number);
    return number;
  });
  return { area, data, count: firsts.length - 1, firsts };
}

const placeIn = ({ x, y, width }: Tile, pixel: number): readonly [x: number, y: number] => [
  x + (pixel % width),
  y + Math.floor(pixel / width),
];

/** Separates a component that crosses chunks, in its box with a margin. */
export async function crossingObjects(
  cells: ChunkedCells,
  { box, first }: Crossing,
  separation: SeparationOptions,
): Promise<FoundObjects> {
  const window = withMargin(box, cells, 1);
  const planes = (await cells.read(window)) as CellPlanes;
  const { data, components } = objectsAround(planes, window, separation);
  const component = components.labels[(first[1] - window.y) * window.width + first[0] - window.x];
  const isOwn = (one: number) => one === component;
  return kept(data, components.labels, isOwn, separation, window);
}
