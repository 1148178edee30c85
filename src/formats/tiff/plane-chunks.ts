// A page as chunks that are read by ranges of the file: a tile, or some strips, at a time.

import type { ChunkSource } from "../../data/chunk-source.js";
import type { Samples } from "../../data/image-types.js";
import { createNumbers, maximumOf } from "./block-numbers.js";
import type { Block } from "./blocks.js";
import { type DecodeOptions, decodePart, openBlocks, type Plane } from "./decode-plane.js";
import { type Directories, damaged } from "./directory.js";
import type { Layout } from "./page-layout.js";
import { refuseUnserved } from "./served.js";

/** Strips are read together up to about so many rows. */
const ROWS = 256;
/** A tile of so many pixels is no tile of a slide. */
const MOST_PIXELS = 2 ** 26;

/**
 * Returns the chunks of a page. Only where its tiles or strips are is kept in memory, 100 bytes each.
 * Throws words that follow the file's name if the page cannot be read by parts.
 */
export async function planeChunks(
  file: Directories,
  plane: Plane,
  options: DecodeOptions,
): Promise<ChunkSource> {
  const { layout } = plane;
  refuseUnserved(layout, file.reader.size, "by parts");
  refuseWhole(layout);
  const work = await openBlocks(file, plane, options);
  const { width, height, isTiled, blockHeight, photometric } = layout;
  const kind = { bits: layout.bits[0], format: layout.formats[0] };
  const isCut = work.codec === "none" && !isTiled && blockHeight > ROWS;
  const together = isTiled ? 1 : Math.max(1, Math.floor(ROWS / blockHeight));
  const chunk = {
    width: Math.min(width, layout.blockWidth),
    height: Math.min(height, isCut ? ROWS : blockHeight * together),
  };
  if (!(chunk.width * chunk.height >= 1 && chunk.width * chunk.height <= MOST_PIXELS)) {
    throw new Error(
      `its ${isTiled ? "tiles" : "strips"} have ${layout.blockWidth}x${blockHeight} pixels, too many ` +
        "to read it by parts: save it in tiles",
    );
  }
  const placed = byChunk(work.blocks.list, chunk, Math.ceil(width / chunk.width));

  async function readChunk(column: number, row: number): Promise<Samples | undefined> {
    const [left, top] = [column * chunk.width, row * chunk.height];
    const size = {
      width: Math.min(chunk.width, width - left),
      height: Math.min(chunk.height, height - top),
    };
    const at = isCut ? Math.floor(top / blockHeight) : row;
    const blocks = isCut
      ? work.blocks.list.flatMap((block) => cut(block, top, size.height, work.blocks.rowBytes))
      : (placed.get(at * Math.ceil(width / chunk.width) + column) ?? []);
    if (blocks.every(({ length }) => length === 0)) return undefined;
    const own = blocks.map((block) => ({
      ...block,
      left: block.left - left,
      top: block.top - top,
    }));
    return decodePart({
      ...work,
      layout: { ...layout, ...size },
      blocks: { ...work.blocks, list: own },
    });
  }

  const maximum = maximumOf(kind);
  const isInverted = photometric === 0 && kind.format === 1;
  const fill = isInverted ? maximum - work.blocks.fill : work.blocks.fill;
  const type = createNumbers(kind, 0) as Samples;
  const channels = Math.max(1, layout.samples - alphaSamples(layout));
  const inverted = isInverted ? { inverted: true } : {};
  return { width, height, channels, maximum, chunk, fill, type, readChunk, ...inverted };
}

function refuseWhole({ photometric, orientation, bits, formats }: Layout): void {
  if (photometric === 3) throw new Error("it has a palette: save it as RGB or grey");
  if (orientation !== 1) {
    throw new Error(`its tag Orientation is ${orientation}, expected 1 to read it by parts`);
  }
  if (bits[0] > 32 && formats[0] !== 3) {
    throw new Error(`it has whole numbers of ${bits[0]} bits: save it as 16 bits`);
  }
}

const alphaSamples = ({ extra }: Layout) => extra.filter((kind) => kind === 1 || kind === 2).length;

function byChunk(
  list: readonly Block[],
  chunk: { readonly width: number; readonly height: number },
  across: number,
): Map<number, Block[]> {
  const placed = new Map<number, Block[]>();
  for (const block of list) {
    const column = Math.floor(block.left / chunk.width);
    const key = Math.floor(block.top / chunk.height) * across + column;
    const others = placed.get(key);
    if (others) others.push(block);
    else placed.set(key, [block]);
  }
  return placed;
}

/** The rows of an uncompressed strip that lie in a chunk. */
function cut(block: Block, top: number, height: number, rowBytes: number): Block[] {
  const first = Math.max(top, block.top);
  const rows = Math.min(top + height, block.top + block.rows) - first;
  if (rows <= 0) return [];
  if (block.length === 0) return [{ ...block, top: first, rows, storedRows: rows }];
  const offset = block.offset + (first - block.top) * rowBytes;
  const length = rows * rowBytes;
  return [{ ...block, top: first, rows, storedRows: rows, bytes: length, length, offset }];
}

/** Channels that lie in pages of their own, as one image. */
export function joinedChunks(planes: readonly ChunkSource[]): ChunkSource {
  const [first] = planes;
  if (planes.length === 1) return first;
  const isAlike = ({ width, height, chunk, type }: ChunkSource) =>
    width === first.width &&
    height === first.height &&
    chunk.width === first.chunk.width &&
    chunk.height === first.chunk.height &&
    type.constructor === first.type.constructor;
  if (!planes.every(isAlike)) {
    throw damaged("its channels differ in size, in the type of their numbers or in their tiles");
  }
  const channels = planes.reduce((sum, plane) => sum + plane.channels, 0);
  return {
    ...first,
    channels,
    async readChunk(column, row) {
      const found = await Promise.all(planes.map((plane) => plane.readChunk(column, row)));
      const stored = found.find((data) => data !== undefined);
      if (stored === undefined) return undefined;
      const index = found.indexOf(stored);
      const pixels = stored.length / planes[index].channels;
      const joined = new (stored.constructor as new (n: number) => Samples)(channels * pixels);
      let at = 0;
      for (const [i, plane] of planes.entries()) {
        const end = at + plane.channels * pixels;
        const data = found[i];
        if (data) joined.set(data, at);
        else joined.fill(plane.fill, at, end);
        at = end;
      }
      return joined;
    },
  };
}

/** Some channels of an image, in this order. */
export function chosenChannels(source: ChunkSource, channels: readonly number[]): ChunkSource {
  const isAll = channels.length === source.channels && channels.every((one, i) => one === i);
  if (isAll) return source;
  return {
    ...source,
    channels: channels.length,
    async readChunk(column, row) {
      const data = await source.readChunk(column, row);
      if (data === undefined) return undefined;
      const pixels = data.length / source.channels;
      const chosen = new (data.constructor as new (n: number) => Samples)(channels.length * pixels);
      for (const [i, channel] of channels.entries()) {
        chosen.set(data.subarray(channel * pixels, (channel + 1) * pixels), i * pixels);
      }
      return chosen;
    },
  };
}
