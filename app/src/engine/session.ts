// The engine's side: one GPU, opened when it is first needed, and again if it is lost and could not be
// renewed; one run at a time; requests with one answer each.

import {
  AdapterError,
  type Device,
  examine,
  examineOnce,
  type GpuError,
  indexedDbStorage,
  loadAvoided,
  MemoryError,
  measurePeak,
  requestDevice,
  saveAvoided,
} from "../../../src/index.js";
import { drawSample } from "../state/project.js";
import { estimate } from "./estimate.js";
import type { Failure, Question, Reply, Request, TrainJob } from "./messages.js";
import { exportPackageOn, testPackageOn } from "./package-work.js";
import { predictOn, trainOn } from "./work.js";

/** Answers requests by `post`, until the Worker ends. */
export function createSession(post: (reply: Reply) => void): (request: Request) => void {
  let opened: Promise<Device> | undefined;
  let peak: Promise<number> | undefined;
  let abort = new AbortController();
  /** Aborts predictions in progress, by id. */
  const cancels = new Map<number, AbortController>();
  /** What examinations found, by GPU and driver. */
  const storage = indexedDbStorage("micrograph", undefined, "doctor");
  let examines = false;

  const open = () => {
    opened ??= requestDevice().then(
      async (device) => {
        await loadAvoided(device, storage);
        post({ type: "device", description: device.describe() });
        return device;
      },
      (error) => {
        opened = undefined;
        post({ type: "no-device", failure: failureOf(error) });
        throw error;
      },
    );
    return opened;
  };
  /** The GPU, which may have been lost since it was last used. */
  const ready = async () => {
    const device = await open();
    await device.renew();
    return device;
  };
  const failed = async (error: unknown): Promise<Failure> => {
    const failure = failureOf(error);
    // Work may fail before the GPU reports that it is lost.
    const at = opened;
    const lost = failure.kind === "adapter" ? undefined : await lossOf(at);
    if (!lost) return failure;
    if (opened === at) opened = undefined;
    return { kind: "lost", message: lost.message };
  };

  const run = async (job: TrainJob) => {
    abort = new AbortController();
    const { signal } = abort;
    try {
      const device = await ready();
      const examination = examines ? await examineOnce(device, storage, { signal }) : undefined;
      if (examination && !examination.passed) post({ type: "faults", examination });
      post({ type: "trained", result: await trainOn(device, job, signal, post) });
    } catch (error) {
      if (signal.aborted && error === signal.reason) post({ type: "train-cancelled" });
      else post({ type: "train-failed", failure: await failed(error) });
    }
  };

  const answer = async (question: Question): Promise<Reply> => {
    const { id } = question;
    if (question.type === "draw") {
      return { type: "drawn", id, answer: drawSample(question.options, question.kind) };
    }
    const device = await ready();
    if (question.type === "measure") {
      peak ??= measurePeak(device);
      const { model, config } = question;
      return { type: "measured", id, answer: await estimate(device, model, config, await peak) };
    }
    if (question.type === "export-package") {
      return { type: "packaged", id, answer: await exportPackageOn(device, question.job) };
    }
    if (question.type === "test-package") {
      const { file, name } = question;
      return { type: "tested", id, answer: await testPackageOn(device, file, name) };
    }
    if (question.type === "examine") {
      const examination = await examine(device, {
        onProgress: (_name, done, total) => post({ type: "examining", id, done, total }),
      });
      await saveAvoided(device, storage, examination).catch(() => {}); // it is said next time
      return { type: "examined", id, answer: examination };
    }
    const onTile = (done: number, total: number) => post({ type: "predicting", id, done, total });
    const cancel = new AbortController();
    cancels.set(id, cancel);
    try {
      const answer = await predictOn(device, question.job, onTile, cancel.signal);
      return { type: "predicted", id, answer };
    } finally {
      cancels.delete(id);
    }
  };

  return (request) => {
    // A GPU that cannot be opened is reported by `no-device`.
    if (request.type === "open") {
      examines = request.examines;
      open().catch(() => {});
    } else if (request.type === "train") run(request.job);
    else if (request.type === "stop") abort.abort();
    else if (request.type === "cancel") cancels.get(request.id)?.abort();
    else {
      const { id } = request;
      answer(request)
        .catch(async (error): Promise<Reply> => {
          return { type: "failed", id, failure: await failed(error) };
        })
        .then(post);
    }
  };
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AdapterError) return { kind: "adapter", message };
  if (error instanceof MemoryError) {
    return { kind: "memory", message, proposals: error.proposals };
  }
  if (/out of memory/i.test(message)) return { kind: "memory", message };
  return { kind: "other", message };
}

/** The error of a GPU that is lost now or within half a second. */
async function lossOf(opened: Promise<Device> | undefined): Promise<GpuError | undefined> {
  const device = await opened?.catch(() => undefined);
  if (!device) return undefined;
  const soon = new Promise<undefined>((resolve) => setTimeout(resolve, 500));
  return Promise.race([device.lost, soon]);
}
