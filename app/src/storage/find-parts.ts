// Finds the files of a project's parts, at their expected paths or else at possible ones.

import { type PartKind, type StoredPart, storedPart } from "./stored-paths.js";

/** Files by path: a folder of the browser's storage, or a zip file. */
export interface FileSource {
  /** Undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Paths of all files. */
  list(): Promise<readonly string[]>;
}

export interface PartFinder {
  /**
   * The result of `use` for the part's file. If that is missing, cannot be read, or `use` throws, files of the
   * same name in other saves and in `kinds` are tried, the newest first. Undefined if none works.
   */
  find<T extends object>(
    path: string,
    kinds: readonly PartKind[],
    use: (bytes: Uint8Array, path: string) => Promise<T>,
  ): Promise<T | undefined>;
  /** The expected path of the part. */
  placeOf(path: string): string;
  /** The path of the file that was used for a part. */
  readonly places: ReadonlyMap<object, string>;
}

/** `listed`: the paths of parts that differ from their own. */
export function partFinder(
  source: FileSource,
  listed: Readonly<Record<string, string>> = {},
): PartFinder {
  const places = new Map<object, string>();
  let parts: Promise<readonly StoredPart[]> | undefined;
  const allParts = async () => (await source.list()).flatMap((path) => storedPart(path) ?? []);
  const others = async (path: string, kinds: readonly PartKind[]) => {
    parts ??= allParts();
    const name = storedPart(path)?.name;
    const alike = (await parts).filter((one) => one.name === name && kinds.includes(one.kind));
    // The newest save is preferred.
    return alike.map(({ save, at }) => ({ save, at })).sort((a, b) => (a.save < b.save ? 1 : -1));
  };
  const placeOf = (path: string) => listed[path] ?? path;
  return {
    places,
    placeOf,
    async find(path, kinds, use) {
      const attempt = async (at: string) => {
        try {
          const bytes = await source.read(at);
          const made = bytes && (await use(bytes, at));
          if (made) places.set(made, at);
          return made;
        } catch {
          // Missing or damaged: the caller reports the part as missing.
          return undefined;
        }
      };
      const first = placeOf(path);
      const made = await attempt(first);
      if (made) return made;
      for (const { at } of await others(path, kinds)) {
        const other = at === first ? undefined : await attempt(at);
        if (other) return other;
      }
      return undefined;
    },
  };
}
