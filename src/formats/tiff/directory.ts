// The directories of a TIFF file (TIFF 6.0, section 2) and the values of their tags.

import type { ByteSource } from "../byte-source.js";
import { createReader, endsEarly, type Reader } from "./reader.js";
import { isTiff } from "./signature.js";

/** Where a tag's values are in the file. */
export interface Entry {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

export interface Directory {
  /** Its position in the chain of directories, from 0. */
  readonly index: number;
  readonly entries: ReadonlyMap<number, Entry>;
}

export interface Directories {
  readonly reader: Reader;
  /** In the order of the chain; at least one. */
  readonly list: readonly Directory[];
  /** Bytes [start, end) occupied by the directories and their values. */
  readonly occupied: readonly (readonly [start: number, end: number])[];
}

/** Bytes per value of each type. */
const SIZES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};

export const damaged = (what: string) => new Error(`it is a damaged TIFF image (${what})`);

/** Reads the chain of directories. Errors are words that follow the file's name. */
export async function readDirectories(source: ByteSource): Promise<Directories> {
  const head = await source.read(0, 16);
  if (!isTiff(head)) throw new Error("it is not a TIFF image");
  const little = head[0] === 0x49;
  const big = head[2] + head[3] === 43;
  const reader = createReader(source, little, big);
  const list: Directory[] = [];
  const occupied: [number, number][] = [[0, big ? 16 : 8]];
  const seen = new Set<number>();
  let bytes = 0;
  for (let next = await headOffset(reader); next !== 0; ) {
    if (seen.has(next)) throw damaged("its directories form a circle");
    seen.add(next);
    const found = await readDirectory(reader, next, list.length);
    bytes += found.end - next;
    // Directories that do not overlap cannot need more bytes than the file has.
    if (bytes > reader.size) throw damaged("its directories overlap");
    list.push(found.directory);
    occupied.push([next, found.end]);
    for (const { type, count, at } of found.directory.entries.values()) {
      if (at < next || at >= found.end) occupied.push([at, at + count * (SIZES[type] ?? 1)]);
    }
    next = found.next;
  }
  if (list.length === 0) throw damaged("it holds no image");
  return { reader, list, occupied };
}

async function headOffset(reader: Reader): Promise<number> {
  try {
    const view = await reader.view(0, reader.big ? 16 : 8);
    return offsetAt(reader, view, reader.big ? 8 : 4);
  } catch (error) {
    throw damaged((error as Error).message);
  }
}

/**
 * Reads directories that a tag of another one names: smaller copies of a page. Each has the index of
 * that page.
 */
export async function subDirectories(
  reader: Reader,
  parent: Directory,
  tag: number,
): Promise<Directory[]> {
  const offsets = (await valuesOf(reader, parent, tag, MOST_COPIES)) ?? [];
  const found: Directory[] = [];
  for (const offset of offsets) {
    found.push((await readDirectory(reader, offset, parent.index)).directory);
  }
  return found;
}

/** More copies than a pyramid of any size has. */
const MOST_COPIES = 64;

async function readDirectory(reader: Reader, start: number, index: number) {
  const { big, little } = reader;
  const [head, size, room] = big ? [8, 20, 8] : [2, 12, 4];
  try {
    const counted = await reader.view(start, head);
    const count = big ? offsetAt(reader, counted, 0) : counted.getUint16(0, little);
    if (count > 65535) throw new Error(`a directory of ${count} tags`);
    const view = await reader.view(start + head, count * size + room);
    const entries = new Map<number, Entry>();
    for (let i = 0; i < count; i++) {
      const at = i * size;
      const tag = view.getUint16(at, little);
      const type = view.getUint16(at + 2, little);
      const values = big ? offsetAt(reader, view, at + 4) : view.getUint32(at + 4, little);
      const inside = values * (SIZES[type] ?? 1) <= room;
      const place = at + (big ? 12 : 8);
      const from = inside ? start + head + place : offsetOf(reader, view, place);
      // If a tag occurs twice the first is used, as in libtiff.
      if (!entries.has(tag)) entries.set(tag, { type, count: values, at: from });
    }
    const end = start + head + count * size + room;
    const directory: Directory = { index, entries };
    return { directory, end, next: offsetAt(reader, view, count * size) };
  } catch (error) {
    throw damaged((error as Error).message);
  }
}

/** Reads an offset, or a count, of the file's width. */
function offsetAt(reader: Reader, view: DataView, at: number): number {
  const value = offsetOf(reader, view, at);
  if (value > Number.MAX_SAFE_INTEGER) throw new Error(endsEarly(reader.size, value));
  return value;
}

const offsetOf = ({ big, little }: Reader, view: DataView, at: number) =>
  big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);

/**
 * Returns the values of a tag, at most the first `most`; undefined if it is absent. Fractions are
 * divided.
 */
export async function valuesOf(
  reader: Reader,
  { entries }: Directory,
  tag: number,
  most = Infinity,
): Promise<Float64Array | undefined> {
  const entry = entries.get(tag);
  if (entry === undefined || entry.count === 0) return undefined;
  const size = SIZES[entry.type];
  if (size === undefined) throw damaged(`tag ${tag} has the unknown type ${entry.type}`);
  const count = Math.min(entry.count, most);
  if (entry.at + count * size > reader.size) {
    throw damaged(`the ${count} values of tag ${tag} lie past its end`);
  }
  const view = await reader.view(entry.at, count * size);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = number(view, entry.type, i * size, reader.little);
  return values;
}

function number(view: DataView, type: number, at: number, little: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, little);
    case 4:
    case 13:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    case 11:
      return view.getFloat32(at, little);
    case 12:
      return view.getFloat64(at, little);
    case 16:
    case 18:
      return Number(view.getBigUint64(at, little));
    case 17:
      return Number(view.getBigInt64(at, little));
    default:
      return view.getUint8(at);
  }
}

/** The rest of a longer description is ignored. */
const MOST_TEXT = 2 ** 26;

/** Returns the text of a tag, without the zero at its end; "" if it is absent. */
export async function textOf(reader: Reader, { entries }: Directory, tag: number): Promise<string> {
  const entry = entries.get(tag);
  if (entry === undefined || SIZES[entry.type] !== 1 || entry.count > MOST_TEXT) return "";
  if (entry.at + entry.count > reader.size) return "";
  const text = new TextDecoder().decode(await reader.read(entry.at, entry.count));
  return text.replace(/\0[\s\S]*$/, "");
}
