// `classes.json` next to predictions: how many classes their masks have, their names and colours, the
// threshold of the masks, and how the labels of the training mark what nobody labelled.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readClassList } from "../data/class-list.js";
import { type ClassList, classesJson } from "../data/classes.js";
import { readFileOrExplain, writeFileAtomic } from "./run-files.js";

const fileOf = (folder: string) => join(folder, "classes.json");

/** Writes the file, before the first mask, so that masks are never judged by another run's. */
export async function writeClasses(folder: string, fields: ClassList): Promise<void> {
  await writeFileAtomic(fileOf(folder), classesJson(fields));
}

/** What the file says; undefined where there is none. Throws one line where it is damaged. */
export async function readClasses(folder: string): Promise<ClassList | undefined> {
  const path = fileOf(folder);
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(await readFileOrExplain(path, "list of classes"));
  return readClassList(text, path);
}
