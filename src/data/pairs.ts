// Pairs of an image and a label, and the choice of held-out ones by name.

import { foldName, isImageName, stemOf } from "./file-names.js";

export { stemOf };

/** An image and its label. */
export interface Pair {
  /** The name of the image, unique also on case-insensitive file systems. */
  readonly name: string;
  /** Path of the image. */
  readonly image: string;
  /** Path of the label. */
  readonly label: string;
}

/** The number of names that an error or a warning lists. */
const SHOWN = 5;
/** Share of the samples held out by default. */
const HELD_OUT = 0.2;

/** Compares names in natural order: 2 before 10. */
export function naturalOrder(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    if (!numbers) return x < y ? -1 : 1;
    if (Number(x) !== Number(y)) return Number(x) - Number(y);
  }
  // "1" and "01" are two names of one number: the shorter comes first.
  return left.length - right.length || a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** Returns a few of the names, and how many more there are. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

/** A message about a file, as a sentence that begins with its name and a colon. */
export interface FileRemark {
  readonly file: string;
  readonly remark: string;
}

/**
 * Returns the messages; the same message for several files is given once, after some of their
 * names.
 */
export function gatheredRemarks(remarks: readonly FileRemark[]): string[] {
  const files = new Map<string, string[]>();
  for (const { file, remark } of remarks) {
    const start = `${file}: `;
    const what = remark.startsWith(start) ? remark.slice(start.length) : remark;
    files.set(what, [...(files.get(what) ?? []), file]);
  }
  return [...files].map(([what, names]) => `${someNames(names)}: ${what}`);
}

/**
 * Splits names into those to train on and those held out, both in natural order. `spec` contains
 * names or globs (`*`, `?`): an array, or a string separated by commas (a name may contain commas
 * itself; an extension may follow it, and "/" can replace "-" after its set). By default the last
 * fifth is held out, at least one: neighbouring slices of a stack are similar, so a random choice
 * would leak labels. Throws if a name or glob matches nothing, or nothing is left to train on.
 */
export function selectValidation(
  names: readonly string[],
  spec?: string | readonly string[],
): { training: string[]; validation: string[] } {
  const sorted = [...names].sort(naturalOrder);
  if (sorted.length < 2) {
    throw new Error(
      `validation: got ${sorted.length} samples, expected at least 2: ` +
        "one to train on, one held out",
    );
  }
  const held = spec === undefined ? lastFifth(sorted) : matching(sorted, spec);
  const training = sorted.filter((name) => !held.has(name));
  if (training.length === 0) {
    throw new Error(
      `validation "${spec}": it names all ${sorted.length} samples, expected some left to train on`,
    );
  }
  return { training, validation: sorted.filter((name) => held.has(name)) };
}

function lastFifth(names: readonly string[]): Set<string> {
  const count = Math.min(names.length - 1, Math.max(1, Math.round(names.length * HELD_OUT)));
  return new Set(names.slice(-count));
}

function matching(names: readonly string[], spec: string | readonly string[]): Set<string> {
  const parts = typeof spec === "string" ? nameParts(names, spec) : spec;
  const wanted = parts.filter((part) => part !== "");
  if (wanted.length === 0) {
    throw new Error(`validation "${spec}": it names nothing, expected names or globs such as 2?`);
  }
  const held = new Set<string>();
  for (const part of wanted) {
    const found = named(names, part);
    if (found.length === 0) {
      throw new Error(
        `validation "${part}": no sample of that name, expected some of ${someNames(names)}`,
      );
    }
    for (const name of found) held.add(name);
  }
  return held;
}

/** Returns the names that a name or a glob matches: as written, else with common additions. */
function named(names: readonly string[], part: string): readonly string[] {
  if (names.includes(part)) return [part];
  const stem = isImageName(part) ? part.replace(/\.[^.]+$/, "").replace(/\.ome$/i, "") : part;
  for (const text of new Set([part, part.replace(/[\\/]/g, "-"), stem.replace(/[\\/]/g, "-")])) {
    const pattern = glob(text.normalize("NFC"));
    const found = names.filter((name) => pattern.test(name.normalize("NFC")));
    if (found.length > 0) return found;
  }
  const folded = names.filter((name) => foldName(name) === foldName(stem));
  return folded.length === 1 ? folded : [];
}

/** Splits at commas; parts that are one name with commas stay together. */
function nameParts(names: readonly string[], spec: string): string[] {
  const cut = spec.split(",");
  const parts: string[] = [];
  for (let start = 0; start < cut.length; ) {
    let end = cut.length;
    const text = () => cut.slice(start, end).join(",").trim();
    while (end > start + 1 && !names.includes(text())) end--;
    parts.push(text());
    start = end;
  }
  return parts;
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
