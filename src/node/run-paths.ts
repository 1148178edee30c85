// Paths in a run's configuration: relative to the run folder where they can be, with forward slashes,
// so that a run that is moved together with its data, or to another system, still finds them.

import { existsSync } from "node:fs";
import path from "node:path";

/** What differs between systems: `path.posix` and `path.win32` in tests. */
export type PathRules = Pick<path.PlatformPath, "resolve" | "relative" | "isAbsolute" | "sep">;

/** A place as `config.json` holds it. */
export interface StoredPath {
  /** Relative to the run folder; absolute where they have no root in common: another drive. */
  readonly path: string;
  /** Where it was when the run began, for a run folder that is moved without its data. */
  readonly absolute: string;
}

/** The place of a file or folder as `config.json` of the run folder holds it. */
export function storePath(folder: string, place: string, rules: PathRules = path): StoredPath {
  const absolute = rules.resolve(place);
  const relative = rules.relative(rules.resolve(folder), absolute);
  if (rules.isAbsolute(relative)) return { path: absolute, absolute };
  return { path: relative.split(rules.sep).join("/") || ".", absolute };
}

/**
 * The absolute path of a stored place: the relative one, or where nothing is there, the one where it
 * was when the run began. The first of them where neither exists. Older runs have only absolute paths.
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

/** Absolute on any system: "C:/data" of a run from Windows is no name below a folder of Linux. */
function isAbsoluteAnywhere(place: string): boolean {
  return /^(\/|\\\\|[a-z]:[\\/])/i.test(place);
}
