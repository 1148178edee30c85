// What all benchmarks share: the adapter, the engines on it, P, rows and remarks.

import type { Device } from "../src/gpu/device.js";
import { measurePeak } from "../src/gpu/peak.js";
import { openDevice } from "../src/node/device.js";
import { jax } from "./engines/jax.js";
import { micrograph } from "./engines/micrograph.js";
import { onnx } from "./engines/onnx.js";
import { tfjs } from "./engines/tfjs.js";
import type { Engine } from "./engines/types.js";
import type { Row } from "./report.js";

export const ENGINES = ["micrograph", "tfjs", "jax-js", "onnxruntime"] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Session {
  readonly device: Device;
  readonly engines: readonly Engine[];
  readonly rows: Row[];
  readonly remarks: string[];
  /** The largest P seen so far. */
  peak(): number;
  /** Measures P once more: neighbours on the machine slow it as they slow the engines. */
  measurePeak(): Promise<void>;
  /** Progress for people. */
  say(line: string): void;
}

export async function openSession(names: readonly string[]): Promise<Session> {
  const device = await openDevice({ kernelCache: false });
  const remarks: string[] = [];
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const engines: Engine[] = [micrograph(device)];
  const peers: Record<string, () => Promise<Engine>> = {
    tfjs: () => tfjs(device),
    "jax-js": () => jax(device),
    onnxruntime: () => onnx(),
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
    engines: engines.filter(({ name }) => names.includes(name)),
    rows: [],
    remarks,
    peak: () => peak,
    async measurePeak() {
      peak = Math.max(peak, await measurePeak(device));
    },
    say,
  };
}

export const lineOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0];
