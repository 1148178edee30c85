// Which image belongs to which label, and which of them are held out: by name.

/** Two files of one stem. */
export interface Pair {
  /** The stem of both files: the name without its last extension. */
  readonly name: string;
  readonly image: string;
  readonly label: string;
}

/** How many names an error or a warning lists. */
const SHOWN = 5;
/** Share of the samples held out where the caller names none. */
const HELD_OUT = 0.2;

/** The file's name without its last extension. */
export function stemOf(file: string): string {
  const dot = file.lastIndexOf(".");
  return dot > 0 ? file.slice(0, dot) : file;
}

/** Orders names as people count: 2 before 10. */
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

/** A few of the names, and how many more there are. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

/**
 * Pairs image files with label files by stem, in natural order. `where` names the two folders for
 * the errors: an image without a label, two files of one stem. A label without an image is a
 * warning.
 */
export function pairByStem(
  images: readonly string[],
  labels: readonly string[],
  where: { readonly images: string; readonly labels: string },
): { pairs: Pair[]; warnings: string[] } {
  const imageOf = byStem(images, where.images);
  const labelOf = byStem(labels, where.labels);
  const names = [...imageOf.keys()].sort(naturalOrder);
  const lonely = names.filter((name) => !labelOf.has(name));
  if (lonely.length > 0) {
    throw new Error(
      `${where.images}: no label in ${where.labels} for ${lonely.length} of ` +
        `${names.length} images (${someNames(lonely)}), expected a file of the same stem for each`,
    );
  }
  const spare = [...labelOf.keys()].filter((name) => !imageOf.has(name)).sort(naturalOrder);
  const warnings =
    spare.length === 0
      ? []
      : [`${where.labels}: ${spare.length} labels without an image left out (${someNames(spare)})`];
  const pairs = names.map((name) => ({
    name,
    image: imageOf.get(name) ?? "",
    label: labelOf.get(name) ?? "",
  }));
  return { pairs, warnings };
}

function byStem(files: readonly string[], folder: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const file of files) {
    const stem = stemOf(file);
    const other = result.get(stem);
    if (other !== undefined) {
      throw new Error(`${folder}: ${other} and ${file} have the stem ${stem}, expected one file`);
    }
    result.set(stem, file);
  }
  return result;
}

/**
 * Splits names into those to train on and those held out, both in natural order. `spec` holds names
 * or globs (`*`, `?`): an array, or a text that separates them by commas. Without one the last fifth
 * is held out, at least one: neighbouring slices of a stack look alike, so that a random choice would
 * let the labels leak. Errors: a name or glob that matches nothing, nothing left to train on.
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
  const parts = typeof spec === "string" ? spec.split(",").map((part) => part.trim()) : spec;
  const wanted = parts.filter((part) => part !== "");
  if (wanted.length === 0) {
    throw new Error(`validation "${spec}": it names nothing, expected names or globs such as 2?`);
  }
  const held = new Set<string>();
  for (const part of wanted) {
    const found = names.includes(part) ? [part] : names.filter((name) => glob(part).test(name));
    if (found.length === 0) {
      throw new Error(
        `validation "${part}": no sample of that name, expected some of ${someNames(names)}`,
      );
    }
    for (const name of found) held.add(name);
  }
  return held;
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
