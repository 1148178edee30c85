// Opens a GPU, or uses one that the caller opened.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { loadUsualTexts } from "../shaders/texts.js";
import { WANTED_FEATURES } from "./adapter-capabilities.js";
import { type Device, type DeviceOptions, deviceOf, type InternalOptions } from "./device.js";
import { AdapterError } from "./errors.js";
import type { OpenedGpu } from "./gpu-session.js";

/** How a device of the caller's is used. */
export interface UseDeviceOptions extends DeviceOptions {
  /** Opens another GPU if this one is lost (`Device.renew`). By default a loss is an error. */
  readonly reopen?: (() => GPUDevice | Promise<GPUDevice>) | undefined;
}

const OPTIONS: Keys<DeviceOptions & InternalOptions> = {
  powerPreference: 1,
  onError: 1,
  backend: 0,
  memoryOfSoftware: 0,
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
  // Load the shader texts meanwhile. A failure is reported when a shader is compiled.
  loadUsualTexts().catch(() => {});
  const open = () => openAdapter(gpu, options);
  return deviceOf(await open(), open, options);
}

async function openAdapter(
  gpu: GPU,
  { powerPreference = "high-performance", backend }: DeviceOptions & InternalOptions,
): Promise<OpenedGpu> {
  const ask = (more: GPURequestAdapterOptions = {}) =>
    gpu.requestAdapter({ powerPreference, ...more });
  let adapter = await ask();
  // While a browser starts its GPU process, the first request of a Worker can get no adapter.
  for (let delay = 50; !adapter && !backend && delay < 500; delay *= 2) {
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
  const opened = await adapter.requestDevice({
    label: "micrograph",
    requiredFeatures: features,
    requiredLimits,
  });
  return { gpu: opened, info: adapter.info };
}

/**
 * Uses a device that the caller opened. Errors of the caller's own calls stay with the caller,
 * separate from those of the engine. `close` closes the plans and states created through the
 * returned device, and leaves `gpu` open.
 */
export function useDevice(gpu: GPUDevice, options: UseDeviceOptions = {}): Device {
  checkKeys("useDevice", options, { powerPreference: 1, onError: 1, reopen: 1 });
  const { reopen } = options;
  const given = (gpu: GPUDevice): OpenedGpu => ({ gpu, info: gpu.adapterInfo });
  const open = reopen && (async () => given(await reopen()));
  return deviceOf(given(gpu), open, { ...options, backend: "given" });
}
