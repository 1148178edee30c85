// The page's side of the Worker with the engine.

import type {
  BuiltInConfig,
  Examination,
  SyntheticOptions,
  TrainingConfig,
} from "../../../src/index.js";
import type { SampleKind } from "../state/project.js";
import { inPieces } from "../threads/large-messages.js";
import type {
  Estimate,
  Failure,
  PackageJob,
  PredictJob,
  Reply,
  Request,
  TrainJob,
} from "./messages.js";

/** An error that the Worker reported. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly kind: Failure["kind"];
  constructor({ kind, message }: Failure) {
    super(message);
    this.kind = kind;
  }
}

/** Replies that do not belong to a single call. */
export type EngineEvent = Exclude<Reply, { id: number }>;

export interface Engine {
  open(): void;
  /** Starts a run; it reports events, the last of which is `trained` or a failure. */
  train(job: TrainJob): void;
  stop(): void;
  predict(
    job: PredictJob,
    onTile?: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<Answer<"predicted">>;
  /** Estimates time and memory of a run. */
  measure(model: BuiltInConfig, config: TrainingConfig): Promise<Estimate>;
  /** Compares the GPU's kernels with references; wrong ones are not used any more. */
  examine(onCase: (done: number, total: number) => void): Promise<Examination>;
  exportPackage(job: PackageJob): Promise<Answer<"packaged">>;
  /** Runs the test of a package: how its output here differs from that in the package. */
  testPackage(file: Blob, name: string): Promise<Answer<"tested">>;
  /** Draws an image of an embedded sample. */
  draw(options: SyntheticOptions, kind?: SampleKind): Promise<Answer<"drawn">>;
}

type Answer<Type> = Extract<Reply, { type: Type; answer: unknown }>["answer"];

interface Pending {
  onTile?(done: number, total: number): void;
  resolve(answer: never): void;
  reject(error: EngineError): void;
}

export function createEngine(onEvent: (event: EngineEvent) => void): Engine {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, Pending>();
  let calls = 0;
  worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
    if (!("id" in reply)) {
      onEvent(reply);
      return;
    }
    const call = pending.get(reply.id);
    if (reply.type === "predicting" || reply.type === "examining") {
      call?.onTile?.(reply.done, reply.total);
      return;
    }
    pending.delete(reply.id);
    if (reply.type === "failed") call?.reject(new EngineError(reply.failure));
    else call?.resolve(reply.answer as never);
  };
  const tell: (request: Request) => Promise<void> = inPieces((message, transfer) =>
    worker.postMessage(message, transfer),
  );
  /** Sends a request with an id, by which its answer is recognised. */
  const ask = <T>(
    request: (id: number) => Request,
    onTile?: Pending["onTile"],
    signal?: AbortSignal,
  ) => {
    const id = ++calls;
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", () => {
        if (pending.has(id)) void tell({ type: "cancel", id });
      });
      pending.set(id, { onTile, resolve, reject });
      tell(request(id)).catch((error) => reject(new EngineError(untold(error))));
    });
  };
  return {
    // A browser that a program controls runs tests: they examine when they want to.
    open: () => void tell({ type: "open", examines: !navigator.webdriver }),
    train(job) {
      tell({ type: "train", job }).catch((error) =>
        onEvent({ type: "train-failed", failure: untold(error) }),
      );
    },
    stop: () => void tell({ type: "stop" }),
    predict: (job, onTile, signal) => ask((id) => ({ type: "predict", id, job }), onTile, signal),
    measure: (model, config) => ask((id) => ({ type: "measure", id, model, config })),
    examine: (onCase) => ask((id) => ({ type: "examine", id }), onCase),
    exportPackage: (job) => ask((id) => ({ type: "export-package", id, job })),
    testPackage: (file, name) => ask((id) => ({ type: "test-package", id, file, name })),
    draw: (options, kind) => ask((id) => ({ type: "draw", id, options, kind })),
  };
}

/** The error of a request that could not be sent: there was no memory for its copy. */
const untold = (error: unknown): Failure => ({ kind: "other", message: String(error) });
