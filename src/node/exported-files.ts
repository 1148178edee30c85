// The files of an exported network in a folder or a zip file.

import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeZip } from "../formats/zip.js";
import type { ExportedFile } from "../interchange/exported-file.js";
import { ensureFolder, explainReason, temporaryPath, writeFileAtomic } from "./run-files.js";

/**
 * Throws one line if writing to a path would change what is there: a file, or a folder with files. An empty folder is
 * taken.
 */
export async function checkFree(output: string): Promise<void> {
  if (!existsSync(output)) return;
  const files = await readdir(output).catch(() => ["a file"]);
  if (files.length === 0) return;
  throw new Error(`${output}: exists: choose another name by -o, or write over it by --force`);
}

/**
 * Writes files to a zip file, if the path ends in .zip, or else to a folder, which appears with all of them or not at
 * all; in a folder that exists each file is replaced. Throws one line with the path and the reason.
 */
export async function writeExported(output: string, files: readonly ExportedFile[]): Promise<void> {
  if (/\.zip$/i.test(output)) {
    const entries = files.map((file) => ({ ...file, compress: !/\.png$/.test(file.path) }));
    return writeFileAtomic(output, writeZip(entries, { undated: true }));
  }
  const isNew = !existsSync(output);
  const place = resolve(output);
  const folder = isNew ? temporaryPath(place) : output;
  await ensureFolder(dirname(place));
  try {
    for (const { path, bytes } of files) {
      const file = join(folder, path);
      await ensureFolder(dirname(file));
      await writeFileAtomic(file, bytes);
    }
    if (isNew) await rename(folder, place);
  } catch (error) {
    if (isNew) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${output}: cannot be written: ${explainReason(error)}`, { cause: error });
  }
}
