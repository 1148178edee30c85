// The worker thread of batch-workers.ts: receives the number of a step and sends its batch.

import { parentPort, workerData } from "node:worker_threads";
import { batchCutter } from "../data/open-samples.js";
import type { Batch } from "../data/tiles.js";
import type { BatchRequest } from "../train/batches.js";
import { createSampleReader, type SampleSource } from "./sample-files.js";

export type BatchReply =
  | { readonly step: number; readonly batch: Batch }
  | { readonly step: number; readonly error: string };

if (!parentPort) throw new Error("batch-worker.js only runs in a worker thread");
const port = parentPort;
const { prepared, tiles, size }: Pick<BatchRequest, "prepared" | "tiles" | "size"> = workerData;
const read = createSampleReader();
const cut = batchCutter(prepared, tiles, ({ source }) => read(source as SampleSource));

async function answer(step: number): Promise<void> {
  try {
    const batch = await cut(step, size);
    const buffers = Object.values(batch).map(({ buffer }) => buffer);
    port.postMessage({ step, batch } satisfies BatchReply, buffers);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ step, error: message } satisfies BatchReply);
  }
}

/**
 * Processes one step after the other, so that what is read for a batch is not read again for the
 * next.
 */
function inOrder(work: (step: number) => Promise<void>): (step: number) => void {
  let last: Promise<void> = Promise.resolve();
  return (step) => {
    last = last.then(() => work(step));
  };
}

port.on("message", inOrder(answer));
