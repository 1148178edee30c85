// Options by name: a key that no option has is a typing error whose option would silently keep its
// default.

/**
 * Every key of `T`, so that the compiler finds a key that is missing here or gone there. Under it is 1,
 * or what is known about it otherwise; 0 for a key that errors do not offer.
 */
export type Keys<T> = { readonly [Key in keyof T]-?: 0 | 1 | object };

/**
 * Throws unless `options` is an object whose keys are all known. `what` begins the sentence, as
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

/** Throws unless `value` is one of the words, and names the nearest. */
export function checkWord(what: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return;
  const given = typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
  throw new Error(`${what} must be ${words.join(" or ")}, got ${given}`);
}

/** ", did you mean padding?", or "." where nothing is near. */
function guess(key: string, names: readonly string[]): string {
  const nearest = closest(key, names);
  return nearest === undefined ? "." : `, did you mean ${nearest}?`;
}

/**
 * The name that the fewest changes make of `key`, of those where a third of it changes at most or that
 * begin alike; undefined where there is none.
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

/** "valid" and "validation", "batchSize" and "batch". */
function beginAlike(a: string, b: string): boolean {
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared >= 3 && shared >= 0.7 * Math.min(a.length, b.length);
}

/** Letters to insert, delete or replace (Levenshtein 1966). */
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
