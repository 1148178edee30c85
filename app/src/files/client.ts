// The page's side of the Worker for files.

import { callWorker } from "../threads/call-worker.js";
import type { FileWork } from "./work.js";

const NAMES = [
  "readImages",
  "recoloured",
  "countPages",
  "readLabels",
  "encode",
  "decode",
  "readCheckpoint",
  "exportedNetwork",
  "readNetwork",
  "isModelPackage",
  "openProject",
  "packProject",
  "checkpoint",
  "pictures",
  "packPictures",
  "report",
  "figures",
] as const satisfies readonly (keyof FileWork)[];

export function createFileWork(): FileWork {
  const worker = new Worker(new URL("./files-worker.ts", import.meta.url), { type: "module" });
  return callWorker<FileWork>(worker, NAMES);
}
