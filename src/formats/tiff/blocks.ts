// The positions of a page's strips or tiles in the file.

import { type Directories, type Directory, damaged, textOf, valuesOf } from "./directory.js";
import { type Layout, TAGS } from "./page-layout.js";
import { endsEarly } from "./reader.js";
import { type Codec, codecOf } from "./served.js";

/** A strip or tile. */
export interface Block {
  /** Its first pixel. */
  readonly left: number;
  readonly top: number;
  /** Rows that are stored, and the rows and columns that belong to the image. */
  readonly storedRows: number;
  readonly rows: number;
  readonly columns: number;
  /** The sample that it contains if each has separate blocks, else 0. */
  readonly sample: number;
  /** Bytes once decompressed: this many are needed. */
  readonly bytes: number;
  /** Its position; a block that was explicitly not stored has 0 bytes at 0. */
  readonly offset: number;
  readonly length: number;
}

export interface Blocks {
  readonly list: readonly Block[];
  /** Bytes per row, and numbers per pixel in it. */
  readonly rowBytes: number;
  readonly step: number;
  /** The value of pixels in blocks that were never stored. */
  readonly fill: number;
}

/** The largest size of a compressed block, by its decompressed size: no codec makes it larger. */
const mostStored = (bytes: number) => 2 * bytes + 65536;

/** The approximate largest growth of a compressed byte. */
const MOST_GROWTH: Readonly<Record<Codec, number>> = {
  none: 1,
  packBits: 64,
  deflate: 1032,
  lzw: 4096,
  zstd: 65536,
  jpeg: Infinity,
};

/**
 * Returns the blocks of a page. `shift` moves them: planes of a stack that follow the first one.
 */
export async function readBlocks(
  file: Directories,
  directory: Directory,
  layout: Layout,
  shift = 0,
): Promise<Blocks> {
  const { reader } = file;
  const grid = gridOf(layout);
  const [offsetTag, countTag] = layout.isTiled
    ? [TAGS.TileOffsets, TAGS.TileByteCounts]
    : [TAGS.StripOffsets, TAGS.StripByteCounts];
  const offsets = await valuesOf(reader, directory, offsetTag, grid.count);
  const counts = await valuesOf(reader, directory, countTag, grid.count);
  const kind = layout.isTiled ? "tiles" : "strips";
  if (offsets === undefined) throw damaged(`it names no ${kind}`);
  if (offsets.length < grid.count) {
    throw damaged(`it names ${offsets.length} ${kind}, expected ${grid.count}`);
  }
  const gdal = await textOf(reader, directory, TAGS.GdalNoData);
  const isSparse =
    directory.entries.has(TAGS.GdalNoData) ||
    directory.entries.has(TAGS.GdalMetadata) ||
    (layout.isTiled && offsets.some((offset) => offset > 0));
  const codec = codecOf(layout) as Codec;
  const ends = endsOf(file, offsets);
  const list: Block[] = [];
  for (const cell of cellsOf(layout, grid)) {
    const index = list.length;
    const [at, count] = [offsets[index], counts?.[index]];
    const place = `${layout.isTiled ? "tile" : "strip"} ${index}`;
    if (at === 0 && count === 0) {
      if (!isSparse) throw new Error(`its ${place} was never written`);
      list.push({ ...cell, offset: 0, length: 0 });
      continue;
    }
    if (!(at > 0 && Number.isSafeInteger(at))) throw damaged(`its ${place} lies at ${at}`);
    const offset = at + shift;
    const length = lengthOf(file, ends, codec, { offset, count, needed: cell.bytes, place, shift });
    list.push({ ...cell, offset, length });
  }
  const fill = /^\s*nan/i.test(gdal) ? NaN : Number(gdal) || 0;
  return { list, rowBytes: grid.rowBytes, step: grid.step, fill };
}

/** Returns where the strips or tiles of a page begin. */
export async function blockOffsets({ reader }: Directories, directory: Directory, layout: Layout) {
  const tag = layout.isTiled ? TAGS.TileOffsets : TAGS.StripOffsets;
  const offsets = await valuesOf(reader, directory, tag);
  if (offsets === undefined) throw damaged("it names no strips");
  return offsets;
}

interface Grid {
  readonly count: number;
  readonly across: number;
  readonly down: number;
  readonly step: number;
  readonly rowBytes: number;
}

function gridOf({ width, height, samples, isPlanar, bits, blockWidth, blockHeight }: Layout): Grid {
  const [across, down] = [Math.ceil(width / blockWidth), Math.ceil(height / blockHeight)];
  const step = isPlanar ? 1 : samples;
  const rowBytes = Math.ceil((blockWidth * step * bits[0]) / 8);
  return { count: across * down * (isPlanar ? samples : 1), across, down, step, rowBytes };
}

function* cellsOf(layout: Layout, { across, down, rowBytes, count }: Grid) {
  const { width, height, isTiled, blockWidth, blockHeight } = layout;
  for (let index = 0; index < count; index++) {
    const left = (index % across) * blockWidth;
    const top = (Math.floor(index / across) % down) * blockHeight;
    const rows = Math.min(blockHeight, height - top);
    const storedRows = isTiled ? blockHeight : rows;
    yield {
      left,
      top,
      rows,
      storedRows,
      columns: Math.min(blockWidth, width - left),
      sample: Math.floor(index / (across * down)),
      bytes: rowBytes * storedRows,
    };
  }
}

/** Where other parts of the file begin, in ascending order, followed by the end of the file. */
function endsOf({ reader, occupied }: Directories, offsets: Float64Array): Float64Array {
  const all = new Float64Array(offsets.length + occupied.length + 1);
  all.set(offsets);
  all.set(
    occupied.map(([start]) => start),
    offsets.length,
  );
  all[all.length - 1] = reader.size;
  return all.sort();
}

interface Stored {
  readonly offset: number;
  /** As given by its tag; undefined if absent. */
  readonly count: number | undefined;
  readonly needed: number;
  readonly place: string;
  readonly shift: number;
}

/** Returns the bytes of a block: as given by its tag if possible, else up to the next part. */
function lengthOf(
  { reader }: Directories,
  ends: Float64Array,
  codec: Codec,
  { offset, count, needed, place, shift }: Stored,
): number {
  const { size } = reader;
  const isKnown = count !== undefined && count > 0;
  if (codec === "none") {
    // Its size is known. A smaller number is wrong, or the block was cut off.
    const free = shift > 0 ? size - offset : nextAfter(ends, offset) - offset;
    if (isKnown && count < needed && free < needed) {
      throw new Error(`it ends early: its ${place} has ${count} bytes, expected ${needed}`);
    }
    if (offset + needed > size) throw new Error(endsEarly(size, offset + needed));
    return needed;
  }
  if (offset >= size) throw new Error(endsEarly(size, offset + 1));
  const stated = isKnown ? count : nextAfter(ends, offset) - offset;
  const length = Math.min(stated, size - offset, mostStored(needed));
  if (needed > length * MOST_GROWTH[codec] + 1024) {
    throw new Error(`it ends early: its ${place} has ${length} bytes, which cannot be ${needed}`);
  }
  return length;
}

/** Returns the first of the ascending numbers that is larger than one. */
function nextAfter(ends: Float64Array, offset: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > offset) high = middle;
    else low = middle + 1;
  }
  return ends[low];
}
