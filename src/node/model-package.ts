// Packages of the bioimage.io zoo on disk: a folder, a zip file, or the description in a folder.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  DESCRIPTION_NAMES,
  type ModelPackage,
  openPackage,
  openZippedPackage,
} from "../interchange/bioimageio/package-files.js";
import { readFileOrExplain } from "./run-files.js";

/** Whether a path is a package: a folder with a description, a zip file, or a description. */
export function isModelPackage(path: string): boolean {
  if (/\.zip$/i.test(path)) return true;
  if (DESCRIPTION_NAMES.some((name) => path.endsWith(name))) return true;
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && DESCRIPTION_NAMES.some((name) => existsSync(join(path, name)));
}

/** Opens a package. Throws one line with the path if it has no description of a model that runs here. */
export async function openModelPackage(path: string): Promise<ModelPackage> {
  if (/\.zip$/i.test(path)) {
    return openZippedPackage(await readFileOrExplain(path, "package"), path);
  }
  const folder = path.replace(/[\\/]?(bioimageio|rdf)\.yaml$/, "") || ".";
  return openPackage(path, {
    has: (name) => existsSync(join(folder, name)),
    read: (inside) => readFileOrExplain(join(folder, inside), "file"),
  });
}
