// Measurements as a table: a row per object, columns with their units in the name.

import type { PixelSize } from "../data/image-types.js";
import type { ObjectMeasurements, Shape } from "./measure.js";
import type { Brightness } from "./measure-channels.js";

/** The objects of one image. */
export interface MeasuredImage {
  /** The name of its file, as shown in the first column. */
  readonly file: string;
  /** Measurements, in the order of the objects' numbers. */
  readonly objects: readonly ObjectMeasurements[];
  /** The size of a pixel in micrometres, if known. */
  readonly pixelSize?: PixelSize | undefined;
}

/** A column; undefined and NaN are empty cells. */
export interface MeasurementColumn {
  /** Its head, with the unit: "area_px2". */
  readonly name: string;
  /** Its value for an object of an image. */
  value(object: ObjectMeasurements, image: MeasuredImage): string | number | undefined;
}

type Unit = "length" | "area";

/** Columns that exist in pixels and in micrometres. */
const SIZES: readonly (readonly [name: string, key: keyof Shape, unit: Unit])[] = [
  ["area", "area", "area"],
  ["perimeter", "perimeter", "length"],
  ["equivalent_diameter", "equivalentDiameter", "length"],
  ["feret_max", "feretMax", "length"],
  ["feret_min", "feretMin", "length"],
  ["major_axis", "majorAxis", "length"],
  ["minor_axis", "minorAxis", "length"],
  ["centroid_x", "centroidX", "length"],
  ["centroid_y", "centroidY", "length"],
  ["box_x", "boxX", "length"],
  ["box_y", "boxY", "length"],
  ["box_width", "boxWidth", "length"],
  ["box_height", "boxHeight", "length"],
];
const PIXELS: Readonly<Record<Unit, string>> = { length: "px", area: "px2" };
const MICROMETRES: Readonly<Record<Unit, string>> = { length: "um", area: "um2" };

/** Columns without a unit; if pixels are not square they are computed in micrometres. */
const SHAPES: readonly (readonly [name: string, key: keyof Shape])[] = [
  ["eccentricity", "eccentricity"],
  ["solidity", "solidity"],
  ["roundness", "roundness"],
  ["circularity", "circularity"],
];

const BRIGHTNESS: readonly (readonly [name: string, key: keyof Brightness])[] = [
  ["mean", "mean"],
  ["sum", "sum"],
  ["sd", "deviation"],
  ["min", "minimum"],
  ["max", "maximum"],
];

/**
 * The columns for a set of images, always in the same order: file, label, sizes in pixels, shapes,
 * border and neighbours; sizes in micrometres, if the pixel size of an image is known; mean, sum,
 * standard deviation, minimum and maximum of each channel, up to the largest number of channels.
 */
export function measurementColumns(images: readonly MeasuredImage[]): MeasurementColumn[] {
  const channels = images.reduce(
    (most, { objects }) => Math.max(most, objects[0]?.channels.length ?? 0),
    0,
  );
  return columnsOf(
    images.some(({ pixelSize }) => pixelSize),
    channels,
  );
}

function columnsOf(hasMicrometres: boolean, channels: number): MeasurementColumn[] {
  return [
    { name: "file", value: (_, { file }) => file },
    { name: "label", value: ({ label }) => label },
    ...SIZES.map(([name, key, unit]): MeasurementColumn => {
      return { name: `${name}_${PIXELS[unit]}`, value: ({ pixels }) => pixels[key] };
    }),
    ...SHAPES.map(([name, key]): MeasurementColumn => {
      return { name, value: (object, image) => unitless(object, image)[key] };
    }),
    { name: "touches_border", value: ({ touchesBorder }) => Number(touchesBorder) },
    { name: "neighbours", value: ({ neighbours }) => neighbours },
    ...(hasMicrometres ? micrometreColumns() : []),
    ...Array.from({ length: channels }, (_, channel) => channelColumns(channel)).flat(),
  ];
}

function micrometreColumns(): MeasurementColumn[] {
  return [
    ...SIZES.map(([name, key, unit]): MeasurementColumn => {
      return {
        name: `${name}_${MICROMETRES[unit]}`,
        value: ({ micrometres }) => micrometres?.[key],
      };
    }),
    { name: "pixel_width_um", value: (_, { pixelSize }) => pixelSize?.x },
    { name: "pixel_height_um", value: (_, { pixelSize }) => pixelSize?.y },
  ];
}

function channelColumns(channel: number): MeasurementColumn[] {
  return BRIGHTNESS.map(([name, key]) => {
    return { name: `${name}_c${channel + 1}`, value: ({ channels }) => channels[channel]?.[key] };
  });
}

/** Shapes of pixels that are not square are computed in micrometres. */
function unitless(
  { pixels, micrometres }: ObjectMeasurements,
  { pixelSize }: MeasuredImage,
): Shape {
  return micrometres && pixelSize && pixelSize.x !== pixelSize.y ? micrometres : pixels;
}

/**
 * The table as CSV (RFC 4180, lines end in \n): a head, then a row per object. Numbers are the
 * shortest that read back as the same 64 bits, with a point; undefined values are empty cells.
 * The text is the same in Node and in a page.
 */
export function measurementsCsv(images: readonly MeasuredImage[]): string {
  const columns = measurementColumns(images);
  const lines = [columns.map(({ name }) => name).join(",")];
  for (const image of images) {
    for (const object of image.objects) {
      lines.push(csvRow(columns.map(({ value }) => value(object, image))));
    }
  }
  return `${lines.join("\n")}\n`;
}

function cellText(value: string | number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * The names of the columns of a table for images whose tables have these heads: those that one table of all images
 * would have, in its order.
 */
export function joinedHead(heads: readonly (readonly string[])[]): string[] {
  const names = new Set(heads.flat());
  const channels = [...names].map((name) => Number(/_c(\d+)$/.exec(name)?.[1] ?? 0));
  const columns = columnsOf(names.has("pixel_width_um"), Math.max(0, ...channels));
  return columns.map(({ name }) => name);
}

/** A row of CSV without its end of line. */
export const csvRow = (cells: readonly (string | number | undefined)[]) =>
  cells.map(cellText).join(",");

/** The cells of a row of CSV. */
export function splitCsvRow(row: string): string[] {
  const cells = row.match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
  return cells.map((cell) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}
