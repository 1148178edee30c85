// Weights under other names than a file has.

/** Weights by name. */
export type Weights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
>;

/**
 * Other names of a file's weights: of one weight, or, with a dot at the end, of all that begin so ("module.": "").
 * A weight whose new name is null is left out.
 */
export type WeightNames = Readonly<Record<string, string | null>>;

/** Returns the weights by their new names. Throws for a name that no weight has, and if two get the same one. */
export function renamedWeights(weights: Weights, names: WeightNames): Weights {
  const entries = Object.entries(names);
  const wrong = entries.find(([, to]) => to !== null && typeof to !== "string");
  if (wrong) throw new Error(`the mapping of ${wrong[0]} is no name, expected a text or null`);
  const used = new Set<string>();
  // The longest beginning counts.
  const beginnings = entries.filter(([from]) => from.endsWith("."));
  beginnings.sort(([a], [b]) => b.length - a.length);
  const renamed = (name: string): string | null => {
    if (Object.hasOwn(names, name)) {
      used.add(name);
      return names[name];
    }
    const found = beginnings.find(([from]) => name.startsWith(from));
    if (!found) return name;
    const [from, to] = found;
    used.add(from);
    return to === null ? null : to + name.slice(from.length);
  };
  const result = new Map<string, { shape: readonly number[]; data: ArrayLike<number> }>();
  for (const [name, weight] of weights) {
    const own = renamed(name);
    if (own === null) continue;
    if (result.has(own)) throw new Error(`two weights are called ${own} by the mapping`);
    result.set(own, weight);
  }
  const unused = entries.find(([from]) => !used.has(from));
  if (unused) throw new Error(`the mapping names ${unused[0]}, but the file has no such weight`);
  return result;
}
