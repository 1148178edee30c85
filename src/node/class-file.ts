// `classes.json` next to predictions: the number of classes in their masks, names and colours, the
// threshold of the masks, and how the training labels mark unlabelled pixels.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readClassList } from "../data/class-list.js";
import { type ClassList, classesJson } from "../data/classes.js";
import { readFileOrExplain, writeFileAtomic } from "./run-files.js";

const fileOf = (folder: string) => join(folder, "classes.json");

/**
 * Writes the file before the first mask, so that masks are never evaluated with another run's file.
 */
export async function writeClasses(folder: string, fields: ClassList): Promise<void> {
  await writeFileAtomic(fileOf(folder), classesJson(fields));
}

/** Reads the file; undefined if there is none. Throws one line if it is damaged. */
export async function readClasses(folder: string): Promise<ClassList | undefined> {
  const path = fileOf(folder);
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(await readFileOrExplain(path, "list of classes"));
  return readClassList(text, path);
}
