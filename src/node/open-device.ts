// Opens the GPU in Node: with Dawn, from the npm package `webgpu`, on an adapter of the system,
// else on SwiftShader.

import { constants, totalmem } from "node:os";
import { checkKeys, type Keys } from "../arguments/keys.js";
import { loadAvoided } from "../gpu/avoided-kernels.js";
import type { Device, DeviceOptions } from "../gpu/device.js";
import { AdapterError } from "../gpu/errors.js";
import { requestDevice } from "../gpu/request-device.js";
import { loadTuning } from "../gpu/tuning-table.js";
import { lavapipeHint } from "./lavapipe-hint.js";
import { llvmpipeWarmUp } from "./pipeline-warm-up.js";
import { politeWait } from "./polite-wait.js";
import { isSwiftShaderLoaded, loadSwiftShader } from "./swiftshader.js";
import { doctorFile, fileStorage, tuningCacheFile } from "./tuning-cache-file.js";

/** Which adapter is opened, and how. */
export interface OpenDeviceOptions extends DeviceOptions {
  /**
   * "auto": an adapter of the system, else SwiftShader. The default is the environment variable
   * MICROGRAPH_ADAPTER, if set.
   */
  readonly adapter?: "auto" | "system" | "swiftshader" | undefined;
  /**
   * Whether to load the choices that `tune` stored for this adapter, and the kernels that `doctor`
   * found wrong: from the user's cache folder, or from the file in MICROGRAPH_KERNEL_CACHE ("off":
   * none). By default they are loaded.
   */
  readonly kernelCache?: boolean | undefined;
  /**
   * Called with a sentence about anything unusual that is not an error, such as a damaged cache.
   */
  readonly onRemark?: ((remark: string) => void) | undefined;
}

/** The parts of the package `webgpu` that are used; older programs may lack its types. */
interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: object;
}

/** Sources of adapters, which tests replace. */
export interface Sources {
  /** The npm package webgpu. */
  dawn(): Promise<Dawn>;
  swiftShader: typeof loadSwiftShader;
  /** The WebGPU of the runtime itself (Deno). */
  runtime(): GPU | undefined;
  /**
   * Dawn's object for each driver, kept as long as the process lives: if it were collected before
   * the last of its devices, which is possible even if both are garbage, the process would abort.
   */
  readonly instances: Map<string, GPU>;
}

const SOURCES: Sources = {
  dawn: () => import("webgpu"),
  swiftShader: loadSwiftShader,
  runtime: () => globalThis.navigator?.gpu,
  instances: new Map(),
};

const OPTIONS: Keys<OpenDeviceOptions> = {
  powerPreference: 1,
  onError: 1,
  adapter: 1,
  kernelCache: 1,
  onRemark: 1,
};

/**
 * Opens a GPU. Node exits without `close` when the work is done; `close` releases the memory
 * earlier. Throws an `AdapterError` that lists what was tried and what to install.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  checkKeys("openDevice", options, OPTIONS);
  const device = await openAdapter(options);
  const file = options.kernelCache === false ? undefined : tuningCacheFile();
  const doctor = doctorFile(file);
  if (file !== undefined && doctor !== undefined) {
    const { remark } = await loadTuning(device, fileStorage(file));
    const { known, remark: second } = await loadAvoided(device, fileStorage(doctor));
    const wrong = Object.keys(known?.avoided ?? {});
    const again = known?.scope === "full" ? "doctor --full" : "doctor";
    const third =
      `the doctor found kernels that are wrong on this adapter and are not used: ${wrong.join(", ")}. ` +
      `micrograph ${again} examines them again, and forgets those that are right now`;
    for (const one of [remark, second, wrong.length > 0 ? third : undefined]) {
      if (one !== undefined) options.onRemark?.(one);
    }
  }
  return device;
}

/** Opens the adapter that the options ask for. Throws like `openDevice`. */
export async function openAdapter(
  options: OpenDeviceOptions,
  sources: Sources = SOURCES,
): Promise<Device> {
  const choice = options.adapter ?? process.env.MICROGRAPH_ADAPTER ?? "auto";
  if (!["auto", "system", "swiftshader"].includes(choice)) {
    throw new AdapterError(
      `the adapter must be auto, system or swiftshader, got ${choice} (option or MICROGRAPH_ADAPTER)`,
    );
  }
  const tried: string[] = [];
  const dawn = await loadDawn(sources, tried);
  const device = dawn && (await openByDawn({ ...sources, dawn }, choice, options, tried));
  if (device) return device;
  const runtime = choice === "swiftshader" ? undefined : sources.runtime();
  if (runtime) {
    const what = "the WebGPU of this runtime";
    const own = await tryRequest(what, runtime, optionsOf(options), tried);
    if (own) {
      options.onRemark?.(`${what} is used, since no other opens: ${tried.join("; ")}`);
      return own;
    }
  }
  throw new AdapterError(`no WebGPU adapter. Tried: ${tried.join("; ")}. ${advice(tried)}`);
}

const optionsOf = ({ powerPreference, onError }: DeviceOptions): DeviceOptions => {
  return { powerPreference, onError };
};

async function loadDawn({ dawn }: Sources, tried: string[]): Promise<Dawn | undefined> {
  try {
    return await dawn();
  } catch (error) {
    tried.push(`npm package webgpu: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

interface DawnSources extends Omit<Sources, "dawn"> {
  readonly dawn: Dawn;
}

async function openByDawn(
  sources: DawnSources,
  choice: string,
  options: OpenDeviceOptions,
  tried: string[],
): Promise<Device | undefined> {
  const isDecided = choice === "swiftshader" || (choice === "auto" && isSwiftShaderLoaded());
  const absent = isDecided ? undefined : missingLoader();
  if (absent) tried.push(`Vulkan of the system: ${absent}`);
  else if (!isDecided) {
    const device = await tryDriver(sources, "system", options, tried);
    if (device) return device;
  }
  if (choice === "system") return undefined;
  const swiftShader = await sources.swiftShader();
  if ("reason" in swiftShader) {
    tried.push(`SwiftShader: ${swiftShader.reason}`);
    return undefined;
  }
  const device = await tryDriver(sources, "swiftshader", options, tried);
  // If the variables do not reach the driver loader, or name more drivers, another one is opened.
  const { description = "" } = device?.gpu.adapterInfo ?? {};
  if (!device || /swiftshader/i.test(description)) {
    if (device && !isDecided) options.onRemark?.(lavapipeHint());
    return device;
  }
  device.close();
  tried.push(`SwiftShader: ${description || "another driver"} was opened instead`);
  return undefined;
}

function tryDriver(
  { dawn, instances }: DawnSources,
  backend: "system" | "swiftshader",
  options: DeviceOptions,
  tried: string[],
): Promise<Device | undefined> {
  let gpu = instances.get(backend);
  if (!gpu) {
    Object.assign(globalThis, dawn.globals);
    // By default Dawn rounds timestamps to 65 us as a protection against timing attacks by pages;
    // profiles need exact ones.
    gpu = dawn.create(["disable-dawn-features=timestamp_quantization"]);
    instances.set(backend, gpu);
  }
  const opened = gpu;
  const translator = llvmpipeWarmUp(() => requestDevice(opened));
  // 0 or a huge number without a limit of a container.
  const most = process.constrainedMemory?.() || Infinity;
  const memoryOfSoftware = Math.min(totalmem(), most);
  const software = { waitForSoftware: politeWait(), translator, memoryOfSoftware };
  const what = backend === "system" ? "Vulkan, Metal or D3D12 of the system" : "SwiftShader";
  return tryRequest(what, gpu, { ...optionsOf(options), backend, ...software }, tried);
}

/** Opens the default adapter; undefined, with a note, if there is none. */
async function tryRequest(
  what: string,
  gpu: GPU,
  options: Parameters<typeof requestDevice>[1],
  tried: string[],
): Promise<Device | undefined> {
  try {
    return await requestDevice(gpu, options);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    tried.push(`${what}: ${error.message}`);
    return undefined;
  }
}

/** Returns why the system has no Vulkan; Dawn would find out too, with a warning of five lines. */
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
  if (tried.some((line) => line.includes("--allow-ffi"))) {
    return "Start Deno with --allow-ffi --allow-read --allow-env --allow-sys, or with --allow-all";
  }
  if (tried.some((line) => line.startsWith("npm package webgpu"))) {
    return "Install Dawn: npm install webgpu";
  }
  return "Install a driver for the GPU (on Debian: mesa-vulkan-drivers), or SwiftShader: npm install @sparticuz/chromium@147";
}
