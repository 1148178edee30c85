// TIFF bytes to the integers that they store: single images and stacks. Reads no file, so that it
// would run in a browser too.

import type { GeoTIFFImage } from "geotiff";
import type { RawImage } from "../data/types.js";
import { isTiff } from "./signature.js";

/** The images of a file, in its order. */
export interface TiffStack {
  /** Smaller copies for display and masks that a file may hold beside its images do not count. */
  readonly pageCount: number;
  /** Decodes a page, from 0. Errors: one sentence that names file and page. */
  page(index: number): Promise<RawImage>;
}

/** What a page's directory says (TIFF 6.0, section 8), with the defaults filled in. */
interface Tags {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly bits: number;
  readonly samples: number;
  /** 0 grey with 0 as white, 1 grey, 2 RGB, 3 palette. */
  readonly photometric: number;
  /** Samples beside the colours: 0 says nothing, 1 and 2 are alpha. */
  readonly extra: readonly number[];
}

type TagName = Parameters<GeoTIFFImage["fileDirectory"]["loadValue"]>[0];

/** What each tag may say here; the first value is what its absence means. */
const SERVED = {
  Compression: [1, 5, 8, 32946, 32773],
  PhotometricInterpretation: [1, 0, 2, 3],
  Orientation: [1],
  FillOrder: [1],
  SampleFormat: [1],
  Predictor: [1, 2],
  BitsPerSample: [1, 2, 4, 8, 16],
} as const;
const WORDS: Readonly<Record<keyof typeof SERVED, string>> = {
  Compression: "none (1), LZW (5), deflate (8, 32946) or PackBits (32773)",
  PhotometricInterpretation: "grey (0, 1), RGB (2) or a palette (3)",
  Orientation: "1, the first row above",
  FillOrder: "1",
  Predictor: "1, or 2 for differences along rows",
  SampleFormat: "1, whole numbers from 0",
  BitsPerSample: "1, 2, 4, 8 or 16, the same for all channels",
};
/** More pixels than this would need gigabytes: a damaged header more often than an image. */
const MOST_PIXELS = 2 ** 28;

/**
 * Reads the directories of a TIFF or BigTIFF file of either byte order. Served: whole numbers of up
 * to 16 bits; grey, RGB, palette and any number of channels; strips and tiles; uncompressed, LZW,
 * deflate and PackBits. Errors name the file, and the tag that says what is not served.
 */
export async function openTiff(bytes: Uint8Array, fileName: string): Promise<TiffStack> {
  const images = await explained(fileName, () => imagesOf(bytes));
  return {
    pageCount: images.length,
    page(index) {
      const where = images.length > 1 ? `${fileName}, page ${index}` : fileName;
      return explained(where, async () => {
        const image = images[index];
        if (image === undefined) throw new Error(`it has ${images.length} pages, counted from 0`);
        return decode(image, bytes.length);
      });
    },
  };
}

/** Runs the work; its error is a sentence that names the file. */
async function explained<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : error}`);
  }
}

async function imagesOf(bytes: Uint8Array): Promise<GeoTIFFImage[]> {
  if (!isTiff(bytes)) throw new Error("it is not a TIFF image");
  const { fromArrayBuffer } = await import("geotiff");
  const file = await damaged(() => fromArrayBuffer(bytes.slice().buffer as ArrayBuffer));
  // Long tags that are read later are taken for little-endian whatever the file is (geotiff 3.0.5).
  file.parser.eager = true;
  const images: GeoTIFFImage[] = [];
  const seen = new Set([0]);
  for (let index = 0, next = 1; next !== 0; index++) {
    const image = await damaged(() => file.getImage(index));
    const kind = Number((await image.fileDirectory.loadValue("NewSubfileType")) ?? 0);
    if ((kind & 5) === 0) images.push(image);
    next = image.fileDirectory.nextIFDByteOffset;
    if (next !== 0 && seen.has(next)) {
      throw new Error("it is a damaged TIFF image (its directories form a circle)");
    }
    seen.add(next);
  }
  if (images.length === 0) throw new Error("it is a damaged TIFF image (it holds no image)");
  await refuseImageJ(images);
  return images;
}

/** ImageJ writes stacks above 4 GB as one directory, with the other images behind the first. */
async function refuseImageJ(images: readonly GeoTIFFImage[]): Promise<void> {
  const text = await images[0].fileDirectory.loadValue("ImageDescription");
  const count = Number(/^ImageJ=[\s\S]*?^images=(\d+)/m.exec(String(text))?.[1] ?? 1);
  if (count <= images.length) return;
  throw new Error(
    `its tag ImageDescription says ${count} images by ImageJ, but its directories name ` +
      `${images.length}: save it as smaller stacks`,
  );
}

/** Runs the library; its errors say that the file is damaged. */
async function damaged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(
      `it is a damaged TIFF image (${error instanceof Error ? error.message : error})`,
    );
  }
}

async function decode(image: GeoTIFFImage, fileBytes: number): Promise<RawImage> {
  const tags = await readTags(image);
  await checkBytes(image, fileBytes);
  const { width, height, bits, photometric, extra, samples } = tags;
  const planes = (await damaged(() => image.readRasters())) as unknown as ArrayLike<number>[];
  // Alpha is left out, as that of PNG files.
  const colours = samples - extra.length;
  const kept = planes.filter((_, i) => i < colours || ![1, 2].includes(extra[i - colours]));
  const count = width * height;
  const maximum = 2 ** bits - 1;
  if (photometric === 3) return coloured(image, tags, Uint8Array.from(kept[0]));
  const data = new (bits === 16 ? Uint16Array : Uint8Array)(kept.length * count);
  kept.forEach((plane, channel) => {
    data.set(plane, channel * count);
  });
  if (photometric === 0) for (let i = 0; i < data.length; i++) data[i] = maximum - data[i];
  return { width, height, channels: kept.length, maximum, data };
}

async function readTags(image: GeoTIFFImage): Promise<Tags> {
  const [width, height] = [image.getWidth(), image.getHeight()];
  if (!(width >= 1 && height >= 1 && width * height <= MOST_PIXELS)) {
    throw new Error(`it claims ${width}x${height} pixels, expected 1 to ${MOST_PIXELS} in all`);
  }
  const samples = image.getSamplesPerPixel();
  const found: Partial<Record<keyof typeof SERVED, number>> = {};
  for (const tag of Object.keys(SERVED) as (keyof typeof SERVED)[]) {
    const values = await listed(image, tag);
    if (values.length === 0) values.push(SERVED[tag][0]);
    const stranger = values.find(
      (value) => !(SERVED[tag] as readonly number[]).includes(value) || value !== values[0],
    );
    if (stranger !== undefined) {
      throw new Error(`its tag ${tag} is ${values.join(", ")}, expected ${WORDS[tag]}`);
    }
    found[tag] = values[0];
  }
  const { BitsPerSample: bits = 1, PhotometricInterpretation: photometric = 1 } = found;
  // The library would add up bytes in the wrong order (geotiff 3.0.5).
  if (found.Predictor === 2 && bits === 16 && !image.littleEndian) {
    throw new Error("its tag Predictor is 2, expected 1 in a big-endian file of 16 bits");
  }
  if (photometric === 3 && (samples !== 1 || bits > 8)) {
    throw new Error(`its tag ColorMap belongs to ${samples} samples of ${bits} bits, expected 8`);
  }
  return { width, height, bits, samples, photometric, extra: await listed(image, "ExtraSamples") };
}

/** A tag's values; none where it is absent. */
async function listed(image: GeoTIFFImage, tag: TagName): Promise<number[]> {
  const value: unknown = await damaged(() => image.fileDirectory.loadValue(tag));
  if (value === undefined) return [];
  return typeof value === "number" ? [value] : Array.from(value as ArrayLike<number>, Number);
}

/** Throws where the pixels are said to lie behind the file's end. */
async function checkBytes(image: GeoTIFFImage, fileBytes: number): Promise<void> {
  const kind = image.fileDirectory.hasTag("TileOffsets") ? "Tile" : "Strip";
  const offsets = await listed(image, `${kind}Offsets`);
  const counts = await listed(image, `${kind}ByteCounts`);
  const end = offsets.reduce((most, offset, i) => Math.max(most, offset + (counts[i] ?? 0)), 0);
  if (end > fileBytes) {
    throw new Error(`it ends early, after ${fileBytes} bytes of at least ${end}`);
  }
}

/** A palette image from its indices; the palette has 16 bits a colour, of which 8 are kept. */
async function coloured(
  image: GeoTIFFImage,
  { width, height, bits }: Tags,
  indices: Uint8Array,
): Promise<RawImage> {
  const palette = await listed(image, "ColorMap");
  const entries = 2 ** bits;
  if (palette.length !== 3 * entries) {
    throw new Error(`its tag ColorMap has ${palette.length} values, expected ${3 * entries}`);
  }
  const colour = (channel: number, index: number) => palette[channel * entries + index] >> 8;
  const isGrey = palette.every((value, i) => value === palette[i % entries]);
  const channels = isGrey ? 1 : 3;
  const data = new Uint8Array(channels * indices.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < indices.length; i++) {
      data[channel * indices.length + i] = colour(channel, indices[i]);
    }
  }
  return { width, height, channels, maximum: 255, data, indices };
}
