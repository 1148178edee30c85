// The chunks of a PNG file (PNG specification, section 5).

import { MOST_PIXELS } from "../most-pixels.js";

/** The header of a PNG file, and the chunks that its pixels depend on. */
export interface PngStructure {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: ColourType;
  readonly interlaced: boolean;
  /** Red, green, blue of each palette entry. */
  readonly palette: Uint8Array | undefined;
  /** The contents of tRNS: a colour, or opacities of palette entries. */
  readonly transparency: Uint8Array | undefined;
  /** The compressed pixels. */
  readonly compressed: Uint8Array;
}

export type ColourType = 0 | 2 | 3 | 4 | 6;

/** The bit depths that a colour type may have (section 11.2.2). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const KNOWN = new Set(["IHDR", "PLTE", "IDAT", "tRNS"]);
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file begins like a PNG image. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the chunks up to the end, or to the end of the file after the pixels: anything after the
 * pixels, or missing there, makes no difference. An extra chunk with a wrong checksum is ignored.
 * Errors are words that follow a colon after the file's name.
 */
export function readStructure(bytes: Uint8Array): PngStructure {
  if (bytes.length === 0) throw new Error("it is empty, expected a PNG image");
  if (!isPng(bytes)) {
    const begin = JSON.stringify(String.fromCharCode(...bytes.subarray(0, 8)));
    throw new Error(`it is not a PNG image (it begins with ${begin})`);
  }
  const found: Record<string, Uint8Array | undefined> = Object.create(null);
  const pixels: Uint8Array[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === "IDAT") pixels.push(data);
    else if (pixels.length > 0 && type !== "IHDR") continue;
    else if (type in found && type !== "tRNS") throw damaged(`two chunks ${type}`);
    else found[type] = data;
    if (found.IHDR === undefined) throw damaged("its header is missing");
  }
  const { IHDR: header, PLTE: palette, tRNS: transparency } = found;
  if (header === undefined || header.length < 13 || pixels.length === 0) {
    throw damaged("its header or its pixels are missing");
  }
  return { ...readHeader(header), palette, transparency, compressed: joined(pixels) };
}

/** The relevant chunks, in order; a missing end after the pixels is accepted. */
function* chunksOf(bytes: Uint8Array): Generator<{ type: string; data: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasPixels = false;
  for (let position = SIGNATURE.length; ; ) {
    const type = String.fromCharCode(...bytes.subarray(position + 4, position + 8));
    const end = position + 12 <= bytes.length ? position + 12 + view.getUint32(position) : Infinity;
    if (end > bytes.length) {
      if (hasPixels && type !== "IDAT") return;
      throw truncated(bytes);
    }
    if (type === "IEND") return;
    if (!KNOWN.has(type)) {
      // The names of chunks that must be understood begin with a capital.
      if (/^[A-Z]/.test(type)) {
        throw new Error(
          `it has a chunk ${JSON.stringify(type)} that is not part of PNG: save it again as PNG or TIFF`,
        );
      }
    } else if (view.getUint32(end - 4) === checksum(bytes.subarray(position + 4, end - 4))) {
      yield { type, data: bytes.subarray(position + 8, end - 4) };
    } else if (type !== "tRNS") throw damaged(`checksum of ${type}`);
    hasPixels ||= type === "IDAT";
    position = end;
  }
}

function readHeader(
  header: Uint8Array,
): Omit<PngStructure, "palette" | "transparency" | "compressed"> {
  const view = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw new Error(
      `its header says ${width}x${height} pixels, expected 1 to ${MOST_PIXELS} pixels in all`,
    );
  }
  const [depth, colourType, compression, filter, interlace] = header.subarray(8);
  const isKnown = DEPTHS[colourType]?.includes(depth) && compression === 0 && filter === 0;
  if (!isKnown || interlace > 1) {
    const got = `colour type ${colourType}, ${depth} bits, methods ${compression}, ${filter}`;
    throw new Error(`it is a PNG image of an unknown kind (${got}, ${interlace})`);
  }
  return {
    width,
    height,
    depth,
    colourType: colourType as ColourType,
    interlaced: interlace === 1,
  };
}

function damaged(what: string): Error {
  return new Error(`it is a damaged PNG image (${what})`);
}

function truncated(bytes: Uint8Array): Error {
  return new Error(`it ends early, after ${bytes.length} bytes, within a PNG image`);
}

/** Returns a file with only header, pixels and, for a palette image, the palette. */
export function writeFile(
  {
    width,
    height,
    depth,
    colourType,
    interlaced = false,
    palette,
  }: Pick<PngStructure, "width" | "height" | "depth" | "colourType"> &
    Partial<Pick<PngStructure, "interlaced" | "palette">>,
  compressed: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colourType, 0, 0, Number(interlaced)], 8);
  const chunks = [
    chunk("IHDR", header),
    ...(colourType === 3 && palette ? [chunk("PLTE", palette)] : []),
    chunk("IDAT", compressed),
    chunk("IEND", new Uint8Array(0)),
  ];
  return joined([Uint8Array.from(SIGNATURE), ...chunks]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const result = new Uint8Array(data.length + 12);
  const view = new DataView(result.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) result[4 + i] = type.charCodeAt(i);
  result.set(data, 8);
  view.setUint32(data.length + 8, checksum(result.subarray(4, data.length + 8)));
  return result;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    result.set(part, position);
    position += part.length;
  }
  return result;
}

/** The checksums of the single bytes (annex D). */
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});

function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ CHECKSUMS[(sum ^ byte) & 0xff];
  return ~sum >>> 0;
}
