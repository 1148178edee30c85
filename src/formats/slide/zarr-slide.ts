// OME-Zarr stores as slides: version 0.4 (Zarr 2) and 0.5 (Zarr 3), in any store.

import type { DataType, Location, Array as ZarrArray } from "zarrita";
import type { ChunkSource } from "../../data/chunk-source.js";
import { type Multiscale, parseMultiscale } from "./ome-metadata.js";
import { explained, namedChunks } from "./slide-errors.js";
import { checkedPlane, type ReadableStore, type Slide } from "./slide-types.js";
import { type NotingStore, noting, zarrChunks } from "./zarr-chunks.js";
import { checkBlosc, readNode } from "./zarr-metadata.js";

/** An array, and how its chunks are checked. */
interface Level {
  readonly array: ZarrArray<DataType, NotingStore>;
  readonly check: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * Opens the image of a store: a group with multiscales, the first image of bioformats2raw, or a single
 * array of 2 to 5 dimensions, whose axes are then the last of t, c, z, y, x.
 */
export async function openZarr(store: ReadableStore, name: string): Promise<Slide> {
  try {
    const { levels, image, remarks } = await openLevels(noting(store));
    return slideOf(name, levels, image, remarks);
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
  const { root } = await import("zarrita");
  const { array, check } = await openArray(root(noting(store)).resolve(path));
  const channels = axes.includes("c") ? array.shape[axes.indexOf("c")] : 1;
  const all = Array.from({ length: channels }, (_, index) => index);
  return zarrChunks(array, { axes, channels: all, z: 0, t: 0, check });
}

interface OpenedGroup {
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Place = Location<NotingStore>;

/** Opens what is at a place of a store; undefined if nothing is. */
async function openNode(place: Place): Promise<Level | OpenedGroup | undefined> {
  const { open } = await import("zarrita");
  const about = await readNode(place.store, place.path);
  if (about === undefined) return undefined;
  const node = await (about.version === "v2" ? open.v2(place) : open.v3(place));
  return node.kind === "array"
    ? { array: node as Level["array"], check: about.isBlosc ? checkBlosc : undefined }
    : { attributes: node.attrs };
}

async function openArray(place: Place): Promise<Level> {
  const found = await openNode(place);
  if (found && "array" in found) return found;
  const path = place.path.slice(1) || "its root";
  throw new Error(
    `its metadata names an array at ${path}, where there is ${found ? "a group" : "neither zarr.json nor .zarray"}: ` +
      "copy the slide again",
  );
}

async function openLevels(store: NotingStore) {
  const { root } = await import("zarrita");
  let place: Place = root(store);
  const remarks: string[] = [];
  let node = await openNode(place);
  if (node === undefined) {
    throw new Error(
      "it is no Zarr store: it has no zarr.json, .zgroup or .zarray: check the path or the address",
    );
  }
  if ("array" in node) {
    const image = { axes: [..."tczyx"].slice(-node.array.shape.length), channelNames: [] };
    return { levels: [node] as Level[], image, remarks };
  }
  let { attributes } = node;
  let image = parseMultiscale(attributes);
  const layout = attributes["bioformats2raw.layout"] ?? bioFormatsIn(attributes);
  if (image === undefined && layout !== undefined) {
    place = place.resolve("0");
    remarks.push("it is a collection of images, of which the first is read");
    node = await openNode(place);
    if (node && "attributes" in node) {
      attributes = node.attributes;
      image = parseMultiscale(attributes);
    }
  }
  if (image === undefined) {
    throw new Error(
      fieldAdvice(attributes) ??
        "its metadata has no multiscales: expected an image of OME-Zarr 0.4 or 0.5",
    );
  }
  const levels: Level[] = [];
  for (const path of image.paths) levels.push(await openArray(place.resolve(path)));
  return { levels, image, remarks };
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
  opened: readonly Level[],
  image: Pick<Multiscale, "axes" | "channelNames"> & Partial<Multiscale>,
  remarks: readonly string[],
): Slide {
  const { axes, version, pixelSize } = image;
  const [{ array: first }] = opened;
  const size = (array: Level["array"], axis: string) =>
    axes.includes(axis) ? array.shape[axes.indexOf(axis)] : 1;
  const levels = opened.map(({ array }) => {
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
        const { array, check } = opened[level];
        return namedChunks(name, zarrChunks(array, { axes, ...rest, check }));
      } catch (error) {
        throw explained(name, error);
      }
    },
  };
}
