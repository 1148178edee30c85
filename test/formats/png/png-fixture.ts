// Writes PNG files of every kind, those too that no encoder of ours writes.

import { deflateSync } from "node:zlib";

export interface Kind {
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** Red, green, blue by entry. */
  readonly palette?: readonly number[];
  /** The bytes of a transparency chunk. */
  readonly transparency?: readonly number[];
  readonly interlaced?: boolean;
  /** Changes the compressed pixels. */
  readonly damage?: (compressed: Buffer) => Buffer;
}

/** First column, first row, steps of columns and of rows of Adam7's passes. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** A file of the samples [height][width][samples a pixel], unfiltered. */
export function pngFile(width: number, height: number, samples: number[], kind: Kind): Buffer {
  const { colourType, depth, palette, transparency, interlaced, damage } = kind;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const perPixel = samples.length / (width * height);
  const rows: Buffer[] = [];
  for (const [x0, y0, dx, dy] of interlaced ? PASSES : [[0, 0, 1, 1]]) {
    for (let y = y0; y < height && x0 < width; y += dy) {
      const row: number[] = [];
      for (let x = x0; x < width; x += dx) {
        const at = (y * width + x) * perPixel;
        row.push(...samples.slice(at, at + perPixel));
      }
      rows.push(packed(row, depth));
    }
  }
  const compressed = deflateSync(Buffer.concat(rows));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
    ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
    chunk("IDAT", damage ? damage(compressed) : compressed),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A file with these bytes at the place of its chunk of pixels, with or without what ends it. */
export function withPixels(file: Buffer, chunks: readonly Buffer[], end = true): Buffer {
  const at = file.indexOf("IDAT") - 4;
  return Buffer.concat([file.subarray(0, at), ...chunks, ...(end ? [file.subarray(-12)] : [])]);
}

/** The compressed pixels of a file with one chunk of them. */
export function pixelsOf(file: Buffer): Buffer {
  const at = file.indexOf("IDAT") + 4;
  return file.subarray(at, at + file.readUInt32BE(at - 8));
}

/** A header that claims a size, with the pixels of another file. */
export function claimSize(file: Buffer, width: number, height: number): Buffer {
  const header = Buffer.from(file.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([file.subarray(0, 8), chunk("IHDR", header), file.subarray(33)]);
}

/** A row after the byte of its filter. */
function packed(row: number[], depth: number): Buffer {
  const bytes = Buffer.alloc(1 + Math.ceil((row.length * depth) / 8));
  row.forEach((sample, i) => {
    const at = 1 + ((i * depth) >> 3);
    if (depth === 16) bytes.writeUInt16BE(sample, at);
    else bytes[at] |= sample << (8 - depth - ((i * depth) & 7));
  });
  return bytes;
}

/** A chunk; `sum` is another checksum than the right one. */
export function chunk(type: string, data: Buffer, sum?: number): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  body.copy(result, 4);
  let right = 0xffffffff;
  for (const byte of body) {
    right ^= byte;
    for (let bit = 0; bit < 8; bit++) right = (right >>> 1) ^ (right & 1 ? 0xedb88320 : 0);
  }
  result.writeUInt32BE(sum ?? ~right >>> 0, body.length + 4);
  return result;
}
