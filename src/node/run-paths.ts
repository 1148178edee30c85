// Paths in a run's configuration: relative to the run folder if possible, with forward slashes, so
// that a run that is moved together with its data, or to another system, still finds them.

import { existsSync } from "node:fs";
import path from "node:path";

/** What differs between systems; tests use `path.posix` and `path.win32`. */
export type PathRules = Pick<path.PlatformPath, "resolve" | "relative" | "isAbsolute" | "sep">;

/** A path as stored in `config.json`. */
export interface StoredPath {
  /** Relative to the run folder; absolute if they have no common root (another drive). */
  readonly path: string;
  /** Where it was when the run began, for a run folder that is moved without its data. */
  readonly absolute: string;
}

/** Returns the path of a file or folder as stored in `config.json` of the run folder. */
export function storePath(folder: string, place: string, rules: PathRules = path): StoredPath {
  const absolute = rules.resolve(place);
  const relative = rules.relative(rules.resolve(folder), absolute);
  if (rules.isAbsolute(relative)) return { path: absolute, absolute };
  return { path: relative.split(rules.sep).join("/") || ".", absolute };
}

/**
 * Returns the absolute path of a stored one: by the relative path or, if it does not exist, the one
 * from when the run began. Returns the first if neither exists. Older runs have only absolute
 * paths.
 */
export function findPath(
  folder: string,
  stored: StoredPath | { readonly path: string; readonly absolute?: string | undefined },
  {
    rules = path,
    exists = existsSync,
  }: { rules?: PathRules; exists?(place: string): boolean } = {},
): string {
  const places = [stored.path, stored.absolute]
    .filter((place) => place !== undefined)
    .map((place) => (isAbsoluteAnywhere(place) ? place : rules.resolve(folder, place)));
  return places.find((place) => exists(place)) ?? places[0];
}

/**
 * Whether a path is absolute on any system: "C:/data" of a run from Windows is not a name below a
 * folder on Linux.
 */
function isAbsoluteAnywhere(place: string): boolean {
  return /^(\/|\\\\|[a-z]:[\\/])/i.test(place);
}
