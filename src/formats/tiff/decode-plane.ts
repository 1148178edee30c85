// Decodes the pixels of a page, block by block.

import type { RawImage, Samples } from "../../data/image-types.js";
import type { JpegDecoder } from "../jpeg/decode-jpeg.js";
import { inflateInto } from "../zlib/inflate.js";
import { createNumbers, maximumOf, type NumberKind, numbersOf, settle } from "./block-numbers.js";
import { type Block, type Blocks, readBlocks } from "./blocks.js";
import { paletteOf } from "./colour.js";
import { type Directories, type Directory, damaged, valuesOf } from "./directory.js";
import { jpegStream } from "./jpeg.js";
import { decodeLzw } from "./lzw.js";
import { oriented } from "./orientation.js";
import { decodePackBits } from "./packbits.js";
import { type Layout, TAGS } from "./page-layout.js";
import { fill, place, type Target } from "./place.js";
import { type Codec, codecOf, refuseUnserved } from "./served.js";

export interface DecodeOptions {
  readonly jpeg?: JpegDecoder | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A page: a directory, and the distance of its blocks from those in the directory. */
export interface Plane {
  readonly directory: Directory;
  readonly layout: Layout;
  readonly shift: number;
}

/** An image: the planes of its channels. */
export interface TiffImage {
  readonly planes: readonly Plane[];
}

/** A page whose blocks are decoded. */
export interface Work extends DecodeOptions {
  readonly file: Directories;
  readonly layout: Layout;
  readonly codec: Codec;
  readonly blocks: Blocks;
  /** The tables shared by JPEG blocks. */
  readonly tables: Uint8Array | undefined;
  readonly decompress: Decompress;
}

/** Large uncompressed blocks are read in pieces of about this many bytes. */
const PIECE = 2 ** 22;
/** Milliseconds between turns of the event loop, at which work can be aborted. */
const TURN = 50;

/** Decodes a page. Errors are words that follow the file's name. */
export async function decodePlane(
  file: Directories,
  { directory, layout, shift }: Plane,
  options: DecodeOptions,
): Promise<RawImage> {
  refuseUnserved(layout, file.reader.size);
  const palette = layout.photometric === 3 ? await paletteOf(file, directory, layout) : undefined;
  const work = await openBlocks(file, { directory, layout, shift }, options);
  const kind = kindOf(layout);
  const planes = planesOf(layout, kind);
  await decodeBlocks(work, kind, planes.targets);

  const { width, height, photometric } = layout;
  const turned = (plane: Samples) => oriented(plane, width, height, layout.orientation);
  const isTurned = layout.orientation >= 5;
  const size = isTurned ? { width: height, height: width } : { width, height };
  const stored = turned(settle(planes.data, kind));
  const alpha = planes.alpha && turned(settle(planes.alpha, kind));
  const withAlpha = alpha ? { alpha } : {};
  if (palette) {
    return { ...size, ...palette(stored as Uint8Array | Uint16Array), ...withAlpha };
  }
  const maximum = maximumOf(kind);
  const inverted = photometric === 0 && kind.format === 1 && !(stored instanceof Float32Array);
  if (inverted) for (let i = 0; i < stored.length; i++) stored[i] = maximum - stored[i];
  const image = { ...size, channels: planes.channels, maximum, data: stored };
  return { ...image, ...withAlpha, ...(inverted ? { inverted } : {}) };
}

/** Reads where the blocks of a page are, and what decoding them needs. */
export async function openBlocks(
  file: Directories,
  { directory, layout, shift }: Plane,
  options: DecodeOptions,
): Promise<Work> {
  const codec = codecOf(layout) as Codec;
  if (codec === "jpeg" && options.jpeg === undefined) {
    throw new Error(
      "its tag Compression is 7 (JPEG), which is not decoded here: save it uncompressed or with LZW",
    );
  }
  const blocks = await readBlocks(file, directory, layout, shift);
  const tables = codec === "jpeg" ? await tablesOf(file, directory) : undefined;
  const decompress = await decompressorOf(codec);
  return { ...options, file, layout, codec, blocks, tables, decompress };
}

/**
 * Decodes some blocks of a page as an image of their own, of the size of `layout`:
 * [channels][height][width] without alpha, 0 as black.
 */
export async function decodePart(work: Work): Promise<Samples> {
  const kind = kindOf(work.layout);
  const planes = planesOf(work.layout, kind);
  await decodeBlocks(work, kind, planes.targets);
  const stored = settle(planes.data, kind);
  if (work.layout.photometric === 0 && kind.format === 1 && !(stored instanceof Float32Array)) {
    const maximum = maximumOf(kind);
    for (let i = 0; i < stored.length; i++) stored[i] = maximum - stored[i];
  }
  return stored;
}

const kindOf = (layout: Layout): NumberKind => ({
  bits: layout.bits[0],
  format: layout.formats[0],
});

/** Creates arrays for channels and alpha, and maps samples to them. */
function planesOf({ width, height, samples, extra }: Layout, kind: NumberKind) {
  const count = width * height;
  const first = Math.max(1, samples - extra.length);
  const isAlpha = (sample: number) =>
    sample >= first && [1, 2].includes(extra[sample - (samples - extra.length)]);
  const all = [...Array(samples).keys()];
  const kept = all.filter((sample) => !isAlpha(sample));
  const alphaSample = all.find(isAlpha);
  const data = createNumbers(kind, kept.length * count);
  const alpha = alphaSample === undefined ? undefined : createNumbers(kind, count);
  const targets = all.map((sample): Target | undefined => {
    if (sample === alphaSample && alpha) return { numbers: alpha, start: 0 };
    return isAlpha(sample) ? undefined : { numbers: data, start: kept.indexOf(sample) * count };
  });
  return { data, alpha, channels: kept.length, targets };
}

async function decodeBlocks(
  work: Work,
  kind: NumberKind,
  targets: readonly (Target | undefined)[],
): Promise<void> {
  const { blocks, layout, codec, file, signal } = work;
  const { little } = file.reader;
  const { rowBytes, step } = blocks;
  const rowLength = layout.blockWidth * step;
  const predictor = codec === "jpeg" ? 1 : layout.predictor;
  let turn = performance.now();
  for (const block of blocks.list) {
    for (const part of partsOf(block, rowBytes, codec)) {
      if (signal && performance.now() - turn > TURN) {
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
      }
      signal?.throwIfAborted();
      if (part.length === 0) {
        fill(part, blocks.fill, layout, targets, step);
        continue;
      }
      const bytes = await bytesOf(work, part);
      const rows = { rowBytes, rowLength, step };
      const numbers = numbersOf(bytes, kind, rows, { little, predictor });
      place(numbers, part, rowLength, step, layout.width, targets);
    }
  }
}

/** Splits a large uncompressed block into pieces of whole rows. */
function* partsOf(block: Block, rowBytes: number, codec: Codec): Generator<Block> {
  const rows = Math.max(1, Math.floor(PIECE / rowBytes));
  if (codec !== "none" || block.length === 0 || rows >= block.storedRows) {
    yield block;
    return;
  }
  for (let row = 0; row < block.rows; row += rows) {
    const count = Math.min(rows, block.rows - row);
    const length = count * rowBytes;
    const offset = block.offset + row * rowBytes;
    const part = { rows: count, storedRows: count, bytes: length, length, offset };
    yield { ...block, ...part, top: block.top + row };
  }
}

/** Returns the decompressed bytes of a block; `numbersOf` may change them. */
async function bytesOf(work: Work, block: Block): Promise<Uint8Array> {
  const { file, layout, codec } = work;
  const { reader } = file;
  const read = await reader.read(block.offset, block.length);
  const owned = layout.fillOrder === 2 ? reversed(read) : read;
  if (codec === "none") {
    const isChanged = layout.predictor !== 1 || (!reader.little && layout.bits[0] > 8);
    return isChanged && owned === read ? new Uint8Array(read) : owned;
  }
  if (codec === "jpeg") return jpegBytes(work, owned, block);
  const out = new Uint8Array(block.bytes);
  const written = decompressed(work.decompress, owned, out);
  if (written < block.bytes) {
    throw new Error(`it ends early: a block has ${written} bytes, expected ${block.bytes}`);
  }
  return out;
}

/**
 * Decompresses into an array and returns the number of bytes. More bytes than the array holds are
 * ignored, as in libtiff: writers fill up the last strip to the rows of the others.
 */
type Decompress = (data: Uint8Array, out: Uint8Array) => number;

async function decompressorOf(codec: Codec): Promise<Decompress> {
  if (codec === "lzw") return decodeLzw;
  if (codec === "packBits") return decodePackBits;
  return codec === "zstd" ? (await import("./zstd.js")).decodeZstd : inflateInto;
}

function decompressed(decompress: Decompress, data: Uint8Array, out: Uint8Array): number {
  try {
    return decompress(data, out);
  } catch (error) {
    throw damaged((error as Error).message);
  }
}

async function tablesOf({ reader }: Directories, directory: Directory) {
  const values = await valuesOf(reader, directory, TAGS.JPEGTables, 65536);
  return values && Uint8Array.from(values);
}

/** Returns the rows of a JPEG block, cut to the block's size. */
async function jpegBytes(work: Work, data: Uint8Array, block: Block): Promise<Uint8Array> {
  const { layout, blocks, jpeg, tables } = work;
  const isYcc = layout.photometric === 6;
  const most = { width: layout.blockWidth, height: layout.blockHeight };
  const pixels = await (jpeg as JpegDecoder)(jpegStream(data, tables, isYcc, most));
  const { width, height, components } = pixels;
  const { rowBytes, step } = blocks;
  const rows = block.storedRows;
  if (components !== step || width < layout.blockWidth || height < block.rows) {
    throw damaged(
      `its JPEG data has ${width}x${height} pixels of ${components} samples, expected ` +
        `${layout.blockWidth}x${rows} of ${step}`,
    );
  }
  const out = new Uint8Array(rowBytes * rows);
  for (let row = 0; row < Math.min(rows, height); row++) {
    const start = row * width * components;
    out.set(pixels.data.subarray(start, start + rowBytes), row * rowBytes);
  }
  return out;
}

/** Each byte with its bits reversed. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, value) => {
  let turned = 0;
  for (let bit = 0; bit < 8; bit++) turned |= ((value >> bit) & 1) << (7 - bit);
  return turned;
});

/** Reverses the bits of bytes. */
function reversed(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes).map((value) => REVERSED[value]);
}
