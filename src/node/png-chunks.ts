// The chunks of a PNG file (PNG specification, section 5): what pngjs does not tell.

import { inflateSync } from "node:zlib";

/** The header of a PNG file, and the chunks that matter to its pixels. */
export interface PngStructure {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: number;
  readonly interlaced: boolean;
  /** Red, green, blue of each palette entry. */
  readonly palette: Uint8Array | undefined;
  readonly header: Buffer;
  /** The whole chunks of pixel data, length and checksum included. */
  readonly pixelChunks: readonly Buffer[];
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** More pixels than this would need gigabytes: a damaged header more often than an image. */
const MOST_PIXELS = 2 ** 28;

/**
 * Reads the chunks. Errors, without the file's name: what is wrong, in words that follow a colon.
 */
export function readStructure(bytes: Buffer): PngStructure {
  if (bytes.length === 0) throw new Error("it is empty, expected a PNG image");
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    const begin = JSON.stringify(bytes.toString("latin1", 0, 8));
    throw new Error(`it is not a PNG image (it begins with ${begin})`);
  }
  let header: Buffer | undefined;
  let palette: Uint8Array | undefined;
  const pixelChunks: Buffer[] = [];
  let position = SIGNATURE.length;
  for (;;) {
    if (position + 12 > bytes.length) throw truncated(bytes);
    const length = bytes.readUInt32BE(position);
    const type = bytes.toString("latin1", position + 4, position + 8);
    const end = position + 12 + length;
    if (end > bytes.length) throw truncated(bytes);
    const data = bytes.subarray(position + 8, end - 4);
    // pngjs sees a header of our making and no palette: their checksums are looked at here.
    if (type === "IHDR" || type === "PLTE") {
      if (bytes.readUInt32BE(end - 4) !== crc32(bytes.subarray(position + 4, end - 4))) {
        throw new Error(`it is a damaged PNG image (checksum of ${type})`);
      }
    }
    if (type === "IHDR") header = data;
    else if (type === "PLTE") palette = new Uint8Array(data);
    else if (type === "IDAT") pixelChunks.push(bytes.subarray(position, end));
    else if (type === "IEND") break;
    position = end;
  }
  if (header === undefined || header.length < 13 || pixelChunks.length === 0) {
    throw new Error("it is a damaged PNG image: its header or its pixels are missing");
  }
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw new Error(
      `its header says ${width}x${height} pixels, expected 1 to ${MOST_PIXELS} pixels in all`,
    );
  }
  const [depth, colourType, interlaced] = [header[8], header[9], header[12] === 1];
  return { width, height, depth, colourType, interlaced, palette, header, pixelChunks };
}

/**
 * Throws where the compressed pixels end early or are of another length than the header says: pngjs
 * 7 does not notice and gives uninitialised memory. (It does notice in an interlaced file.)
 */
export function checkPixels(structure: PngStructure): void {
  const { width, height, depth, colourType, interlaced, pixelChunks } = structure;
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType];
  if (interlaced || samples === undefined) return;
  // Each row begins with a byte that names its filter.
  const expected = height * (1 + Math.ceil((width * samples * depth) / 8));
  const data = Buffer.concat(pixelChunks.map((chunk) => chunk.subarray(8, -4)));
  const length = inflateSync(data, { maxOutputLength: expected + 1 }).length;
  if (length !== expected) throw new Error(`${length} bytes of pixels, expected ${expected}`);
}

/**
 * The file reduced to header and pixels. A palette file becomes a grey one of its indices: pngjs
 * would give their colours. Without a transparency chunk pngjs changes no grey value.
 */
export function plainFile({ header, colourType, pixelChunks }: PngStructure): Buffer {
  const plainHeader = Buffer.from(header);
  if (colourType === 3) plainHeader[9] = 0;
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", plainHeader),
    ...pixelChunks,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function truncated(bytes: Buffer): Error {
  return new Error(`it ends early, after ${bytes.length} bytes, within a PNG image`);
}

function chunk(type: string, data: Buffer): Buffer {
  const result = Buffer.alloc(data.length + 12);
  result.writeUInt32BE(data.length, 0);
  result.write(type, 4, "latin1");
  data.copy(result, 8);
  result.writeUInt32BE(crc32(result.subarray(4, data.length + 8)), data.length + 8);
  return result;
}

/** The checksum of PNG, annex D, bit by bit: it runs over a few bytes alone. */
function crc32(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
