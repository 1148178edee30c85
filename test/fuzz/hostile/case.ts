// What is tried: files that were made to do harm, by the name of what they try.

import fc, { type Arbitrary } from "fast-check";

/** A file that must be refused: what it tries, its name and bytes. */
export interface HostileFile {
  readonly tries: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Makes a file of a size: how many nodes, entries, levels it has. */
export type Attack = (size: number) => Uint8Array;

/** The attacks of a table, each of sizes from few to `most`. */
export function attacks(
  ending: string,
  most: number,
  table: Readonly<Record<string, Attack>>,
): Arbitrary<HostileFile> {
  const sizes = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 2, max: 200 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1000, max: most }) },
  );
  return fc
    .tuple(fc.constantFrom(...Object.keys(table)), sizes)
    .map(([tries, size]) => ({ tries, name: `net.${ending}`, bytes: table[tries](size) }));
}
