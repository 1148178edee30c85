// Lists the files below a folder: of a data set with its sub-folders, or of one folder.

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { folderRole, isHiddenName, isImageName } from "../data/file-names.js";
import { naturalOrder } from "../data/pairs.js";
import { explainReason } from "./run-files.js";
import { isStore } from "./slide-file.js";

/** The largest depth of a data set, so that a whole disk is not searched by mistake. */
const MAX_DEPTH = 5;

export interface FolderContent {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Returns the names in a folder, in natural order, without hidden ones. Errors say what is wrong
 * with it.
 */
export async function listFolder(folder: string): Promise<FolderContent> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new Error(`${folder}: ${folderReason(error)}`);
  }
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    if (isHiddenName(entry.name)) continue;
    if (await isFolder(folder, entry)) folders.push(entry.name);
    else files.push(entry.name);
  }
  return { files: files.sort(naturalOrder), folders: folders.sort(naturalOrder) };
}

async function isFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target?.isDirectory() ?? false;
}

function folderReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT") return "no such folder";
  if (code === "ENOTDIR") return "it is a file, expected a folder";
  return `it cannot be read: ${explainReason(error)}`;
}

/**
 * Returns the files of a data set, stores of Zarr among them, as paths relative to its folder with "/" on every system.
 * Folders below one that contains images, and folders next to those called images, labels ..., are
 * ignored: they contain copies, results, or files that were removed from the set.
 */
export async function filesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  async function walk(below: readonly string[], inRole: boolean): Promise<void> {
    const content = await listFolder(join(root, ...below));
    const stores = content.folders.filter((name) => isStore(join(root, ...below, name)));
    const folders = content.folders.filter((name) => !stores.includes(name));
    const files = [...content.files, ...stores];
    for (const file of files) found.push([...below, file].join("/"));
    if (below.length >= MAX_DEPTH) return;
    const withRole = folders.filter((name) => folderRole(name) !== undefined);
    const isHere = files.some(isImageName);
    const next = inRole
      ? isHere
        ? []
        : folders
      : isHere || withRole.length > 0
        ? withRole
        : folders;
    for (const name of next) {
      await walk([...below, name], inRole || folderRole(name) !== undefined);
    }
  }
  await walk([], false);
  return found;
}
