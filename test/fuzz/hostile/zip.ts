// Zip files that were made to do harm.

import { deflateSync } from "fflate";
import { bytesOf, type Piece, repeated, u16, u32 } from "./bytes.js";
import { type Attack, attacks } from "./case.js";

/** A file of an archive as the archive tells it. */
export interface Entry {
  readonly name: string;
  /** What is stored, compressed or not. */
  readonly stored: Uint8Array;
  readonly isDeflated?: boolean;
  /** What the list says of its size, if not the truth. */
  readonly size?: number;
  /** Where the list says that it is, if not where it is. */
  readonly at?: number;
  /** Whether it is only in the list. */
  readonly isListed?: boolean;
}

/** An archive as it is told. `count`: of the files in the list. */
export function zip(entries: readonly Entry[], count = entries.length): Uint8Array<ArrayBuffer> {
  const [files, list]: [Piece[], Piece[]] = [[], []];
  let at = 0;
  for (const { name, stored, isDeflated, size = stored.length, at: told, isListed } of entries) {
    const method = u16(isDeflated ? 8 : 0);
    const sizes = [u32(0), u32(stored.length), u32(size), u16(Buffer.byteLength(name)), u16(0)];
    const file = isListed
      ? []
      : bytesOf("PK\x03\x04", u16(20), u16(0), method, u32(0), sizes, name, stored);
    const place = [u16(0), u16(0), u16(0), u32(0), u32(told ?? at)];
    list.push(bytesOf("PK\x01\x02", u16(20), u16(20), u16(0), method, u32(0), sizes, place, name));
    if (isListed) continue;
    files.push(file);
    at += 30 + Buffer.byteLength(name) + stored.length;
  }
  const directory = bytesOf(list);
  const end = [u16(0), u16(0), u16(count), u16(count), u32(directory.length), u32(at), u16(0)];
  return bytesOf(files, directory, "PK\x05\x06", end);
}

const deflated = new Map<number, Uint8Array>();
/** So many zeros, compressed; slow to make, and made once. */
function zeros(size: number): Uint8Array {
  const made = deflated.get(size) ?? deflateSync(new Uint8Array(size), { level: 9 });
  deflated.set(size, made);
  return made;
}
const empty = new Uint8Array();

/** A million zeros, many times: a file of a kB for each. */
const bomb = (name: string, count: number): Uint8Array => {
  const stored = zeros(1e6);
  const entries = Array.from({ length: Math.min(count, 3000) }, (_, i) => {
    return { name: `${name}${i}`, stored, isDeflated: true, size: 1e6 };
  });
  return zip(entries);
};

const overlapping = (name: string, count: number): Uint8Array => {
  const stored = zeros(4e6);
  const first = { name: `${name}x`, stored, isDeflated: true, size: 4e6 };
  const others = Array.from({ length: Math.min(count, 2000) }, (_, i) => {
    return { ...first, name: `${name}${i}`, at: 0, isListed: true };
  });
  return zip([first, ...others]);
};

const text = "format_version: 0.5.3\ntype: model\n";
const said = { name: "rdf.yaml", stored: Buffer.from(text) };

const TABLE: Readonly<Record<string, Attack>> = {
  "zeros a thousand times": (n) => bomb("a/data/", n),
  "zeros in files of a package": (n) => bytesOf(bomb("weights", n)),
  "files that overlap": (n) => overlapping("a/data/", n),
  "a size of 4 GB": () =>
    zip([said, { name: "a/data/0", stored: zeros(100), isDeflated: true, size: 0xfffffffe }]),
  "a size of 0 for much": () =>
    zip([said, { name: "a/data.pkl", stored: zeros(5e6), isDeflated: true, size: 0 }]),
  "a file inside a file": (n) => {
    let inside: Uint8Array = bomb("a/data/", 10);
    for (let i = 0; i < Math.min(n, 50); i++) inside = zip([{ name: "a.zip", stored: inside }]);
    return inside;
  },
  "many files of nothing": (n) =>
    zip(Array.from({ length: Math.min(n, 5000) }, (_, i) => ({ name: `${i}`, stored: empty }))),
  "a list of more than there are": () => zip([said], 65_000),
  "files outside of the folder": () =>
    zip([
      { name: "../../evil", stored: empty },
      { name: "/etc/evil", stored: empty },
    ]),
  "files of the language's names": () =>
    zip(["__proto__", "constructor"].map((name) => ({ name, stored: empty }))),
  "a place past the end": () => zip([{ ...said, at: 0x7fffffff }]),
  "a description of many zeros": () =>
    zip([{ name: "rdf.yaml", stored: zeros(5e7), isDeflated: true, size: 5e7 }]),
  "no deflate": (n) =>
    zip([{ name: "a/data.pkl", stored: repeated(n, 0xff), isDeflated: true, size: 100 }]),
};

/** Each must be refused, as a package and as weights. */
export const hostileZips = attacks("zip", 20_000, TABLE);
