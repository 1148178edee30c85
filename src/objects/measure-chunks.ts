// Measures the objects of labels that are read chunk by chunk: the same measurements as of the whole image.

import type { PixelSize, Samples } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import { chunkAreas, cropPlane, withMargin } from "./chunk-areas.js";
import { checkPixelSize, measurementOf, type ObjectMeasurements } from "./measure.js";
import { type BrightnessSums, brightnessSums, joinBrightness } from "./measure-channels.js";
import { measureRims, type Rims } from "./measure-rim.js";
import { type ObjectRuns, objectRuns } from "./object-runs.js";

/** Labels of an image of any size; each object is 4-connected. */
export interface LabelChunks {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** The side of the squares in which it is measured. */
  readonly side: number;
  /** The numbers of an area, [height][width]; undefined if all are 0. */
  read(area: Tile): Promise<Int32Array | undefined>;
}

/** An image of the size of the labels, with values as stored in its file. */
export interface ImageChunks {
  /** Planes that `read` gives. */
  readonly channels: number;
  /** [channels][height][width] of an area. */
  read(area: Tile): Samples | Promise<Samples>;
}

/** What is measured in addition to shapes. */
export interface MeasureChunksOptions {
  /** The image whose brightness is measured. */
  readonly image?: ImageChunks | undefined;
  /** In micrometres. */
  readonly pixelSize?: PixelSize | undefined;
  /** Called after each chunk. */
  readonly onChunk?: ((done: number, total: number) => void) | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
}

/** What is measured of an object within one chunk, or within several. */
interface Part {
  readonly runs: Runs;
  /** Sixths of steps, as in `Rims`. */
  readonly steps: [number, number, number];
  readonly neighbours: Set<number>;
  /** The first pixel. */
  first: readonly [x: number, y: number];
  touchesBorder: boolean;
  channels: BrightnessSums[];
}

/** Runs of pixels in the coordinates of the image. */
interface Runs {
  readonly y: number[];
  readonly x0: number[];
  readonly x1: number[];
}

/** A part of an object that goes on in another chunk, below, or only above or aside. */
interface OpenPart {
  readonly label: number;
  readonly part: Part;
  readonly goesOn: "no" | "yes" | "below";
}

/**
 * Measures every object once, in the order in which they are complete: not that of their numbers. Shapes are those
 * of `measureObjects` to the bit, and so are the brightnesses of whole numbers; those of fractions differ in the last
 * bits, since they are added in another order. Memory: a chunk, and the runs of the objects that cross chunks.
 */
export async function* measureChunks(
  labels: LabelChunks,
  options: MeasureChunksOptions = {},
): AsyncGenerator<ObjectMeasurements> {
  const { pixelSize, onChunk, signal } = options;
  checkPixelSize("measureChunks", pixelSize);
  const areas = chunkAreas(labels);
  const open = new Map<number, { part: Part; row: number }>();
  for (const [i, area] of areas.entries()) {
    signal?.throwIfAborted();
    for (const { label, part, goesOn } of await partsOf(labels, area, options)) {
      if (goesOn === "no") {
        yield measured(label, part, pixelSize);
        continue;
      }
      const before = open.get(label);
      if (before) join(before.part, part);
      // The row of chunks with which it may be complete.
      const row = area.y + (goesOn === "below" ? labels.side : 0);
      open.set(label, { part: before?.part ?? part, row: Math.max(row, before?.row ?? 0) });
    }
    onChunk?.(i + 1, areas.length);
    if (areas[i + 1]?.y === area.y) continue;
    for (const [label, { part, row }] of open) {
      if (row > area.y) continue;
      open.delete(label);
      yield measured(label, part, pixelSize);
    }
  }
}

/** The parts of objects in a chunk. */
async function partsOf(
  labels: LabelChunks,
  area: Tile,
  { image }: MeasureChunksOptions,
): Promise<OpenPart[]> {
  const window = withMargin(area, labels, 2);
  const around = await labels.read(window);
  const core = around && cropPlane(around, window, area);
  if (!around || !core?.some((label) => label > 0)) return [];
  const names = [...new Set<number>(around)].filter((label) => label > 0);
  const local = new Map(names.map((label, i) => [label, i + 1]));
  const numbered = (plane: Int32Array) => plane.map((label) => local.get(label) ?? 0);
  const count = names.length;
  const runs = objectRuns({ width: area.width, height: area.height, data: numbered(core), count });
  const inWindow = { ...area, x: area.x - window.x, y: area.y - window.y };
  const size = { width: window.width, height: window.height };
  const rims = measureRims({ ...size, data: numbered(around), count }, inWindow);
  const neighbours = names.map(() => new Set<number>());
  for (const pair of rims.pairs) neighbours[Math.floor(pair / count)].add(names[pair % count]);
  const samples = image && (await image.read(area));
  const pixels = area.width * area.height;
  const planes = Array.from({ length: image?.channels ?? 0 }, (_, channel) =>
    (samples as Samples).subarray(channel * pixels, (channel + 1) * pixels),
  );
  const { beyond, below } = leaving(around, window, area);
  return names.flatMap((label, index): OpenPart[] => {
    const [begin, end] = [runs.starts[index], runs.starts[index + 1]];
    if (begin === end) return [];
    const part: Part = {
      runs: moved(runs, begin, end, area),
      first: [area.x + runs.x0[begin], area.y + runs.y[begin]],
      steps: [rims.steps[0][index], rims.steps[1][index], rims.steps[2][index]],
      neighbours: neighbours[index],
      touchesBorder: rims.touchesBorder[index] === 1,
      channels: planes.map((plane) => brightnessSums(plane, area.width, runs, index)),
    };
    const goesOn = below.has(label) ? "below" : beyond.has(label) ? "yes" : "no";
    return [{ label, part, goesOn }];
  });
}

/** The objects of an area that go on in a chunk next to it, and those that do so in the one below. */
function leaving(around: Int32Array, window: Tile, area: Tile) {
  const at = (x: number, y: number) => {
    const [column, row] = [x - window.x, y - window.y];
    const isIn = column >= 0 && row >= 0 && column < window.width && row < window.height;
    return isIn ? around[row * window.width + column] : 0;
  };
  const [beyond, below] = [new Set<number>(), new Set<number>()];
  const [right, bottom] = [area.x + area.width, area.y + area.height];
  for (let x = area.x; x < right; x++) {
    if (at(x, area.y) === at(x, area.y - 1)) beyond.add(at(x, area.y));
    if (at(x, bottom - 1) === at(x, bottom)) below.add(at(x, bottom));
  }
  for (let y = area.y; y < bottom; y++) {
    if (at(area.x, y) === at(area.x - 1, y)) beyond.add(at(area.x, y));
    if (at(right - 1, y) === at(right, y)) beyond.add(at(right, y));
  }
  return { beyond, below };
}

function moved({ y, x0, x1 }: ObjectRuns, begin: number, end: number, area: Tile): Runs {
  const shifted = (values: Int32Array, by: number) =>
    Array.from(values.subarray(begin, end), (value) => value + by);
  return { y: shifted(y, area.y), x0: shifted(x0, area.x), x1: shifted(x1, area.x) };
}

/** Adds a part to another. The origin of the brightness is that of the first pixel, as for the whole image. */
function join(to: Part, part: Part): void {
  const [x, y] = part.first;
  const isBefore = y < to.first[1] || (y === to.first[1] && x < to.first[0]);
  for (const key of ["y", "x0", "x1"] as const) {
    for (const value of part.runs[key]) to.runs[key].push(value);
  }
  for (const side of [0, 1, 2] as const) to.steps[side] += part.steps[side];
  for (const label of part.neighbours) to.neighbours.add(label);
  to.touchesBorder ||= part.touchesBorder;
  to.channels = to.channels.map((sums, i) =>
    isBefore ? joinBrightness(part.channels[i], sums) : joinBrightness(sums, part.channels[i]),
  );
  if (isBefore) to.first = part.first;
}

function measured(
  label: number,
  { runs, steps, neighbours, touchesBorder, channels }: Part,
  pixelSize: PixelSize | undefined,
): ObjectMeasurements {
  const order = Array.from(runs.y.keys()).sort(
    (a, b) => runs.y[a] - runs.y[b] || runs.x0[a] - runs.x0[b],
  );
  const sorted = (values: readonly number[]) => Int32Array.from(order, (at) => values[at]);
  const { y, x0, x1 } = { y: sorted(runs.y), x0: sorted(runs.x0), x1: sorted(runs.x1) };
  const rims: Rims = {
    steps: steps.map((one) => Float64Array.of(one)) as unknown as Rims["steps"],
    neighbours: Int32Array.of(neighbours.size),
    pairs: new Set(),
    touchesBorder: Uint8Array.of(Number(touchesBorder)),
  };
  const own = { starts: Int32Array.of(0, order.length), y, x0, x1 };
  return measurementOf(own, rims, 0, { label, pixelSize, channels });
}
