// Damages the bytes of files as disks, networks and people do.

import fc, { type Arbitrary } from "fast-check";

type Edit = (bytes: Uint8Array) => Uint8Array;

/** Anywhere, or near the beginning, where headers are. */
const place = fc.oneof(fc.nat(80), fc.nat(1 << 20));

const NUMBERS = [0, 1, 2, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/** A part before and one after a place. */
const cut = (bytes: Uint8Array, at: number) => {
  const middle = at % (bytes.length + 1);
  return [bytes.subarray(0, middle), bytes.subarray(middle)] as const;
};

const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

const flip: Arbitrary<Edit> = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([at, mask]): Edit =>
    (bytes) => {
      const copy = Uint8Array.from(bytes);
      if (copy.length > 0) copy[at % copy.length] ^= mask;
      return copy;
    },
);
const truncate: Arbitrary<Edit> = place.map(
  (at): Edit =>
    (bytes) =>
      cut(bytes, at)[0],
);
const insert: Arbitrary<Edit> = fc.tuple(place, fc.uint8Array({ maxLength: 20 })).map(
  ([at, more]): Edit =>
    (bytes) => {
      const [before, after] = cut(bytes, at);
      return joined(before, more, after);
    },
);
const remove: Arbitrary<Edit> = fc.tuple(place, fc.nat(40)).map(
  ([at, length]): Edit =>
    (bytes) => {
      const [before, after] = cut(bytes, at);
      return joined(before, after.subarray(length));
    },
);
const repeat: Arbitrary<Edit> = fc.tuple(place, place, fc.nat(60)).map(
  ([at, to, length]): Edit =>
    (bytes) => {
      const [before, after] = cut(bytes, to);
      return joined(before, cut(bytes, at)[1].subarray(0, length), after);
    },
);
const put: Arbitrary<Edit> = fc
  .tuple(place, fc.constantFrom(...NUMBERS), fc.boolean(), fc.constantFrom(2, 4))
  .map(
    ([at, number, little, size]): Edit =>
      (bytes) => {
        const copy = Uint8Array.from(bytes);
        if (copy.length < size) return copy;
        const view = new DataView(copy.buffer);
        const start = at % (copy.length - size + 1);
        if (size === 2) view.setUint16(start, number & 0xffff, little);
        else view.setUint32(start, number, little);
        return copy;
      },
  );

/** Files with one to four edits, sometimes the beginning of one with the end of another. */
export function damaged(files: Arbitrary<Uint8Array>): Arbitrary<Uint8Array> {
  const splice: Arbitrary<Edit> = fc.tuple(place, place, files).map(
    ([at, from, other]): Edit =>
      (bytes) =>
        joined(cut(bytes, at)[0], cut(other, from)[1]),
  );
  const edits = fc.oneof(flip, flip, truncate, insert, remove, repeat, put, put, splice);
  return fc
    .tuple(files, fc.array(edits, { minLength: 1, maxLength: 4 }))
    .map(([bytes, all]) => all.reduce((changed, edit) => edit(changed), bytes));
}
