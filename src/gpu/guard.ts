// Error scopes around the engine's calls on a GPU. An app may share its GPU with the engine, and a
// GPU runs many plans: an error belongs to the plan or state that made the call, and stops nothing
// else.

import { GpuError, MemoryError, oneLine } from "./errors.js";

/** What `work` returned, and a promise of what the GPU refused of it. */
export interface Guarded<T> {
  /** What the work returned. */
  readonly value: T;
  /** The error of the GPU that it caused, once the GPU has answered. */
  readonly refused: Promise<GpuError | undefined>;
}

/**
 * Runs `work` within error scopes. They are on one stack with those of the app, so `work` must be
 * done when it returns. Throws what `work` throws.
 */
export function guarded<T>(gpu: GPUDevice, where: string, work: () => T): Guarded<T> {
  gpu.pushErrorScope("out-of-memory");
  gpu.pushErrorScope("validation");
  let refused: Guarded<T>["refused"];
  let value: T;
  try {
    value = work();
  } finally {
    // Nothing is reported for a GPU that is lost meanwhile; see `Device.lost`.
    const reports = [gpu.popErrorScope(), gpu.popErrorScope()];
    refused = Promise.all(reports).then(
      ([invalid, exhausted]) => {
        // What is used without memory is invalid, too.
        if (exhausted) {
          return new MemoryError(
            `${where}: the GPU is out of memory: ${oneLine(exhausted.message)}`,
          );
        }
        return invalid ? new GpuError(`${where}: ${oneLine(invalid.message)}`) : undefined;
      },
      () => undefined,
    );
  }
  return { value, refused };
}

/** Collects what the GPU refuses of one plan or state. The first error is kept. */
export interface Faults {
  /** Runs `work` within error scopes. */
  guard<T>(work: () => T): T;
  /** Throws the first error that is known so far. */
  check(): void;
  /** Resolves when it is known whether any work so far was refused. */
  known(): Promise<void>;
}

/** The parts of a device that guard work and report errors. */
interface Guard {
  guard<T>(where: string, work: () => T): Guarded<T>;
  report(error: GpuError): void;
}

/** `onFirst` is called with the first error. */
export function createFaults(
  device: Guard,
  where: string,
  onFirst: (error: GpuError) => void = () => {},
): Faults {
  let failure: GpuError | undefined;
  let last: Promise<void> = Promise.resolve();
  const keep = (error: GpuError | undefined) => {
    if (!error || failure) return;
    failure = error;
    onFirst(error);
    device.report(error);
  };
  return {
    guard(work) {
      const { value, refused } = device.guard(where, work);
      last = refused.then(keep); // reports arrive in the order of the work
      return value;
    },
    check() {
      if (failure) throw failure;
    },
    known: () => last,
  };
}
