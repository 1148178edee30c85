// One GPU as it was opened: its pipelines, its errors, its loss. A device has one after the other if
// it is lost and opened again (`Device.renew`).

import type { Capabilities } from "../graph/capabilities.js";
import { capabilitiesOf } from "./adapter-capabilities.js";
import { GpuError, oneLine } from "./errors.js";
import { answersLate, submitting, type Wait } from "./firefox-wait.js";
import { type Guarded, guarded } from "./guard.js";
import { createPipelines, type Pipelines, type WarmUp } from "./pipelines.js";

/** What an adapter was opened as. */
export interface OpenedGpu {
  readonly gpu: GPUDevice;
  readonly info: GPUAdapterInfo;
}

/** What a session depends on. */
export interface SessionOptions {
  /** Kernels that plans do not use. */
  readonly avoided: Set<string>;
  /** Whether the caller opened the GPU: its errors are then the caller's, and it is left open. */
  readonly isGiven: boolean;
  /** Whether `onError` takes the errors, so that a console need not print them too. */
  readonly isHeard: boolean;
  report(error: GpuError): void;
  readonly waitForSoftware?: Wait | undefined;
  readonly translator?: ((gpu: GPUDevice, info: GPUAdapterInfo) => WarmUp | undefined) | undefined;
}

export interface GpuSession extends OpenedGpu {
  readonly capabilities: Capabilities;
  readonly pipelines: Pipelines;
  readonly lost: Promise<GpuError>;
  /** The loss, if it is known by now. */
  readonly loss: GpuError | undefined;
  /** The first error that belongs to no plan or state. */
  readonly stray: GpuError | undefined;
  readonly wait: Wait;
  guard<T>(where: string, work: () => T): Guarded<T>;
  /** Resolves when it is known what the last guarded work caused. */
  known(): Promise<unknown>;
  end(): void;
}

export function openSession({ gpu, info }: OpenedGpu, options: SessionOptions): GpuSession {
  const { avoided, isGiven, isHeard, report, waitForSoftware, translator } = options;
  const capabilities = { ...capabilitiesOf(info, gpu.features, gpu.limits), avoided };
  let loss: GpuError | undefined;
  let stray: GpuError | undefined;
  let refused: Promise<unknown> = Promise.resolve();
  let ended = false;
  const onUncaptured = (event: GPUUncapturedErrorEvent) => {
    if (isHeard) event.preventDefault(); // so that the console does not print it too
    const error = new GpuError(`the GPU reported: ${oneLine(event.error.message)}`);
    stray ??= error;
    report(error);
  };
  if (!isGiven) gpu.addEventListener("uncapturederror", onUncaptured);
  /** Whoever waits for the GPU: some drivers never answer after a loss. */
  const waiting = new Set<(loss: GpuError) => void>();
  const lost = new Promise<GpuError>((resolve) => {
    gpu.lost.then((reason) => {
      if (ended) return;
      loss = new GpuError(`the GPU device was lost: ${oneLine(reason.message)}`);
      report(loss);
      resolve(loss);
      for (const reject of waiting) reject(loss);
    });
  });
  const untilLost: Wait = (pending) =>
    new Promise((resolve, reject) => {
      if (loss) {
        pending.catch(() => {}); // nobody waits for it
        return reject(loss);
      }
      waiting.add(reject);
      pending.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  const isSoftware = capabilities.kind === "cpu";
  const plainWait: Wait = answersLate() ? submitting(gpu.queue) : (pending) => pending;
  const wait = (isSoftware && waitForSoftware) || plainWait;
  const pipelines = createPipelines(gpu, undefined, translator?.(gpu, info));
  return {
    gpu,
    info,
    capabilities,
    pipelines,
    lost,
    get loss() {
      return loss;
    },
    get stray() {
      return stray;
    },
    wait: (pending) => wait(untilLost(pending)),
    guard(where, work) {
      const guard = guarded(gpu, where, work);
      refused = untilLost(guard.refused).catch(() => undefined);
      return { ...guard, refused: refused as Guarded<never>["refused"] };
    },
    known: () => refused,
    end() {
      ended = true;
      pipelines.clear();
      gpu.removeEventListener("uncapturederror", onUncaptured);
      if (!isGiven) gpu.destroy();
    },
  };
}
