// The GPU device: opening it, its capabilities, and its errors.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { Capabilities } from "../graph/capabilities.js";
import { loadUsualTexts } from "../shaders/texts.js";
import { capabilitiesOf, WANTED_FEATURES } from "./adapter-capabilities.js";
import { AdapterError, GpuError, oneLine } from "./errors.js";
import { answersLate, submitting, type Wait } from "./firefox-wait.js";
import { createFaults, type Faults, type Guarded, guarded } from "./guard.js";
import { createPipelines, type Pipelines, type WarmUp } from "./pipelines.js";

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
  /** The device of WebGPU. */
  readonly gpu: GPUDevice;
  /** What kernels are chosen by. */
  readonly capabilities: Capabilities;
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
  /** How to wait on a software adapter. */
  readonly waitForSoftware?: Wait | undefined;
  /** Creates what is called for each pipeline of the device after it is created. */
  readonly translator?: (gpu: GPUDevice, info: GPUAdapterInfo) => WarmUp | undefined;
}

const OPTIONS: Keys<DeviceOptions & InternalOptions> = {
  powerPreference: 1,
  onError: 1,
  backend: 0,
  waitForSoftware: 0,
  translator: 0,
};

/**
 * Opens the default adapter of `gpu` (in a browser: `navigator.gpu`) with its highest limits.
 * Throws an `AdapterError` if there is none after retrying for three quarters of a second.
 */
export async function requestDevice(
  gpu: GPU | undefined = globalThis.navigator?.gpu,
  options: DeviceOptions & InternalOptions = {},
): Promise<Device> {
  checkKeys("requestDevice", options, OPTIONS);
  if (!gpu) {
    throw new AdapterError(
      "this environment has no WebGPU (navigator.gpu is missing): use Chrome or Edge 113, Firefox 141, Safari 26 or later, or in Node `openDevice` of micrograph/node",
    );
  }
  const { powerPreference = "high-performance" } = options;
  const ask = (more: GPURequestAdapterOptions = {}) =>
    gpu.requestAdapter({ powerPreference, ...more });
  // Load the shader texts meanwhile. A failure is reported when a shader is compiled.
  loadUsualTexts().catch(() => {});
  let adapter = await ask();
  // While a browser starts its GPU process, the first request of a Worker can get no adapter.
  for (let delay = 50; !adapter && !options.backend && delay < 500; delay *= 2) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    adapter = await ask();
  }
  // Older phones and GPUs only offer what OpenGL ES 3.1 or Direct3D 11 can do, which is enough for
  // every kernel.
  adapter ??= await ask({ featureLevel: "compatibility" });
  if (!adapter) throw new AdapterError("WebGPU is available, but there is no adapter");
  const features = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits: Record<string, number> = {};
  // The getters are on the prototype: the object itself has no keys.
  for (const limit in adapter.limits) {
    const value = (adapter.limits as unknown as Record<string, unknown>)[limit];
    if (typeof value === "number") requiredLimits[limit] = value;
  }
  const device = await adapter.requestDevice({
    label: "micrograph",
    requiredFeatures: features,
    requiredLimits,
  });
  return wrapDevice(device, { ...options, info: adapter.info });
}

/**
 * Uses a device that the caller opened. Errors of the caller's own calls stay with the caller,
 * separate from those of the engine. `close` closes the plans and states created through the
 * returned device, and leaves `gpu` open.
 */
export function useDevice(gpu: GPUDevice, options: DeviceOptions = {}): Device {
  checkKeys("useDevice", options, OPTIONS);
  return wrapDevice(gpu, { ...options, info: gpu.adapterInfo, backend: "given" });
}

function wrapDevice(
  gpu: GPUDevice,
  options: DeviceOptions & InternalOptions & { readonly info: GPUAdapterInfo },
): Device {
  const { info } = options;
  const avoided = new Set<string>();
  const capabilities = { ...capabilitiesOf(info, gpu.features, gpu.limits), avoided };
  const isGiven = options.backend === "given";
  let loss: GpuError | undefined;
  let stray: GpuError | undefined;
  let refused: Promise<unknown> = Promise.resolve();
  let closed = false;
  const report = (error: GpuError) => options.onError?.(error);
  const onUncaptured = (event: GPUUncapturedErrorEvent) => {
    if (options.onError) event.preventDefault(); // so that the console does not print it too
    const error = new GpuError(`the GPU reported: ${oneLine(event.error.message)}`);
    stray ??= error;
    report(error);
  };
  if (!isGiven) gpu.addEventListener("uncapturederror", onUncaptured);
  const lost = new Promise<GpuError>((resolve) => {
    gpu.lost.then((reason) => {
      if (closed) return;
      loss = new GpuError(`the GPU device was lost: ${oneLine(reason.message)}`);
      report(loss);
      resolve(loss);
    });
  });
  const pipelines = createPipelines(gpu, undefined, options.translator?.(gpu, info));
  const { waitForSoftware } = options;
  const isSoftware = capabilities.kind === "cpu";
  const plainWait: Wait = answersLate() ? submitting(gpu.queue) : (pending) => pending;
  const wait = (isSoftware && waitForSoftware) || plainWait;
  const holds = new Set<Closable>();
  const close = () => {
    closed = true;
    for (const held of holds) held.close();
    holds.clear();
    pipelines.clear();
    gpu.removeEventListener("uncapturederror", onUncaptured);
    if (!isGiven) gpu.destroy();
  };
  const checkOpen = () => {
    if (closed) throw new GpuError("the device is closed");
    if (loss) throw loss;
  };
  const device: Device = {
    gpu,
    capabilities,
    pipelines,
    choices: new Map(),
    avoided,
    lost,
    wait,
    async idle() {
      await wait(gpu.queue.onSubmittedWorkDone());
      await refused; // by now whoever made the refused call has its error
    },
    describe: () => describe(gpu, info, capabilities, options.backend ?? "system"),
    checkOpen,
    check() {
      checkOpen();
      if (stray) throw stray;
    },
    guard(where, work) {
      const guard = guarded(gpu, where, work);
      refused = guard.refused;
      return guard;
    },
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
