// Completes the store of a slide: the smaller levels, the metadata, the final name.

import { rename } from "node:fs/promises";
import type { ChunkSource } from "../data/chunk-source.js";
import { classLegend } from "../data/classes.js";
import type { Colour } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import { imageLabelOf, multiscalesOf, omeroChannels } from "../formats/slide/ome-metadata.js";
import type { WritableStore } from "../formats/slide/slide-types.js";
import { openZarrArray } from "../formats/slide/zarr-slide.js";
import {
  createZarrArray,
  type NewArray,
  type WrittenNumbers,
  writeGroup,
} from "../formats/slide/zarr-writer.js";
import { folderStore } from "./folder-store.js";
import { explainReason, removeTemporaryFiles } from "./run-files.js";
import type { SlideJob } from "./slide-job.js";
import { CLASSES, labelArray, planeNames, probabilityArray } from "./slide-store.js";

/** A label image in the store, besides the classes: one number per object. */
export interface FinishedLabel {
  /** Its name below "labels", where its full resolution is at "0". */
  readonly name: string;
  readonly type: NewArray["type"];
  /** Colours of its values, if they are few. */
  readonly colours?: ReadonlyMap<number, Colour> | undefined;
}

/**
 * Gives the store of a slide its smaller levels, its metadata and its final name. Throws if chunks are
 * missing; may be called again after it was killed.
 */
export async function finishSlide(
  job: SlideJob,
  { labels = [] }: { readonly labels?: readonly FinishedLabel[] | undefined } = {},
): Promise<void> {
  if (job.isComplete()) return;
  const { plan, grid, partial, final } = job;
  const missing = grid.count - (await job.done()).size;
  if (missing > 0) {
    throw new Error(
      `${partial}: ${missing} of ${grid.count} chunks are not predicted yet: run predict again, or ` +
        "the missing shards",
    );
  }
  const store = folderStore(partial);
  const { version, pixelSize } = plan;
  const describe = async (path: string, array: NewArray, name: string, method: Method) => {
    const factors = await addLevels(store, path, array, method);
    const image = { version, name, axes: array.axes, factors, method, pixelSize };
    return { multiscales: [multiscalesOf({ ...image, pixelSize: pixelSize ?? undefined })] };
  };
  const image = await describe("", probabilityArray(plan), job.name, "mean");
  const { names, colours } = classLegend(plan.classFields);
  const all = [
    { name: CLASSES, type: "uint8" as const, colours: new Map(colours.entries()) },
    ...labels,
  ];
  for (const { name, type, colours = new Map() } of all) {
    const label = await describe(`labels/${name}`, labelArray(plan, type), name, "nearest");
    const classNames = new Map(name === CLASSES ? names.entries() : []);
    const attributes = { ...label, "image-label": imageLabelOf(version, colours, classNames) };
    await writeGroup(store, `labels/${name}`, version, attributes);
  }
  await writeGroup(store, "labels", version, { labels: all.map(({ name }) => name) });
  await writeGroup(store, "", version, { ...image, omero: omeroChannels(planeNames(plan)) });
  await removeTemporaryFiles(partial);
  try {
    await rename(partial, final);
  } catch (error) {
    throw new Error(`${final}: cannot be created: ${explainReason(error)}`, { cause: error });
  }
}

type Method = "mean" | "nearest";

/** Adds levels until one fits into a chunk; returns the factor of each, 1 first. */
async function addLevels(store: WritableStore, path: string, array: NewArray, method: Method) {
  const factors = [{ x: 1, y: 1 }];
  const at = (level: number) => (path === "" ? `${level}` : `${path}/${level}`);
  let shape = array.shape;
  for (let level = 1; Math.max(...shape.slice(-2)) > array.side; level++) {
    const from = await openZarrArray(store, at(level - 1), array.axes);
    const [height, width] = shape.slice(-2).map((size) => Math.ceil(size / 2));
    shape = [...shape.slice(0, -2), height, width];
    await writeLevel(store, at(level), { ...array, shape }, from, method);
    factors.push({ x: 2 ** level, y: 2 ** level });
  }
  return factors;
}

async function writeLevel(
  store: WritableStore,
  path: string,
  array: NewArray,
  from: ChunkSource,
  method: Method,
): Promise<void> {
  const { shape, side, axes } = array;
  const [height, width] = shape.slice(-2);
  const writer = await createZarrArray(store, path, array);
  const hasChannels = axes.includes("c");
  for (let row = 0; row * side < height; row++) {
    for (let column = 0; column * side < width; column++) {
      const area = {
        x: column * side,
        y: row * side,
        width: Math.min(side, width - column * side),
        height: Math.min(side, height - row * side),
      };
      const planes = await halved(from, column, row, area, method);
      for (const [channel, plane] of planes.entries()) {
        await writer.write(hasChannels ? [channel, row, column] : [row, column], area, plane);
      }
    }
  }
}

/** The pixels of a chunk of the next level: from the up to four chunks that it covers. */
async function halved(
  from: ChunkSource,
  column: number,
  row: number,
  area: Tile,
  method: Method,
): Promise<WrittenNumbers[]> {
  const Type = from.type.constructor as new (length: number) => WrittenNumbers;
  const planes: WrittenNumbers[] = [];
  for (const [dx, dy] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]) {
    const [left, top] = [2 * column + dx, 2 * row + dy];
    const { width: side } = from.chunk;
    if (left * side >= from.width || top * from.chunk.height >= from.height) continue;
    const data = await from.readChunk(left, top);
    if (data === undefined) continue;
    if (planes.length === 0) {
      for (let i = 0; i < from.channels; i++) planes.push(new Type(area.width * area.height));
    }
    const width = Math.min(side, from.width - left * side);
    const height = Math.min(from.chunk.height, from.height - top * from.chunk.height);
    const [x, y] = [(dx * side) / 2, (dy * from.chunk.height) / 2];
    for (const [channel, plane] of planes.entries()) {
      const part = data.subarray(channel * width * height, (channel + 1) * width * height);
      const place = { from: y * area.width + x, stride: area.width };
      halve(part as WrittenNumbers, width, height, plane, place, method);
    }
  }
  return planes;
}

/** Writes every second pixel, or the mean of two by two, as many as there are. */
function halve(
  part: WrittenNumbers,
  width: number,
  height: number,
  target: WrittenNumbers,
  { from, stride }: { readonly from: number; readonly stride: number },
  method: Method,
): void {
  for (let y = 0; y < height; y += 2) {
    const below = y + 1 < height ? width : 0;
    let to = from + (y / 2) * stride;
    for (let x = 0; x < width; x += 2, to++) {
      const at = y * width + x;
      if (method === "nearest") {
        target[to] = part[at];
        continue;
      }
      const right = x + 1 < width ? 1 : 0;
      target[to] =
        (part[at] + part[at + right] + part[at + below] + part[at + below + right] + 2) / 4;
    }
  }
}
