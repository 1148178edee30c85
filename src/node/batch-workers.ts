// Batches cut by worker threads, ahead of the steps that need them.

import { Worker } from "node:worker_threads";
import type { Batch } from "../data/tiles.js";
import type { Batches, OpenBatches } from "../train/batches.js";
import type { BatchReply } from "./batch-worker.js";
import { withSharedArrays } from "./shared-memory.js";

/** The number of batches that each thread works ahead. */
const AHEAD = 2;

/**
 * Returns `openBatches` for `train` with this number of threads: the tiles do not depend on it. The
 * threads share the images, labels and weight maps in memory, and read the others themselves.
 */
export function batchWorkers(count: number): OpenBatches {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`batchWorkers: got ${count}, expected a whole number from 1`);
  }
  return (request) => openWorkers(count, request);
}

function openWorkers(count: number, request: Parameters<OpenBatches>[0]): Batches {
  const { first, end, size } = request;
  const waiting = new Map<number, (reply: BatchReply) => void>();
  const batches = new Map<number, Promise<Batch>>();
  let failure: string | undefined;
  const fail = (error: unknown) => {
    const reason = error instanceof Error ? error.message : error;
    failure = `a thread that cuts tiles failed: ${reason}`;
    for (const [step, resolve] of waiting) resolve({ step, error: failure });
  };
  const { tiles } = request;
  const prepared = withSharedArrays(request.prepared);
  const workers = Array.from({ length: Math.min(count, end - first) }, () => {
    const worker = new Worker(new URL("./batch-worker.js", import.meta.url), {
      workerData: { prepared, tiles, size },
    });
    worker.on("message", (reply: BatchReply) => waiting.get(reply.step)?.(reply));
    worker.on("error", fail);
    return worker;
  });
  const order = (step: number) => {
    const reply = new Promise<BatchReply>((resolve) => {
      if (failure === undefined) waiting.set(step, resolve);
      else resolve({ step, error: failure });
    });
    const batch = reply.then((answer) => {
      waiting.delete(step);
      if ("error" in answer) throw new Error(answer.error);
      return answer.batch;
    });
    // The error is reported to the caller that requests the batch.
    batch.catch(() => {});
    batches.set(step, batch);
    workers[step % workers.length].postMessage(step);
  };
  let ordered = first;
  return {
    next(number) {
      const ahead = Math.min(end, number + 1 + AHEAD * workers.length);
      for (; ordered < ahead; ordered++) order(ordered);
      const batch = batches.get(number);
      batches.delete(number);
      if (!batch)
        throw new Error(`batchWorkers: batch ${number} is not the next of ${first} to ${end}`);
      return batch;
    },
    close() {
      for (const worker of workers) worker.terminate();
    },
  };
}
