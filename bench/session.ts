// Shared by all benchmarks: the adapter, the engines on it, the peak, rows and remarks.

import type { Device } from "../src/gpu/device.js";
import { measurePeak } from "../src/gpu/peak.js";
import { byteCount } from "../src/graph/layout.js";
import { input } from "../src/graph/tensor.js";
import { openDevice } from "../src/node/open-device.js";
import { jax } from "./engines/jax.js";
import { micrograph } from "./engines/micrograph.js";
import { onnx } from "./engines/onnx.js";
import { pytorch } from "./engines/pytorch.js";
import { tfjs } from "./engines/tfjs.js";
import type { Engine } from "./engines/types.js";
import { type GpuBytes, watchGpuBytes } from "./gpu-bytes.js";
import type { Row } from "./report.js";

export const ENGINES = ["micrograph", "tfjs", "jax-js", "onnxruntime"] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Session {
  readonly device: Device;
  readonly engines: readonly Engine[];
  /** Bytes alive on Micrograph's device. */
  readonly bytes: GpuBytes;
  readonly rows: Row[];
  readonly remarks: string[];
  /** The highest peak measured so far. */
  peak(): number;
  /** Measures the peak again: other work on the machine slows it as it slows the engines. */
  measurePeak(): Promise<void>;
  /** Prints progress. */
  say(line: string): void;
  /** Whether the time of the run is up: what is left is not started. */
  isLate(): boolean;
}

export interface SessionOptions {
  /** Whether Micrograph runs the kernels that `micrograph tune` chose. */
  readonly tuned?: boolean | undefined;
  /** The time of the run; unlimited by default. */
  readonly seconds?: number | undefined;
}

export async function openSession(
  names: readonly string[],
  { tuned = false, seconds = Infinity }: SessionOptions = {},
): Promise<Session> {
  const startedMs = performance.now();
  const device = await openDevice({ kernelCache: tuned });
  const remarks: string[] = [];
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const bytes = watchGpuBytes(device.gpu);
  const engines: Engine[] = [micrograph(device, bytes)];
  const peers: Record<string, () => Promise<Engine>> = {
    tfjs: () => tfjs(),
    "jax-js": () => jax(),
    onnxruntime: () => onnx(),
    pytorch: async () => pytorch("cpu"),
    "pytorch-gpu": async () => pytorch("gpu"),
  };
  for (const [name, open] of Object.entries(peers)) {
    if (!names.includes(name)) continue;
    try {
      engines.push(await open());
    } catch (error) {
      remarks.push(`${name}: ${lineOf(error)}`);
    }
  }
  let peak = await measurePeak(device);
  return {
    device,
    bytes,
    engines: engines.filter(({ name }) => names.includes(name)),
    rows: [],
    remarks,
    peak: () => peak,
    async measurePeak() {
      peak = Math.max(peak, await measurePeak(device));
    },
    say,
    isLate: () => performance.now() - startedMs > 1000 * seconds,
  };
}

export const lineOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0];

/**
 * The device with the kernel named "buffer" wherever an op offers it, as a reference for others.
 * The only exception: if it would have to join a skip to a tensor that is too large to bind, the
 * usual kernel is used.
 */
export function simplestKernels(device: Device): Device {
  const limit = device.gpu.limits.maxStorageBufferBindingSize;
  // By `layerKey`: op, attributes, shapes. A weight gradient has the skip as its third input.
  const readsSkip = /^conv2d .*"skip":true|^conv2d-weight-gradient( \S+){4}/;
  const isTooLarge = (layer: string) => {
    const [, c, h, w] = layer.split(" ")[2].split("x").map(Number);
    // The skip has as many channels.
    return readsSkip.test(layer) && byteCount(input("both", [1, 2 * c, h, w], "image")) > limit;
  };
  const choices = new (class extends Map<string, string> {
    override get = (layer: string) => (isTooLarge(layer) ? undefined : "buffer");
  })();
  return { ...device, choices };
}
