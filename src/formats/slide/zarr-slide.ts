// OME-Zarr stores as slides: version 0.4 (Zarr 2) and 0.5 (Zarr 3), in any store.

import type { DataType, Array as ZarrArray } from "zarrita";
import type { ChunkSource } from "../../data/chunk-source.js";
import { type Multiscale, parseMultiscale } from "./ome-metadata.js";
import { checkedPlane, type ReadableStore, type Slide } from "./slide-types.js";
import { type NotingStore, noting, zarrChunks } from "./zarr-chunks.js";

type Levels = readonly ZarrArray<DataType, NotingStore>[];

/**
 * Opens the image of a store: a group with multiscales, the first image of bioformats2raw, or a single
 * array of 2 to 5 dimensions, whose axes are then the last of t, c, z, y, x.
 */
export async function openZarr(store: ReadableStore, name: string): Promise<Slide> {
  try {
    const { arrays, image, remarks } = await openLevels(noting(store));
    return slideOf(name, arrays, image, remarks);
  } catch (error) {
    throw explained(name, error);
  }
}

/** Opens an array of a store as chunks: of classes, of objects. `axes`: those of the array. */
export async function openZarrArray(
  store: ReadableStore,
  path: string,
  axes: readonly string[],
): Promise<ChunkSource> {
  const { open, root } = await import("zarrita");
  const array = await open(root(noting(store)).resolve(path), { kind: "array" });
  const channels = axes.includes("c") ? array.shape[axes.indexOf("c")] : 1;
  const all = Array.from({ length: channels }, (_, index) => index);
  return zarrChunks(array, { axes, channels: all, z: 0, t: 0 });
}

async function openLevels(store: NotingStore) {
  const { open, root, isZarritaError } = await import("zarrita");
  let place = root(store);
  const remarks: string[] = [];
  const openNode = async () => {
    try {
      return await open(place);
    } catch (error) {
      if (!isZarritaError(error, "NotFoundError")) throw error;
      throw new Error("it is no Zarr store: it has no zarr.json, .zgroup or .zarray");
    }
  };
  let node = await openNode();
  if (node.kind === "array") {
    const image = { axes: [..."tczyx"].slice(-node.shape.length), channelNames: [] };
    return { arrays: [node] as Levels, image, remarks };
  }
  let image = parseMultiscale(node.attrs);
  const layout = node.attrs["bioformats2raw.layout"] ?? bioFormatsIn(node.attrs);
  if (image === undefined && layout !== undefined) {
    place = place.resolve("0");
    remarks.push("it is a collection of images, of which the first is read");
    node = await openNode();
    if (node.kind === "group") image = parseMultiscale(node.attrs);
  }
  if (image === undefined) {
    throw new Error(
      fieldAdvice(node.attrs) ??
        "its metadata has no multiscales: expected an image of OME-Zarr 0.4 or 0.5",
    );
  }
  const arrays: ZarrArray<DataType, NotingStore>[] = [];
  for (const path of image.paths) {
    arrays.push(await open(place.resolve(path), { kind: "array" }));
  }
  return { arrays: arrays as Levels, image, remarks };
}

/** What to open instead of a plate or one of its wells; undefined if it is neither. */
function fieldAdvice(attributes: Readonly<Record<string, unknown>>): string | undefined {
  const { plate, well } = {
    ...attributes,
    ...(attributes.ome as object | undefined),
  } as Collection;
  const first = (list: unknown) => (Array.isArray(list) ? list[0]?.path : undefined) ?? "...";
  if (plate) {
    return `it is a plate, whose fields are images: open one of them, such as ${first(plate.wells)}/0 in it`;
  }
  return (
    well &&
    `it is a well, whose fields are images: open one of them, such as ${first(well.images)} in it`
  );
}

/** Of the high-content screening of OME-Zarr: lists of objects with a path. */
interface Collection {
  readonly plate?: { readonly wells?: unknown };
  readonly well?: { readonly images?: unknown };
}

function bioFormatsIn({ ome }: Readonly<Record<string, unknown>>): unknown {
  return typeof ome === "object" && ome !== null && "bioformats2raw.layout" in ome
    ? ome["bioformats2raw.layout"]
    : undefined;
}

function slideOf(
  name: string,
  arrays: Levels,
  image: Pick<Multiscale, "axes" | "channelNames"> & Partial<Multiscale>,
  remarks: readonly string[],
): Slide {
  const { axes, version, pixelSize } = image;
  const [first] = arrays;
  const size = (array: (typeof arrays)[number], axis: string) =>
    axes.includes(axis) ? array.shape[axes.indexOf(axis)] : 1;
  const levels = arrays.map((array) => {
    const [width, height] = [size(array, "x"), size(array, "y")];
    // Levels are rounded, so that the larger side tells most.
    const factor = Math.max(1, Math.round(size(first, "x") / width));
    return { width, height, factor };
  });
  const names = Array.from({ length: size(first, "c") }, (_, i) => image.channelNames[i] ?? `${i}`);
  const slide = {
    name,
    format: "zarr" as const,
    version,
    levels,
    channelNames: names,
    sizeZ: size(first, "z"),
    sizeT: size(first, "t"),
    pixelSize,
    remarks,
  };
  // Checks the types of the numbers, and that the arrays have the axes.
  zarrChunks(first, { axes, channels: [0], z: 0, t: 0 });
  return {
    ...slide,
    async chunks(plane = {}) {
      const { level, ...rest } = checkedPlane(slide, plane);
      try {
        return named(name, zarrChunks(arrays[level], { axes, ...rest }));
      } catch (error) {
        throw explained(name, error);
      }
    },
  };
}

/** The chunks, with errors that name the slide and the chunk. */
function named(name: string, source: ChunkSource): ChunkSource {
  return {
    ...source,
    async readChunk(column, row) {
      try {
        return await source.readChunk(column, row);
      } catch (error) {
        throw explained(`${name}, chunk at column ${column}, row ${row}`, error);
      }
    },
  };
}

function explained(name: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const said = error instanceof Error ? error.message : String(error);
  const why = cause && !said.includes(cause.message) ? `${said}: ${cause.message}` : said;
  return new Error(`${name}: ${why}`, { cause: error });
}
