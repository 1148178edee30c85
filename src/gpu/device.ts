// The GPU device: its capabilities, its errors, and what happens when it is lost.

import type { Capabilities } from "../graph/capabilities.js";
import type { Dispatch } from "../graph/dispatch.js";
import { GpuError } from "./errors.js";
import type { Wait } from "./firefox-wait.js";
import { type OpenedGpu, openSession } from "./gpu-session.js";
import { createFaults, type Faults, type Guarded } from "./guard.js";
import type { Pipelines, WarmUp } from "./pipelines.js";

/** An adapter in words and numbers, for reports. */
export interface DeviceDescription {
  /** Name of the adapter as reported by its driver. */
  readonly adapter: string;
  /** A GPU, or a driver in software. */
  readonly kind: "cpu" | "gpu";
  /**
   * "system": a driver of this machine; "swiftshader": the package from npm; "given": opened by the
   * caller.
   */
  readonly backend: string;
  /** For a software adapter: bits of the vectors it computes with, if known. */
  readonly vectorBits?: number;
  /** WebGPU's limits by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** WebGPU's features that the device has. */
  readonly features: readonly string[];
}

export type { Wait } from "./firefox-wait.js";

/** Something open on a device: a plan or a state. */
export interface Closable {
  /** Frees what it holds on the GPU. A second call does nothing. */
  close(): void;
}

/**
 * An open GPU device. Plans and states are created on it; `close` releases it with everything
 * created on it.
 */
export interface Device {
  /** The device of WebGPU; another one after `renew`. */
  readonly gpu: GPUDevice;
  /** What kernels are chosen by. */
  readonly capabilities: Capabilities;
  /**
   * Bytes of memory of the adapter, if known: in Node, of a software adapter, those of this machine or
   * container. WebGPU does not tell them. Plans that need more are refused.
   */
  readonly memoryBytes?: number | undefined;
  /** The compiled pipelines, shared by all plans. */
  readonly pipelines: Pipelines;
  /**
   * The kernel of each tuned layer, by `layerKey`. Other layers run the first choice of their op.
   */
  readonly choices: Map<string, string>;
  /**
   * Kernels that computed wrong results on this adapter, by op and name ("conv2d winograd"):
   * plans do not use them.
   */
  readonly avoided: Set<string>;
  /**
   * Kernels with factors of 16 bits that `examine` found right here, by op and name: plans with
   * `halfFactors` may use them.
   */
  readonly proven: Set<string>;
  /**
   * Into how many dispatches each dispatch of a plan is cut. By default those that would take longer
   * than 100 ms on a GPU, or half a second in software, as measured when the plan is compiled.
   */
  readonly slicesOf?: ((dispatch: Dispatch) => number) | undefined;
  /** The adapter in words and numbers. */
  describe(): DeviceDescription;
  /**
   * Waits for a promise of the GPU. In Node on a software adapter the thread sleeps meanwhile and
   * leaves its core to the adapter. In Firefox it makes the browser look for the GPU's answers
   * every millisecond instead of every 100, so a promise awaited without it is slower.
   */
  readonly wait: Wait;
  /** Resolves when all work submitted so far is done and its errors are known. */
  idle(): Promise<void>;
  /** Throws if the device is closed or lost. */
  checkOpen(): void;
  /**
   * Throws like `checkOpen`, and throws the first GPU error that belongs to no plan or state,
   * caused by your own calls on `gpu`. On a GPU passed to `useDevice` such errors are left to the
   * app.
   */
  check(): void;
  /**
   * Runs `work`, which must be synchronous, in its own error scopes. If the GPU refuses any of it,
   * this causes no uncaptured error; `refused` resolves with a message that begins with `where`.
   */
  guard<T>(where: string, work: () => T): Guarded<T>;
  /** Collects what the GPU refuses over several such calls. */
  faults(where: string): Faults;
  /** Passes an error to `DeviceOptions.onError`. */
  report(error: GpuError): void;
  /** Open plans and states, which `close` closes. */
  readonly holds: Set<Closable>;
  /** Buffers of states that a failed plan should have written, with its error. */
  readonly spoilt: WeakMap<GPUBuffer, GpuError>;
  /** Resolves with the error when the device is lost. Never resolves after `close`. */
  readonly lost: Promise<GpuError>;
  /** How often the device was lost and opened again. */
  readonly renewals: number;
  /** Whether `renew` can open it again: a GPU of the caller's needs `UseDeviceOptions.reopen`. */
  readonly isRenewable: boolean;
  /**
   * If the device is lost, closes every plan and state created on it and opens the adapter again: the
   * device can then be used as before, with the same `choices`. Does nothing if it is not lost, and
   * opens only one GPU for several calls. `train`, `tune`, `Predictor.predict` and `predictTiles` call
   * it when they lose the GPU, and go on. Throws if the adapter cannot be opened.
   */
  renew(): Promise<void>;
  /** Closes all plans and states, and the GPU unless the caller opened it (`useDevice`). */
  close(): void;
  [Symbol.dispose](): void;
}

/** How a device is requested. */
export interface DeviceOptions {
  /** Which GPU is asked for, if there are several. */
  readonly powerPreference?: GPUPowerPreference | undefined;
  /**
   * Called for each error that no call reported: the first of a plan or a state, which its next
   * call throws; the loss of the device; and, on a device opened by the engine, the errors that
   * `check` throws.
   */
  readonly onError?: ((error: GpuError) => void) | undefined;
}

/** What only the drivers of Node hand over. */
export interface InternalOptions {
  /** Where the adapter comes from, as `DeviceDescription.backend`. */
  readonly backend?: string | undefined;
  /** Bytes of memory that a software adapter has. */
  readonly memoryOfSoftware?: number | undefined;
  /** How to wait on a software adapter. */
  readonly waitForSoftware?: Wait | undefined;
  /** Creates what is called for each pipeline of the device after it is created. */
  readonly translator?: (gpu: GPUDevice, info: GPUAdapterInfo) => WarmUp | undefined;
}

/** The device of an opened GPU; `open` opens it again. */
export function deviceOf(
  first: OpenedGpu,
  open: (() => Promise<OpenedGpu>) | undefined,
  options: DeviceOptions & InternalOptions,
): Device {
  const { waitForSoftware, translator } = options;
  const avoided = new Set<string>();
  const isGiven = options.backend === "given";
  const isHeard = options.onError !== undefined;
  const report = (error: GpuError) => options.onError?.(error);
  const bound = { avoided, isGiven, isHeard, report, waitForSoftware, translator };
  let session = openSession(first, bound);
  let closed = false;
  let renewals = 0;
  let renewing: Promise<void> | undefined;
  const holds = new Set<Closable>();
  const end = () => {
    for (const held of holds) held.close();
    holds.clear();
    session.end();
  };
  const close = () => {
    closed = true;
    end();
  };
  const checkOpen = () => {
    if (closed) throw new GpuError("the device is closed");
    if (session.loss) throw session.loss;
  };
  const reopen = async () => {
    const opened = await (open as () => Promise<OpenedGpu>)();
    if (closed) {
      if (!isGiven) opened.gpu.destroy();
      return checkOpen();
    }
    end();
    session = openSession(opened, bound);
    renewals++;
  };
  const device: Device = {
    get gpu() {
      return session.gpu;
    },
    get capabilities() {
      return session.capabilities;
    },
    get memoryBytes() {
      return session.capabilities.kind === "cpu" ? options.memoryOfSoftware : undefined;
    },
    get pipelines() {
      return session.pipelines;
    },
    get lost() {
      return session.lost;
    },
    get renewals() {
      return renewals;
    },
    isRenewable: open !== undefined,
    async renew() {
      if (closed || !session.loss || !open) return checkOpen();
      renewing ??= reopen().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    choices: new Map(),
    avoided,
    proven: new Set(),
    wait: (pending) => session.wait(pending),
    async idle() {
      const { wait, gpu, known } = session;
      await wait(gpu.queue.onSubmittedWorkDone());
      await known(); // by now whoever made the refused call has its error
    },
    describe: () =>
      describe(session.gpu, session.info, session.capabilities, options.backend ?? "system"),
    checkOpen,
    check() {
      checkOpen();
      if (session.stray) throw session.stray;
    },
    guard: (where, work) => session.guard(where, work),
    faults: (where) => createFaults(device, where),
    report,
    holds,
    spoilt: new WeakMap(),
    close,
    [Symbol.dispose]: close,
  };
  return device;
}

function describe(
  gpu: GPUDevice,
  info: GPUAdapterInfo,
  capabilities: Capabilities,
  backend: string,
): DeviceDescription {
  const limits: Record<string, number> = {};
  for (const limit in gpu.limits) {
    const value = (gpu.limits as unknown as Record<string, unknown>)[limit];
    if (typeof value === "number") limits[limit] = value;
  }
  const isSoftware = capabilities.kind === "cpu";
  const parts = [info.description, info.device, info.architecture, info.vendor];
  return {
    adapter: parts.find((part) => part && !/^0x/.test(part)) ?? "unnamed adapter",
    kind: capabilities.kind,
    backend,
    ...(isSoftware && capabilities.subgroups
      ? { vectorBits: capabilities.workgroupSize * 32 }
      : {}),
    limits,
    features: [...gpu.features].sort(),
  };
}
