// Error scopes around what the engine asks of a GPU. An app may share its GPU with the engine, and a GPU
// runs many plans: what is refused belongs to the one that asked, and stops nobody else.

import { GpuError, oneLine } from "./errors.js";

/** What `work` returned, and, as soon as it is known, what the GPU refused of it. */
export interface Guarded<T> {
  readonly value: T;
  readonly refused: Promise<GpuError | undefined>;
}

/**
 * Does `work` within error scopes. The scopes of a GPU are one stack, the app's among them: `work` must
 * be done when it returns. Where it throws, so does this.
 */
export function guarded<T>(gpu: GPUDevice, where: string, work: () => T): Guarded<T> {
  gpu.pushErrorScope("out-of-memory");
  gpu.pushErrorScope("validation");
  let refused: Guarded<T>["refused"];
  let value: T;
  try {
    value = work();
  } finally {
    // A GPU that is lost meanwhile reports nothing: `Device.lost` does.
    const reports = [gpu.popErrorScope(), gpu.popErrorScope()];
    refused = Promise.all(reports).then(
      ([invalid, exhausted]) => {
        const error = invalid ?? exhausted;
        return error ? new GpuError(`${where}: ${oneLine(error.message)}`) : undefined;
      },
      () => undefined,
    );
  }
  return { value, refused };
}

/** What the GPU refuses of one plan or state, over all that it does: the first error stays. */
export interface Faults {
  /** Does `work` within error scopes. */
  guard<T>(work: () => T): T;
  /** Throws the first error that is known. */
  check(): void;
  /** Resolves when it is known of all work so far whether it was refused. */
  known(): Promise<void>;
}

/** What guards work of a device, and hears of its errors. */
interface Guard {
  guard<T>(where: string, work: () => T): Guarded<T>;
  report(error: GpuError): void;
}

/** `onFirst` hears of the first error. */
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
      last = refused.then(keep); // reports come in the order of the work
      return value;
    },
    check() {
      if (failure) throw failure;
    },
    known: () => last,
  };
}
