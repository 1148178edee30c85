// Slides: images of any size, stored in chunks, often at several resolutions.

import type { ChunkSource } from "../../data/chunk-source.js";
import type { PixelSize } from "../../data/image-types.js";

/** One resolution of a slide. */
export interface SlideLevel {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Pixels of the full resolution per pixel of this one, along x: 1, 2, 4. */
  readonly factor: number;
}

/** Which plane of a slide is read. */
export interface SlidePlane {
  /** The resolution, counted from 0, the full one. By default 0. */
  readonly level?: number | undefined;
  /** Channels by number, counted from 0, in this order. By default all. */
  readonly channels?: readonly number[] | undefined;
  /** Slice of a volume, counted from 0. By default 0. */
  readonly z?: number | undefined;
  /** Point in time, counted from 0. By default 0. */
  readonly t?: number | undefined;
}

/** An opened slide. Its pixels are read chunk by chunk. */
export interface Slide {
  /** For errors and outputs. */
  readonly name: string;
  /** How it is stored. */
  readonly format: "zarr" | "tiff";
  /** The version of OME-Zarr; undefined for TIFF and for Zarr arrays without OME's metadata. */
  readonly version?: OmeVersion | undefined;
  /** From the full resolution to the smallest. */
  readonly levels: readonly SlideLevel[];
  /** `[channels]`: their names, or "0", "1", "2". */
  readonly channelNames: readonly string[];
  /** Slices of a volume; 1 for an image. */
  readonly sizeZ: number;
  /** Points in time. */
  readonly sizeT: number;
  /** Of the full resolution, where the file says it. */
  readonly pixelSize?: PixelSize | undefined;
  /** What users should know, in sentences without the slide's name. */
  readonly remarks: readonly string[];
  /** The chunks of a plane. Rejects with a sentence that names the slide if there is no such plane. */
  chunks(plane?: SlidePlane): Promise<ChunkSource>;
}

/** Versions of OME-Zarr, whose arrays are of Zarr 2 and Zarr 3. */
export type OmeVersion = "0.4" | "0.5";

/** Values by key, as zarrita reads them: a folder, a server, a zip file. Keys begin with "/". */
export interface ReadableStore {
  /** The value; undefined if there is none. */
  get(key: `/${string}`, options?: object): Promise<Uint8Array | undefined>;
  /** A part of a value, which arrays of Zarr 3 with shards need. */
  getRange?(
    key: `/${string}`,
    range: { readonly offset: number; readonly length: number } | { readonly suffixLength: number },
    options?: object,
  ): Promise<Uint8Array | undefined>;
}

/** A store that can be written. */
export interface WritableStore extends ReadableStore {
  /** Writes a value completely or not at all. */
  set(key: `/${string}`, value: Uint8Array): Promise<void>;
}

/** Returns the chosen numbers, each checked. Throws with a sentence about the plane. */
export function checkedPlane(
  slide: Pick<Slide, "name" | "levels" | "channelNames" | "sizeZ" | "sizeT">,
  plane: SlidePlane,
): { level: number; channels: readonly number[]; z: number; t: number } {
  const { level = 0, z = 0, t = 0 } = plane;
  const channels = plane.channels ?? slide.channelNames.map((_, index) => index);
  const check = (what: string, value: number, count: number) => {
    if (Number.isSafeInteger(value) && value >= 0 && value < count) return;
    throw new RangeError(
      `${slide.name}: there is no ${what} ${value}, it has ${count}, counted from 0`,
    );
  };
  check("level", level, slide.levels.length);
  check("slice z", z, slide.sizeZ);
  check("time t", t, slide.sizeT);
  for (const channel of channels) check("channel", channel, slide.channelNames.length);
  if (channels.length === 0) throw new RangeError(`${slide.name}: no channel was chosen`);
  return { level, channels, z, t };
}
