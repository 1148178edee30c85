// Writes TIFF files of every supported kind, and of some unsupported ones.

import { deflateSync } from "node:zlib";

export interface Page {
  readonly width: number;
  readonly height: number;
  /** [height][width][samples] */
  readonly samples: readonly number[];
  /** Samples per pixel. By default 1. */
  readonly channels?: number;
  readonly bits?: 1 | 4 | 8 | 16;
  readonly compression?: "none" | "lzw" | "deflate" | "packbits";
  /** Each sample stored as the difference to that of the pixel on its left. */
  readonly differences?: boolean;
  readonly rowsPerStrip?: number;
  /** Side of square tiles instead of strips. */
  readonly tile?: number;
  /** Separate planes per channel instead of interleaved pixels. */
  readonly planar?: boolean;
  /** Red, green, blue by entry, 8 bits each. */
  readonly palette?: readonly (readonly [number, number, number])[];
  /** Further tags, or other values of those written: number to values of 16 bits. */
  readonly tags?: Readonly<Record<number, readonly number[]>>;
  readonly description?: string;
}

const COMPRESSIONS = { none: 1, lzw: 5, deflate: 8, packbits: 32773 } as const;

/** A file of one page or more. */
export function tiffFile(pages: readonly Page[], bigEndian = false): Uint8Array {
  const bytes: number[] = bigEndian ? [0x4d, 0x4d, 0, 42] : [0x49, 0x49, 42, 0];
  const number = (value: number, size: 2 | 4) => {
    const little = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) & 255);
    return bigEndian ? little.reverse() : little;
  };
  const set = (at: number, value: number) => bytes.splice(at, 4, ...number(value, 4));
  bytes.push(...number(0, 4));
  let link = 4;
  for (const page of pages) {
    const { offsets, counts } = writeBlocks(page, bytes, (value) => number(value, 2));
    const tags = tagsOf(page, offsets, counts).map(([tag, type, values]) => {
      const size = type === 4 ? 4 : type === 2 ? 1 : 2;
      const data = values.flatMap((v) => (size === 1 ? [v] : number(v, size)));
      const inline = data.length <= 4;
      const at = bytes.length;
      if (!inline) bytes.push(...data, ...(data.length % 2 ? [0] : []));
      const value = inline ? [...data, 0, 0, 0, 0].slice(0, 4) : number(at, 4);
      return [...number(tag, 2), ...number(type, 2), ...number(values.length, 4), ...value];
    });
    set(link, bytes.length);
    bytes.push(...number(tags.length, 2), ...tags.flat());
    link = bytes.length;
    bytes.push(...number(0, 4));
  }
  return Uint8Array.from(bytes);
}

type Tag = readonly [tag: number, type: 2 | 3 | 4, values: readonly number[]];

function tagsOf(page: Page, offsets: number[], counts: number[]): Tag[] {
  const { width, height, channels = 1, bits = 8, compression = "none", palette } = page;
  const photometric = palette ? 3 : channels >= 3 ? 2 : 1;
  const extra = Math.max(0, channels - (photometric === 2 ? 3 : 1));
  const tags = new Map<number, Tag>();
  const add = (tag: number, type: 2 | 3 | 4, values: readonly number[]) =>
    tags.set(tag, [tag, type, values]);
  add(256, 4, [width]);
  add(257, 4, [height]);
  add(258, 3, Array(channels).fill(bits));
  add(259, 3, [COMPRESSIONS[compression]]);
  add(262, 3, [photometric]);
  if (page.description) add(270, 2, [...Buffer.from(`${page.description}\0`)]);
  add(page.tile ? 324 : 273, 4, offsets);
  add(277, 3, [channels]);
  if (!page.tile) add(278, 4, [page.rowsPerStrip ?? height]);
  add(page.tile ? 325 : 279, 4, counts);
  if (page.tile) for (const tag of [322, 323]) add(tag, 3, [page.tile]);
  if (page.planar) add(284, 3, [2]);
  if (page.differences) add(317, 3, [2]);
  if (palette) {
    const entry = (i: number, channel: number) => 257 * (palette[i]?.[channel] ?? 0);
    const all = Array.from({ length: 2 ** bits }, (_, i) => i);
    add(
      320,
      3,
      [0, 1, 2].flatMap((channel) => all.map((i) => entry(i, channel))),
    );
  }
  if (extra > 0) add(338, 3, Array(extra).fill(0));
  for (const [tag, values] of Object.entries(page.tags ?? {})) add(Number(tag), 3, values);
  return [...tags.values()].sort((a, b) => a[0] - b[0]);
}

/** Writes the strips or tiles after the bytes, with their offsets and lengths. */
function writeBlocks(page: Page, bytes: number[], wide: (value: number) => number[]) {
  const { bits = 8, compression = "none", differences, planar, channels = 1 } = page;
  const step = planar ? 1 : channels;
  const offsets: number[] = [];
  const counts: number[] = [];
  for (const lines of blocksOf(page)) {
    const block = lines.flatMap((line) => {
      const stored = differences
        ? line.map((value, i) => (value - (line[i - step] ?? 0)) & (2 ** bits - 1))
        : line;
      return bits === 16 ? stored.flatMap(wide) : packed(stored, bits);
    });
    const data = compress(block, compression);
    offsets.push(bytes.length);
    counts.push(data.length);
    bytes.push(...data, ...(data.length % 2 ? [0] : []));
  }
  return { offsets, counts };
}

/** The rows of samples of each strip or tile, tiles filled up with zeros. */
function blocksOf({ width, height, samples, channels = 1, ...page }: Page): number[][][] {
  const sizes = page.tile ? [page.tile, page.tile] : [width, page.rowsPerStrip ?? height];
  const all = [...Array(channels).keys()];
  const blocks: number[][][] = [];
  for (const kept of page.planar ? all.map((channel) => [channel]) : [all]) {
    for (let top = 0; top < height; top += sizes[1]) {
      for (let left = 0; left < width; left += sizes[0]) {
        const rows = page.tile ? sizes[1] : Math.min(sizes[1], height - top);
        const row = (y: number) =>
          Array.from({ length: sizes[0] }, (_, i) => left + i).flatMap((x) =>
            kept.map((channel) =>
              x < width && y < height ? samples[(y * width + x) * channels + channel] : 0,
            ),
          );
        blocks.push(Array.from({ length: rows }, (_, y) => row(top + y)));
      }
    }
  }
  return blocks;
}

/** A row of samples of up to 8 bits, its last byte filled up. */
function packed(row: readonly number[], bits: number): number[] {
  const bytes = new Array<number>(Math.ceil((row.length * bits) / 8)).fill(0);
  row.forEach((value, i) => {
    bytes[(i * bits) >> 3] |= value << (8 - bits - ((i * bits) & 7));
  });
  return bytes;
}

function compress(data: number[], compression: keyof typeof COMPRESSIONS): number[] {
  if (compression === "deflate") return [...deflateSync(Uint8Array.from(data))];
  if (compression === "packbits") return packBits(data);
  return compression === "lzw" ? lzw(data) : data;
}

/** Runs of equal bytes, and single bytes (TIFF 6.0, section 9). */
function packBits(data: readonly number[]): number[] {
  const result: number[] = [];
  for (let i = 0; i < data.length; ) {
    let run = 1;
    while (run < 128 && data[i + run] === data[i]) run++;
    result.push(run > 1 ? 257 - run : 0, data[i]);
    i += run;
  }
  return result;
}

/** Codes of 9 to 12 bits, the highest bit first (TIFF 6.0, section 13). */
function lzw(data: readonly number[]): number[] {
  const bits: number[] = [];
  let table = new Map<string, number>();
  let width = 9;
  const emit = (code: number) => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((code >> bit) & 1);
  };
  const clear = () => {
    emit(256);
    table = new Map(Array.from({ length: 256 }, (_, i) => [String(i), i]));
    width = 9;
  };
  clear();
  let next = 258;
  let prefix = "";
  for (const byte of data) {
    const longer = prefix === "" ? String(byte) : `${prefix},${byte}`;
    if (table.has(longer)) {
      prefix = longer;
      continue;
    }
    emit(table.get(prefix) as number);
    table.set(longer, next++);
    if (next === 4094) {
      clear();
      next = 258;
    } else if (next > 2 ** width - 1) width++;
    prefix = String(byte);
  }
  if (prefix !== "") emit(table.get(prefix) as number);
  emit(257);
  return packed(bits, 1);
}
