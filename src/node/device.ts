// Opening the GPU in Node: Dawn, from the npm package `webgpu`, on an adapter of the system, else
// on SwiftShader.

import { constants } from "node:os";
import { checkKeys, type Keys } from "../checks/keys.js";
import { loadChoices } from "../gpu/choices.js";
import { AdapterError, type Device, type DeviceOptions, requestDevice } from "../gpu/device.js";
import { choiceFile, fileStorage } from "./choice-file.js";
import { napping } from "./nap.js";
import { isSwiftShaderLoaded, loadSwiftShader } from "./swiftshader.js";
import { llvmpipeTranslator } from "./translation.js";

export interface OpenDeviceOptions extends DeviceOptions {
  /**
   * "auto": an adapter of the system, else SwiftShader. The environment variable
   * MICROGRAPH_ADAPTER stands in for it.
   */
  readonly adapter?: "auto" | "system" | "swiftshader" | undefined;
  /**
   * Whether the choices that `tune` kept for this adapter are loaded: from the user's cache folder,
   * or the file that MICROGRAPH_KERNEL_CACHE names ("off": none). By default they are.
   */
  readonly kernelCache?: boolean | undefined;
  /** Called with a sentence where something is odd but no error, such as a damaged cache. */
  readonly onRemark?: ((remark: string) => void) | undefined;
}

/**
 * Dawn's object for each driver, for as long as the process lives: when it is collected before the
 * last of its devices, which the collector may do even when both are garbage, the process aborts.
 */
const instances = new Map<string, GPU>();

const OPTIONS: Keys<OpenDeviceOptions> = {
  powerPreference: 1,
  onError: 1,
  adapter: 1,
  kernelCache: 1,
  onRemark: 1,
};

/**
 * Opens a GPU. Node exits by itself when the work is done; `close` gives the memory back earlier.
 * Throws an `AdapterError` that lists what was tried and what to install.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  checkKeys("openDevice", options, OPTIONS);
  const device = await openAdapter(options);
  const file = options.kernelCache === false ? undefined : choiceFile();
  if (file !== undefined) {
    const { remark } = await loadChoices(device, fileStorage(file));
    if (remark !== undefined) options.onRemark?.(remark);
  }
  return device;
}

async function openAdapter(options: OpenDeviceOptions): Promise<Device> {
  const choice = options.adapter ?? process.env.MICROGRAPH_ADAPTER ?? "auto";
  if (!["auto", "system", "swiftshader"].includes(choice)) {
    throw new AdapterError(
      `the adapter must be auto, system or swiftshader, got ${choice} (option or MICROGRAPH_ADAPTER)`,
    );
  }
  const tried: string[] = [];
  const isDecided = choice === "swiftshader" || (choice === "auto" && isSwiftShaderLoaded());
  const absent = isDecided ? undefined : missingLoader();
  if (absent) tried.push(`Vulkan of the system: ${absent}`);
  else if (!isDecided) {
    const device = await tryOpen("system", options, tried);
    if (device) return device;
  }
  if (choice !== "system") {
    const swiftShader = loadSwiftShader();
    if ("reason" in swiftShader) tried.push(`SwiftShader: ${swiftShader.reason}`);
    else {
      const device = await tryOpen("swiftshader", options, tried);
      if (device) return device;
    }
  }
  throw new AdapterError(`no WebGPU adapter. Tried: ${tried.join("; ")}. ${advice(tried)}`);
}

async function tryOpen(
  backend: "system" | "swiftshader",
  options: DeviceOptions,
  tried: string[],
): Promise<Device | undefined> {
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch (error) {
    tried.push(`npm package webgpu: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
  let gpu = instances.get(backend);
  if (!gpu) {
    Object.assign(globalThis, dawn.globals);
    // Dawn rounds timestamps to 65 us, for the sake of pages that spy; profiles want them as they are.
    gpu = dawn.create(["disable-dawn-features=timestamp_quantization"]);
    instances.set(backend, gpu);
  }
  try {
    const opened = gpu;
    const translator = llvmpipeTranslator(() => requestDevice(opened));
    const software = { waitForSoftware: napping(), translator };
    const { powerPreference, onError } = options;
    return await requestDevice(gpu, { powerPreference, onError, backend, ...software });
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const what = backend === "system" ? "Vulkan, Metal or D3D12 of the system" : "SwiftShader";
    tried.push(`${what}: ${error.message}`);
    return undefined;
  }
}

/** Why there is no Vulkan of the system; Dawn would find out too, with a warning of five lines. */
function missingLoader(): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1", constants.dlopen.RTLD_LAZY);
  } catch (error) {
    const { message } = error as Error;
    if (/cannot open shared object file/.test(message)) return message;
  }
  return undefined;
}

function advice(tried: readonly string[]): string {
  if (tried.some((line) => line.startsWith("npm package webgpu"))) {
    return "Install Dawn: npm install webgpu";
  }
  return "Install a driver for the GPU (on Debian: mesa-vulkan-drivers), or SwiftShader: npm install @sparticuz/chromium@147";
}
