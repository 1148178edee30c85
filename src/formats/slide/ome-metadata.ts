// The metadata of OME-Zarr, 0.4 and 0.5 (ngff.openmicroscopy.org/0.4, /0.5): read and written.

import type { Colour, PixelSize } from "../../data/image-types.js";
import type { OmeVersion } from "./slide-types.js";

/** A multiscale image as its metadata describes it. */
export interface Multiscale {
  readonly version: OmeVersion;
  /** The names of the axes, in the order of the arrays: of t, c, z, y, x. */
  readonly axes: readonly string[];
  /** Of the full resolution. */
  readonly pixelSize: PixelSize | undefined;
  /** Paths of the arrays, the full resolution first. */
  readonly paths: readonly string[];
  /** Names of channels, where they are given. */
  readonly channelNames: readonly (string | undefined)[];
}

type Json = Readonly<Record<string, unknown>>;

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Micrometres of a unit of UDUNITS-2. */
const UNITS: Readonly<Record<string, number>> = {
  angstrom: 1e-4,
  nanometer: 1e-3,
  micrometer: 1,
  millimeter: 1e3,
  centimeter: 1e4,
  meter: 1e6,
};

/**
 * Returns the first multiscale image of a group's attributes; undefined if they have none. Throws words
 * that follow the store's name.
 */
export function parseMultiscale(attributes: Json): Multiscale | undefined {
  const ome = record(attributes.ome);
  const own = ome.multiscales === undefined ? attributes : ome;
  const found = list(own.multiscales)[0];
  if (found === undefined) return undefined;
  const multiscale = record(found);
  const given = list(multiscale.axes).map((axis) =>
    typeof axis === "string" ? { name: axis } : record(axis),
  );
  // Before version 0.3 the axes were always these.
  const axes = given.length > 0 ? given.map(({ name }) => String(name)) : [..."tczyx"];
  const known = axes.every((axis) => "tczyx".includes(axis) && axis.length === 1);
  if (!known || axes.slice(-2).join("") !== "yx" || new Set(axes).size < axes.length) {
    throw new Error(`its axes are ${axes.join(", ")}, expected some of t, c, z, and then y, x`);
  }
  const paths = list(multiscale.datasets).map((dataset) => String(record(dataset).path));
  if (paths.length === 0) throw new Error("its multiscales name no dataset");
  const channels = list(record(own.omero).channels);
  return {
    version: own === ome ? "0.5" : "0.4",
    axes,
    pixelSize: pixelSizeIn(multiscale, given),
    paths,
    channelNames: channels.map((channel) => {
      const { label } = record(channel);
      return label === undefined ? undefined : String(label);
    }),
  };
}

function pixelSizeIn(multiscale: Json, axes: readonly Json[]): PixelSize | undefined {
  const scaleOf = (transformations: unknown): readonly unknown[] | undefined => {
    const scales = list(transformations).map(record);
    return list(scales.find(({ type }) => type === "scale")?.scale);
  };
  const own = scaleOf(record(list(multiscale.datasets)[0]).coordinateTransformations) ?? [];
  const all = scaleOf(multiscale.coordinateTransformations) ?? [];
  const along = (name: string) => {
    const at = axes.findIndex((axis) => axis.name === name);
    const unit = UNITS[String(axes[at]?.unit)] ?? Number.NaN;
    return Number(own[at] ?? Number.NaN) * Number(all[at] ?? 1) * unit;
  };
  const [x, y] = [along("x"), along("y")];
  return x > 0 && y > 0 && Number.isFinite(x * y) ? { x, y } : undefined;
}

/** An image to describe. */
export interface DescribedImage {
  readonly version: OmeVersion;
  /** The name shown for it. */
  readonly name: string;
  /** ["y", "x"] or ["c", "y", "x"] */
  readonly axes: readonly string[];
  /** By level: pixels of the full resolution per pixel, along x and y. */
  readonly factors: readonly { readonly x: number; readonly y: number }[];
  /** Of the full resolution of the output. */
  readonly pixelSize?: PixelSize | undefined;
  /** How the smaller levels were made: "mean", "nearest". */
  readonly method: string;
}

/**
 * Returns the multiscales of an image whose levels are at the paths "0", "1", ... A pixel of a smaller
 * level has its centre between those that it was made from, which the translation says.
 */
export function multiscalesOf(image: DescribedImage): Json {
  const { version, name, axes, factors, pixelSize, method } = image;
  const space = pixelSize ? { unit: "micrometer" } : {};
  const size = pixelSize ?? { x: 1, y: 1 };
  const values = (of: (axis: "x" | "y") => number, channel: number) =>
    axes.map((axis) => (axis === "x" || axis === "y" ? of(axis) : channel));
  return {
    ...(version === "0.4" ? { version } : {}),
    name,
    axes: axes.map((axis) =>
      axis === "c" ? { name: "c", type: "channel" } : { name: axis, type: "space", ...space },
    ),
    datasets: factors.map((factor, level) => ({
      path: `${level}`,
      coordinateTransformations: [
        { type: "scale", scale: values((axis) => size[axis] * factor[axis], 1) },
        {
          type: "translation",
          translation: values((axis) => (size[axis] * (factor[axis] - 1)) / 2, 0),
        },
      ],
    })),
    type: method,
  };
}

/** A channel of probabilities: white, from 0 to 1 in 16 bits. */
export function omeroChannels(names: readonly string[]): Json {
  const window = { min: 0, max: 65535, start: 0, end: 65535 };
  return {
    channels: names.map((label, index) => ({
      label,
      active: index === 0,
      color: "FFFFFF",
      window,
    })),
    rdefs: { model: names.length === 1 ? "greyscale" : "color" },
  };
}

/** The "image-label" of a label image: the colour of each value, and where its image is. */
export function imageLabelOf(
  version: OmeVersion,
  colours: ReadonlyMap<number, Colour>,
  names: ReadonlyMap<number, string> = new Map(),
): Json {
  return {
    ...(version === "0.4" ? { version } : {}),
    colors: [...colours].map(([value, colour]) => ({
      "label-value": value,
      rgba: [...colour, value === 0 ? 0 : 255],
    })),
    properties: [...names].map(([value, name]) => ({ "label-value": value, class: name })),
    source: { image: "../../" },
  };
}
