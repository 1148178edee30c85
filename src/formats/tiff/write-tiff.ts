// Writes images that PNG cannot hold as TIFF files: other number types, other numbers of channels.
// Uncompressed, with a strip per channel, so that the samples' bytes are copied unchanged.

import type { RawImage, Samples } from "../../data/image-types.js";

/**
/**
 * Tags by number, in the ascending order that a directory requires, with 16-bit or 32-bit values; a
 * fraction is two of the latter.
 */
type Entry = readonly [tag: number, kind: "short" | "long" | "fraction", values: readonly number[]];

const KINDS = {
  short: { code: 3, size: 2, each: 1 },
  long: { code: 4, size: 4, each: 1 },
  fraction: { code: 5, size: 4, each: 2 },
} as const;

/** Of 32 bits without a sign, with room to round. */
const MOST = 2 ** 32 - 2;

/** Whether this machine is little-endian; bytes are written in its order. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Encodes an image with numbers of any type. When read again they are the same to the bit. A pixel
 * size is written as pixels per centimetre, which reads back with 9 digits.
 */
export function encodeTiff(image: RawImage): Uint8Array {
  const { width, height, channels, maximum, data, pixelSize } = image;
  const bits = bitsOf(data, maximum);
  const strips = planes(data, width, bits, channels);
  const stripBytes = strips[0].length;
  const isColour = channels === 3;
  const extra = channels - (isColour ? 3 : 1);
  const each = (value: number) => new Array<number>(channels).fill(value);
  const directory = (offsets: readonly number[]): Entry[] => [
    [256, "long", [width]],
    [257, "long", [height]],
    [258, "short", each(bits)],
    [259, "short", [1]], // uncompressed
    [262, "short", [isColour ? 2 : 1]], // RGB, else grey with 0 as black
    [273, "long", offsets],
    [277, "short", [channels]],
    [278, "long", [height]], // rows per strip
    [279, "long", each(stripBytes)],
    ...(pixelSize ? resolution("x", pixelSize.x) : []),
    ...(pixelSize ? resolution("y", pixelSize.y) : []),
    [284, "short", [2]], // one channel per strip
    ...(pixelSize ? [[296, "short", [3]] as const] : []), // centimetres
    ...(extra > 0 ? [[338, "short", new Array<number>(extra).fill(0)] as const] : []), // no alpha
    [339, "short", each(formatOf(data))],
  ];
  // The offsets follow from the size of the directory, which does not depend on their values.
  const head = headBytes(directory(each(0))).length;
  const offsets = strips.map((_, channel) => head + channel * stripBytes);
  const bytes = new Uint8Array(head + channels * stripBytes);
  bytes.set(headBytes(directory(offsets)));
  strips.forEach((strip, channel) => {
    bytes.set(strip, offsets[channel]);
  });
  return bytes;
}

/** XResolution or YResolution in pixels per centimetre, of pixels of so many micrometres. */
function resolution(axis: "x" | "y", micrometres: number): Entry[] {
  const pixels = 1e4 / micrometres;
  // The larger of the two numbers fills its 32 bits.
  const denominator = Math.floor(pixels >= 1 ? MOST / pixels : MOST);
  const isServed = denominator >= 1 && pixels * denominator >= 1;
  return isServed
    ? [[axis === "x" ? 282 : 283, "fraction", [Math.round(pixels * denominator), denominator]]]
    : [];
}

/** Returns the bits per sample: those of the number type, or fewer if `maximum` allows. */
function bitsOf(data: Samples, maximum: number): number {
  const full = 8 * data.BYTES_PER_ELEMENT;
  if (formatOf(data) !== 1) return full;
  const bits = Math.log2(maximum + 1);
  return Number.isInteger(bits) && bits >= 1 && bits < full ? bits : full;
}

/** The tag SampleFormat: 1 for unsigned, 2 for signed integers, 3 for floats. */
function formatOf(data: Samples): number {
  if (data instanceof Float32Array) return 3;
  return data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array
    ? 2
    : 1;
}

/**
 * Returns the bytes of each channel. Samples of less than a byte are packed, the first one highest,
 * row by row.
 */
function planes(data: Samples, width: number, bits: number, channels: number): Uint8Array[] {
  const count = data.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    const plane = data.subarray(channel * count, (channel + 1) * count);
    if (bits === 8 * data.BYTES_PER_ELEMENT) {
      return new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
    }
    const rowBytes = Math.ceil((width * bits) / 8);
    const packed = new Uint8Array((count / width) * rowBytes);
    for (let i = 0; i < count; i++) {
      const first = 8 * rowBytes * Math.floor(i / width) + (i % width) * bits;
      for (let bit = 0; bit < bits; bit++) {
        const at = first + bit;
        packed[at >> 3] |= ((plane[i] >> (bits - 1 - bit)) & 1) << (7 - (at & 7));
      }
    }
    return packed;
  });
}

/** Header and directory, followed by the values that do not fit into an entry. */
function headBytes(entries: readonly Entry[]): Uint8Array {
  const start = 8;
  const end = start + 2 + 12 * entries.length + 4;
  const room = (kind: Entry[1], values: readonly number[]) => KINDS[kind].size * values.length;
  const outside = entries.reduce((sum, [, kind, values]) => {
    const size = room(kind, values);
    return sum + (size > 4 ? size : 0);
  }, 0);
  const view = new DataView(new ArrayBuffer(16 * Math.ceil((end + outside) / 16)));
  view.setUint16(0, LITTLE ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, LITTLE);
  view.setUint32(4, start, LITTLE);
  view.setUint16(start, entries.length, LITTLE);
  let free = end;
  entries.forEach(([tag, kind, values], index) => {
    const entry = start + 2 + 12 * index;
    const { code, size, each } = KINDS[kind];
    view.setUint16(entry, tag, LITTLE);
    view.setUint16(entry + 2, code, LITTLE);
    view.setUint32(entry + 4, values.length / each, LITTLE);
    const isInside = room(kind, values) <= 4;
    const at = isInside ? entry + 8 : free;
    if (!isInside) {
      view.setUint32(entry + 8, free, LITTLE);
      free += room(kind, values);
    }
    values.forEach((value, i) => {
      if (kind === "short") view.setUint16(at + i * size, value, LITTLE);
      else view.setUint32(at + i * size, value, LITTLE);
    });
  });
  return new Uint8Array(view.buffer);
}
