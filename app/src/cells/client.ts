// The page's side of the Worker for cells.

import { callWorker } from "../threads/call-worker.js";
import type { CellWork } from "./work.js";

const NAMES = [
  "keep",
  "forget",
  "find",
  "propose",
  "summarise",
  "files",
  "tabulate",
  "takeTable",
] as const satisfies readonly (keyof CellWork)[];

export function createCellCalls(): CellWork {
  const worker = new Worker(new URL("./cells-worker.ts", import.meta.url), { type: "module" });
  return callWorker<CellWork>(worker, NAMES);
}
