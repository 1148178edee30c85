// The thread behind batch-workers.ts: gets a step's number, sends its batch.

import { parentPort, workerData } from "node:worker_threads";
import { type Batch, tileCutter } from "../data/tiles.js";
import type { BatchRequest } from "../train/batches.js";

export type BatchReply =
  | { readonly step: number; readonly batch: Batch }
  | { readonly step: number; readonly error: string };

if (!parentPort) throw new Error("batch-worker.js runs in a worker thread alone");
const port = parentPort;
const { prepared, tiles, size }: Pick<BatchRequest, "prepared" | "tiles" | "size"> = workerData;
const cut = tileCutter(prepared, tiles);
port.on("message", (step: number) => {
  try {
    const batch = cut(step, size);
    const buffers = Object.values(batch).map(({ buffer }) => buffer);
    port.postMessage({ step, batch } satisfies BatchReply, buffers);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ step, error: message } satisfies BatchReply);
  }
});
