// Reads the tags that describe a page's pixels (TIFF 6.0, section 8), with defaults for absent
// ones.

import { type Directory, textOf, valuesOf } from "./directory.js";
import type { Reader } from "./reader.js";

export const TAGS = {
  NewSubfileType: 254,
  SubfileType: 255,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  ImageDescription: 270,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  T4Options: 292,
  ResolutionUnit: 296,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SubIFDs: 330,
  InkSet: 332,
  ExtraSamples: 338,
  SampleFormat: 339,
  JPEGTables: 347,
  ImageDepth: 32997,
  TileDepth: 32998,
  MetaMorph: 33629,
  GdalMetadata: 42112,
  GdalNoData: 42113,
} as const;

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Numbers per pixel. */
  readonly samples: number;
  /** By sample; one value if all are equal. */
  readonly bits: readonly number[];
  /** 1 unsigned integers, 2 signed integers, 3 floats; in the same form as `bits`. */
  readonly formats: readonly number[];
  /** 0 grey with 0 as white, 1 grey, 2 RGB, 3 palette, 4 mask, 6 YCbCr. */
  readonly photometric: number;
  /** Samples besides the colours: 0 is unspecified, 1 and 2 are alpha. */
  readonly extra: readonly number[];
  readonly compression: number;
  readonly predictor: number;
  readonly fillOrder: number;
  readonly orientation: number;
  /** Whether each sample has separate blocks. */
  readonly isPlanar: boolean;
  readonly isTiled: boolean;
  /** Of a tile or a strip; the last strip may have fewer rows. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Planes of a volume. */
  readonly depth: number;
  /** Bits of NewSubfileType: 1 is a smaller copy, 4 a mask. */
  readonly kind: number;
}

export async function readLayout(reader: Reader, directory: Directory): Promise<Layout> {
  const list = async (tag: keyof typeof TAGS, most: number) => {
    const values = Array.from((await valuesOf(reader, directory, TAGS[tag], most)) ?? []);
    const odd = values.find((value) => !(Number.isSafeInteger(value) && value >= 0));
    if (odd !== undefined) throw new Error(`its tag ${tag} is ${odd}, expected a whole number`);
    return values;
  };
  const one = async (tag: keyof typeof TAGS, absent: number) => (await list(tag, 1))[0] ?? absent;

  const [width, height] = [await one("ImageWidth", 0), await one("ImageLength", 0)];
  const given = await list("BitsPerSample", 65535);
  const samples = await one("SamplesPerPixel", Math.max(1, given.length));
  const isTiled = directory.entries.has(TAGS.TileWidth);
  const rows = isTiled ? await one("TileLength", 0) : await one("RowsPerStrip", 2 ** 32 - 1);
  const old = await one("SubfileType", 1);
  const kind = await one("NewSubfileType", old === 2 ? 1 : 0);
  const depth = Math.max(await one("ImageDepth", 1), await one("TileDepth", 1));
  return {
    width,
    height,
    samples,
    bits: distinct(given.slice(0, samples), 1),
    formats: distinct((await list("SampleFormat", 65535)).slice(0, samples), 1).map(known),
    photometric: await one("PhotometricInterpretation", 1),
    extra: await list("ExtraSamples", 65535),
    compression: await one("Compression", 1),
    predictor: await one("Predictor", 1),
    fillOrder: await one("FillOrder", 1),
    orientation: await one("Orientation", 1),
    isPlanar: (await one("PlanarConfiguration", 1)) === 2 && samples > 1,
    isTiled,
    blockWidth: isTiled ? await one("TileWidth", 0) : width,
    // Writers that do not use strips write 0 or the largest number.
    blockHeight: isTiled ? rows : Math.min(rows || height, height),
    depth,
    kind,
  };
}

/** An undefined format (4) is treated as unsigned integers, as in libtiff. */
const known = (format: number) => (format === 4 ? 1 : format);

/** Returns the values if they differ, else one of them. */
function distinct(values: readonly number[], absent: number): number[] {
  if (values.length === 0) return [absent];
  return values.every((value) => value === values[0]) ? [values[0]] : [...values];
}

export const descriptionOf = (reader: Reader, directory: Directory) =>
  textOf(reader, directory, TAGS.ImageDescription);
