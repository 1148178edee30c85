// The page's side of the Worker.

import type { Prediction } from "../../../src/index.js";
import type { Failure, PredictJob, Reply, Request, TrainJob } from "./messages.js";

/** A failure that the Worker told. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly kind: Failure["kind"];
  constructor({ kind, message }: Failure) {
    super(message);
    this.kind = kind;
  }
}

/** Replies that belong to no single call. */
export type EngineEvent = Exclude<Reply, { id: number }>;

export interface Engine {
  open(): void;
  /** Starts a run; what comes of it are events, the last one `trained` or `train-failed`. */
  train(job: TrainJob): void;
  stop(): void;
  predict(
    job: PredictJob,
    onTile?: (done: number, total: number) => void,
  ): Promise<{ readonly prediction: Prediction; readonly step: number }>;
}

interface Pending {
  onTile?(done: number, total: number): void;
  resolve(answer: { prediction: Prediction; step: number }): void;
  reject(error: EngineError): void;
}

export function createEngine(onEvent: (event: EngineEvent) => void): Engine {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, Pending>();
  let calls = 0;
  worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
    if (!("id" in reply)) return onEvent(reply);
    const call = pending.get(reply.id);
    if (reply.type === "predicting") return call?.onTile?.(reply.done, reply.total);
    pending.delete(reply.id);
    if (reply.type === "predicted") call?.resolve(reply);
    else call?.reject(new EngineError(reply.failure));
  };
  const ask = (request: Request) => worker.postMessage(request);
  return {
    open: () => ask({ type: "open" }),
    train: (job) => ask({ type: "train", job }),
    stop: () => ask({ type: "stop" }),
    predict(job, onTile) {
      const id = ++calls;
      return new Promise((resolve, reject) => {
        pending.set(id, { onTile, resolve, reject });
        ask({ type: "predict", id, job });
      });
    },
  };
}
