// Writes TIFF files of any kind, tag by tag, right ones and odd ones.

import { deflateSync } from "node:zlib";

/** A tag's type, by its number in the file (13 and 18 name directories), and its values. */
export type TagValues = readonly [type: number, values: readonly number[]];

export interface WrittenPage {
  readonly width: number;
  readonly height: number;
  /** [height][width][samples] */
  readonly data: readonly number[];
  readonly samples?: number;
  readonly bits?: number;
  /** 1 whole numbers, 2 with a sign, 3 floats. */
  readonly format?: number;
  readonly photometric?: number;
  readonly compression?: "none" | "lzw" | "old-lzw" | "deflate" | "packbits";
  readonly predictor?: 1 | 2 | 3;
  readonly planar?: boolean;
  /** Width and height of tiles, instead of strips. */
  readonly tile?: readonly [number, number];
  readonly rowsPerStrip?: number;
  /** The last strip is filled up to the rows of the others. */
  readonly isPadded?: boolean;
  /** Bits of each byte the other way around, with the tag FillOrder. */
  readonly isReversed?: boolean;
  readonly extra?: readonly number[];
  readonly description?: string;
  /** Directories that the tag SubIFDs names. */
  readonly subIfds?: readonly WrittenPage[];
  /** Blocks, by number, that are not stored: 0 bytes at 0. */
  readonly sparse?: readonly number[];
  /** Tags to leave out, and tags to add or to write otherwise. */
  readonly omit?: readonly number[];
  readonly tags?: Readonly<Record<number, TagValues>>;
}

export interface FileOptions {
  readonly big?: boolean;
  readonly bigEndian?: boolean;
}

const SIZES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8 },
};
const CODES = { none: 1, lzw: 5, "old-lzw": 5, deflate: 8, packbits: 32773 } as const;

/** A file that grows: pieces, each at an even place. */
class Writer {
  readonly little: boolean;
  readonly big: boolean;
  bytes = new Uint8Array(0);

  constructor({ big = false, bigEndian = false }: FileOptions) {
    this.little = !bigEndian;
    this.big = big;
  }

  push(piece: Uint8Array): number {
    const at = this.bytes.length + (this.bytes.length % 2);
    const grown = new Uint8Array(at + piece.length);
    grown.set(this.bytes);
    grown.set(piece, at);
    this.bytes = grown;
    return at;
  }

  /** Writes an offset of the file's width. */
  offset(at: number, value: number): void {
    const view = new DataView(this.bytes.buffer);
    if (this.big) view.setBigUint64(at, BigInt(value), this.little);
    else view.setUint32(at, value, this.little);
  }
}

/** A file of these pages, in their order. */
export function writeTiff(
  pages: WrittenPage | readonly WrittenPage[],
  options: FileOptions = {},
): Uint8Array {
  const file = new Writer(options);
  const head = new Uint8Array(file.big ? 16 : 8);
  head.fill(file.little ? 0x49 : 0x4d, 0, 2);
  const view = new DataView(head.buffer);
  view.setUint16(2, file.big ? 43 : 42, file.little);
  if (file.big) view.setUint16(4, 8, file.little);
  file.push(head);
  let link = file.big ? 8 : 4;
  for (const page of Array.isArray(pages) ? pages : [pages]) {
    const { at, next } = directory(file, page);
    file.offset(link, at);
    link = next;
  }
  return file.bytes;
}

function directory(file: Writer, page: WrittenPage): { at: number; next: number } {
  const subs = (page.subIfds ?? []).map((sub) => directory(file, sub).at);
  const entries = entriesOf(file, page);
  if (subs.length > 0) entries.set(330, [file.big ? 18 : 13, subs]);
  const [head, size, room] = file.big ? [8, 20, 8] : [2, 12, 4];
  const bytes = new Uint8Array(head + entries.size * size + room);
  const view = new DataView(bytes.buffer);
  const { little } = file;
  if (file.big) view.setBigUint64(0, BigInt(entries.size), little);
  else view.setUint16(0, entries.size, little);
  [...entries]
    .sort(([a], [b]) => a - b)
    .forEach(([tag, [type, values]], i) => {
      const at = head + i * size;
      view.setUint16(at, tag, little);
      view.setUint16(at + 2, type, little);
      if (file.big) view.setBigUint64(at + 4, BigInt(values.length), little);
      else view.setUint32(at + 4, values.length, little);
      const stored = storedValues(type, values, little);
      const place = at + (file.big ? 12 : 8);
      if (stored.length <= room) bytes.set(stored, place);
      else if (file.big) view.setBigUint64(place, BigInt(file.push(stored)), little);
      else view.setUint32(place, file.push(stored), little);
    });
  const at = file.push(bytes);
  return { at, next: at + bytes.length - room };
}

function storedValues(type: number, values: readonly number[], little: boolean): Uint8Array {
  const bytes = new Uint8Array(values.length * SIZES[type]);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const at = i * SIZES[type];
    if (type === 12) view.setFloat64(at, value, little);
    else if (type === 11) view.setFloat32(at, value, little);
    else if (SIZES[type] === 8) view.setBigInt64(at, BigInt(value), little);
    else if (SIZES[type] === 4) view.setUint32(at, value >>> 0, little);
    else if (SIZES[type] === 2) view.setUint16(at, value & 0xffff, little);
    else bytes[at] = value;
  });
  return bytes;
}

function entriesOf(file: Writer, page: WrittenPage): Map<number, TagValues> {
  const { width, height, samples = 1, bits = 8, compression = "none", tile, description } = page;
  const blocks = blocksOf(file, page);
  const isStored = blocks.map((_, i) => !page.sparse?.includes(i));
  const offsets = blocks.map((block, i) => (isStored[i] ? file.push(block) : 0));
  const counts = blocks.map((block, i) => (isStored[i] ? block.length : 0));
  const long = file.big ? 16 : 4;
  const entries = new Map<number, TagValues>([
    [256, [3, [width]]],
    [257, [3, [height]]],
    [258, [3, new Array(samples).fill(bits)]],
    [259, [3, [CODES[compression]]]],
    [262, [3, [page.photometric ?? (samples >= 3 ? 2 : 1)]]],
    [277, [3, [samples]]],
    [284, [3, [page.planar ? 2 : 1]]],
    [tile ? 324 : 273, [long, offsets]],
    [tile ? 325 : 279, [long, counts]],
  ]);
  if (tile) entries.set(322, [3, [tile[0]]]).set(323, [3, [tile[1]]]);
  else entries.set(278, [3, [page.rowsPerStrip ?? height]]);
  if (page.format) entries.set(339, [3, new Array(samples).fill(page.format)]);
  if (page.predictor) entries.set(317, [3, [page.predictor]]);
  if (page.isReversed) entries.set(266, [3, [2]]);
  if (page.extra) entries.set(338, [3, page.extra]);
  if (description !== undefined) entries.set(270, [2, [...Buffer.from(`${description}\0`)]]);
  for (const tag of page.omit ?? []) entries.delete(tag);
  for (const [tag, values] of Object.entries(page.tags ?? {})) entries.set(Number(tag), values);
  return entries;
}

/** The compressed strips or tiles. */
function blocksOf({ little }: Writer, page: WrittenPage): Uint8Array[] {
  const { width, height, data, samples = 1, tile, rowsPerStrip = height, planar = false } = page;
  const [across, down] = tile ?? [width, rowsPerStrip];
  const blocks: Uint8Array[] = [];
  for (const plane of planar ? Array(samples).keys() : [0]) {
    const kept = planar ? [plane] : [...Array(samples).keys()];
    for (let top = 0; top < height; top += down) {
      for (let left = 0; left < width; left += across) {
        const isFull = tile !== undefined || page.isPadded;
        const rows = Array.from({ length: isFull ? down : Math.min(down, height - top) }, (_, y) =>
          Array.from({ length: across }, (_, x) => {
            const at = ((top + y) * width + left + x) * samples;
            const isInside = left + x < width && top + y < height;
            return kept.map((sample) => (isInside ? data[at + sample] : 0));
          }).flat(),
        );
        blocks.push(blockOf(rows, kept.length, page, little));
      }
    }
  }
  return blocks;
}

function blockOf(rows: number[][], step: number, page: WrittenPage, little: boolean): Uint8Array {
  const { bits = 8, format = 1, compression = "none", predictor = 1 } = page;
  const stored = rows.map((row) => {
    const bytes = rowBytes(
      predictor === 2 ? differences(row, step, bits) : row,
      bits,
      format,
      little,
    );
    return predictor === 3 ? floatDifferences(bytes, bits / 8, step, little) : bytes;
  });
  const raw = Buffer.concat(stored);
  const packed = compress(raw, compression, stored[0].length);
  return page.isReversed ? packed.map(reversedByte) : packed;
}

function differences(row: readonly number[], step: number, bits: number): number[] {
  return row.map((value, i) => {
    const difference = BigInt(value) - BigInt(i < step ? 0 : row[i - step]);
    return Number(BigInt.asIntN(bits, difference));
  });
}

/** A row's numbers, filled up to whole bytes. */
function rowBytes(
  row: readonly number[],
  bits: number,
  format: number,
  little: boolean,
): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((row.length * bits) / 8));
  const view = new DataView(bytes.buffer);
  row.forEach((value, i) => {
    const at = (i * bits) / 8;
    if (format === 3 && bits === 64) view.setFloat64(at, value, little);
    else if (format === 3 && bits === 32) view.setFloat32(at, value, little);
    else if (bits === 64) view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), little);
    else if (bits === 32) view.setUint32(at, value >>> 0, little);
    else if (bits === 16) view.setUint16(at, value & 0xffff, little);
    else if (bits === 24) {
      const own = [value & 255, (value >> 8) & 255, (value >> 16) & 255];
      bytes.set(little ? own : own.reverse(), at);
    } else {
      for (let bit = 0; bit < bits; bit++) {
        const place = i * bits + bit;
        bytes[place >> 3] |= ((value >> (bits - 1 - bit)) & 1) << (7 - (place & 7));
      }
    }
  });
  return bytes;
}

function floatDifferences(
  row: Uint8Array,
  size: number,
  step: number,
  little: boolean,
): Uint8Array {
  const count = row.length / size;
  const planes = new Uint8Array(row.length);
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < size; byte++) {
      planes[byte * count + i] = row[i * size + (little ? size - 1 - byte : byte)];
    }
  }
  return planes.map((value, i) => value - (i < step ? 0 : planes[i - step]));
}

function reversedByte(byte: number): number {
  return [...byte.toString(2).padStart(8, "0")].reverse().reduce((all, bit) => 2 * all + +bit, 0);
}

function compress(raw: Uint8Array, kind: keyof typeof CODES, rowLength: number): Uint8Array {
  if (kind === "deflate") return deflateSync(raw);
  if (kind === "packbits") {
    return Uint8Array.from(
      Array.from({ length: raw.length / rowLength }, (_, row) =>
        packBits(raw.subarray(row * rowLength, (row + 1) * rowLength)),
      ).flat(),
    );
  }
  return kind === "none" ? raw : lzw(raw, kind === "old-lzw");
}

/** Runs of equal bytes, and up to three bytes as they are (TIFF 6.0, section 9). */
function packBits(row: Uint8Array): number[] {
  const result: number[] = [];
  for (let i = 0; i < row.length; ) {
    let run = 1;
    while (run < 128 && row[i + run] === row[i]) run++;
    if (run > 1) result.push(257 - run, row[i]);
    else {
      run = Math.min(3, row.length - i);
      result.push(run - 1, ...row.subarray(i, i + run));
    }
    i += run;
  }
  return result;
}

/** Codes of 9 to 12 bits (TIFF 6.0, section 13); of early writers from the low bit, growing later. */
export function lzw(data: Uint8Array, isOld = false): Uint8Array {
  const bits: number[] = [];
  let table = new Map<string, number>();
  let [width, next, prefix] = [9, 258, ""];
  const emit = (code: number) => {
    for (let i = 0; i < width; i++) bits.push((code >> (isOld ? i : width - 1 - i)) & 1);
  };
  const grow = () => {
    if (next === 2 ** width + (isOld ? 1 : 0) && width < 12) width++;
  };
  const codeOf = (text: string) => (text.length === 1 ? text.charCodeAt(0) : table.get(text));
  emit(256);
  for (const byte of data) {
    const longer = prefix + String.fromCharCode(byte);
    if (longer.length === 1 || table.has(longer)) {
      prefix = longer;
      continue;
    }
    emit(codeOf(prefix) as number);
    table.set(longer, next++);
    grow();
    if (next === (isOld ? 4000 : 4094)) {
      emit(256);
      table = new Map();
      [width, next] = [9, 258];
    }
    prefix = String.fromCharCode(byte);
  }
  if (prefix !== "") emit(codeOf(prefix) as number);
  next++;
  grow();
  emit(257);
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    bytes[i >> 3] |= bit << (isOld ? i & 7 : 7 - (i & 7));
  });
  return bytes;
}
