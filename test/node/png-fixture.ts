// Writes PNG files of every kind, those too that no encoder of ours writes.

import { deflateSync } from "node:zlib";

export interface Kind {
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** Red, green, blue by entry. */
  readonly palette?: readonly number[];
  /** The bytes of a transparency chunk. */
  readonly transparency?: readonly number[];
  /** Changes the compressed pixels. */
  readonly damage?: (compressed: Buffer) => Buffer;
}

/** A file of the samples [height][width][samples a pixel], unfiltered. */
export function pngFile(
  width: number,
  height: number,
  samples: ArrayLike<number>,
  { colourType, depth, palette, transparency, damage = (compressed) => compressed }: Kind,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, 0], 8);
  const perRow = samples.length / height;
  const rowBytes = Math.ceil((perRow * depth) / 8);
  const bytes = Buffer.alloc((rowBytes + 1) * height);
  for (let i = 0; i < samples.length; i++) {
    const start = Math.floor(i / perRow) * (rowBytes + 1) + 1;
    const bit = (i % perRow) * depth;
    const at = start + (bit >> 3);
    if (depth === 16) bytes.writeUInt16BE(samples[i], at);
    else bytes[at] |= samples[i] << (8 - depth - (bit & 7));
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
    ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
    chunk("IDAT", damage(deflateSync(bytes))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  body.copy(result, 4);
  let sum = 0xffffffff;
  for (const byte of body) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  result.writeUInt32BE(~sum >>> 0, body.length + 4);
  return result;
}
