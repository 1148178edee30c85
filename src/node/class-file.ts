// `classes.json` beside predictions: how many classes their masks have, their names and colours, and
// how the labels of the training mark what nobody labelled.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readClassList } from "../data/class-list.js";
import { type ClassList, classesJson, hasOwnClasses } from "../data/classes.js";
import { readFileOrExplain, writeFileAtomic } from "./files.js";

const fileOf = (folder: string) => join(folder, "classes.json");

/** Writes the file where there is something to tell, or where one that is there would be wrong. */
export async function writeClasses(folder: string, fields: ClassList): Promise<void> {
  const path = fileOf(folder);
  if (!hasOwnClasses(fields) && !existsSync(path)) return;
  await writeFileAtomic(path, classesJson(fields));
}

/** What the file says; undefined where there is none. Throws one line where it is damaged. */
export async function readClasses(folder: string): Promise<ClassList | undefined> {
  const path = fileOf(folder);
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(await readFileOrExplain(path, "list of classes"));
  return readClassList(text, path);
}
