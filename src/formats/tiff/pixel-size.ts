// The size of a page's pixels in micrometres, as ImageJ, OME-XML or the tags of the resolution say it.

import type { PixelSize } from "../../data/image-types.js";
import { type Directory, valuesOf } from "./directory.js";
import { TAGS } from "./page-layout.js";
import type { Reader } from "./reader.js";

/** Micrometres of a unit, by the words of ImageJ and of OME; all others say nothing. */
const UNITS: Readonly<Record<string, number>> = {
  pm: 1e-6,
  å: 1e-4,
  nm: 1e-3,
  nanometer: 1e-3,
  µm: 1,
  um: 1,
  micron: 1,
  microns: 1,
  micrometer: 1,
  mm: 1e3,
  millimeter: 1e3,
  cm: 1e4,
  centimeter: 1e4,
  inch: 25400,
  in: 25400,
  m: 1e6,
  meter: 1e6,
};
/** The unit of the tags: 2 is inch, 3 is centimetre. */
const TAG_UNITS: Readonly<Record<number, number>> = { 2: 25400, 3: 1e4 };
/** Resolutions for screens and printers begin here: 1270 pixels per inch, of which no microscope knows. */
const LARGEST = 20;

/**
 * The pixel size that a page's tags and the file's description say; undefined where they say none.
 * Sizes of 20 micrometres and more by nothing but the tags are the resolution of a screen or printer, which
 * programs write into any file, and count as none.
 */
export async function pixelSizeOf(
  reader: Reader,
  directory: Directory,
  description: string,
): Promise<PixelSize | undefined> {
  const ome = omePixelSize(description);
  if (ome) return ome;
  const [x, y] = [
    await tag(reader, directory, TAGS.XResolution),
    await tag(reader, directory, TAGS.YResolution),
  ];
  if (x === undefined) return undefined;
  const unit = (await tag(reader, directory, TAGS.ResolutionUnit)) ?? 2;
  const word = description.startsWith("ImageJ=") ? lineOf(description, "unit") : undefined;
  const named = word === undefined ? undefined : UNITS[folded(word)];
  const size = sized((named ?? TAG_UNITS[unit] ?? Number.NaN) / x, y, x);
  return named === undefined && size && Math.max(size.x, size.y) >= LARGEST ? undefined : size;
}

function sized(width: number, y: number | undefined, x: number): PixelSize | undefined {
  const height = y === undefined ? width : (width * x) / y;
  return known({ x: width, y: height });
}

/** Sizes above 0, without what the division of 32-bit numbers adds. */
function known({ x, y }: PixelSize): PixelSize | undefined {
  const isSize = (value: number) => value > 0 && Number.isFinite(value);
  const short = (value: number) => Number(value.toPrecision(9));
  return isSize(x) && isSize(y) ? { x: short(x), y: short(y) } : undefined;
}

async function tag(reader: Reader, directory: Directory, number: number) {
  const value = (await valuesOf(reader, directory, number, 1))?.[0];
  return value !== undefined && value > 0 && Number.isFinite(value) ? value : undefined;
}

/** PhysicalSizeX and PhysicalSizeY of the first image; the unit is the micrometre where none is said. */
function omePixelSize(description: string): PixelSize | undefined {
  if (!/<(\w+:)?OME\b/.test(description.slice(0, 4096))) return undefined;
  const pixels = /<(?:\w+:)?Pixels\b[^>]*>/.exec(description)?.[0];
  if (pixels === undefined) return undefined;
  const attribute = (name: string) =>
    new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(pixels)?.[1];
  const length = (axis: string) => {
    const unit = attribute(`PhysicalSize${axis}Unit`) ?? "µm";
    return Number(attribute(`PhysicalSize${axis}`)) * (UNITS[folded(unit)] ?? Number.NaN);
  };
  return known({ x: length("X"), y: length("Y") });
}

const lineOf = (description: string, key: string) =>
  new RegExp(`^${key}=(.*)$`, "m").exec(description)?.[1].trim();

/** As `UNITS` has it: ImageJ writes \u00B5 as six letters, and there are two signs for micro. */
function folded(unit: string): string {
  return unit
    .replace(/\\u00B5/i, "µ")
    .replace(/&#(181|xB5);/i, "µ")
    .replaceAll("μ", "µ")
    .trim()
    .toLowerCase();
}
