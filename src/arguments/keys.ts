// Checks options by name: an unknown key is a typing mistake, whose option would silently keep its
// default.

/**
 * All keys of `T`, so that the compiler reports keys that are missing here or no longer exist. The
 * value is 1, or more information about the key; 0 for keys that errors do not suggest.
 */
export type Keys<T> = { readonly [Key in keyof T]-?: 0 | 1 | object };

/**
 * Throws unless `options` is an object whose keys are all known. `what` begins the sentence, like
 * "conv2d" in "conv2d has no option pading, did you mean padding? It has padding, activation".
 */
export function checkKeys<T>(what: string, options: T, known: Keys<T>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = Array.isArray(options) ? "an array" : String(options);
    throw new Error(`${what}: options must be an object of named values, got ${got}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (key in known || value === undefined) continue;
    const names = Object.keys(known).filter((name) => known[name as keyof T] !== 0);
    throw new Error(`${what} has no option ${key}${guess(key, names)} It has ${names.join(", ")}`);
  }
}

/** Throws unless `value` is one of the words, and suggests the nearest. */
export function checkWord(what: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return;
  const given = typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
  throw new Error(`${what} must be ${words.join(" or ")}, got ${given}`);
}

/** Returns ", did you mean padding?", or "." if nothing is close. */
function guess(key: string, names: readonly string[]): string {
  const nearest = closest(key, names);
  return nearest === undefined ? "." : `, did you mean ${nearest}?`;
}

/**
 * Returns the name closest to `key`, among those that differ in at most a third of its letters or
 * begin alike; undefined if there is none.
 */
export function closest(key: string, names: readonly string[]): string | undefined {
  const given = key.toLowerCase();
  const near = names.flatMap((name) => {
    const other = name.toLowerCase();
    const changes = distance(given, other);
    const isNear = changes <= Math.max(2, given.length / 3) || beginAlike(given, other);
    return isNear ? { name, changes } : [];
  });
  near.sort((a, b) => a.changes - b.changes);
  return near[0]?.name;
}

/** True for "valid" and "validation", "batchSize" and "batch". */
function beginAlike(a: string, b: string): boolean {
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared >= 3 && shared >= 0.7 * Math.min(a.length, b.length);
}

/** The number of letters to insert, delete or replace (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
