// PyTorch in a Python process: on all cores of the CPU, what people without a GPU would otherwise
// use, or on its GPU (CUDA, ROCm or Metal) in 32 bits.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import type { Engine } from "./types.js";

export type PyTorchDevice = "cpu" | "gpu";

/** "gpu" rejects where PyTorch sees none. */
export function pytorch(device: PyTorchDevice): Engine {
  return {
    name: device === "cpu" ? "pytorch" : "pytorch-gpu",
    step: async (network) => {
      const process = await startPython(network, device);
      return {
        async first() {
          const { loss } = await process.ask("first");
          const floats = process.floats();
          let begin = 0;
          const gradients = new Map(
            [...network.weights].map(([name, { data }]) => {
              begin += data.length;
              return [name, floats.subarray(begin - data.length, begin)];
            }),
          );
          return { loss, gradients };
        },
        async run() {
          await process.ask("step");
        },
        peakBytes: () => 0,
        close: process.close,
      };
    },
    predict: async (network) => {
      const process = await startPython(network, device);
      return {
        async run() {
          await process.ask("predict");
          return process.floats();
        },
        close: process.close,
      };
    },
  };
}

interface Answer {
  readonly loss: number;
  /** Why it cannot run. */
  readonly problem?: string;
}

/**
 * glibc returns large arrays to the system when they are freed. Allocating them again, page by
 * page, makes a step take up to twice and a prediction four times as long in a virtual machine, so
 * here it keeps them.
 */
const KEPT_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: "1000000000",
  MALLOC_TRIM_THRESHOLD_: "4000000000",
};

/** PYTHON sets another Python than /usr/bin/python3. Rejects if it has no PyTorch. */
async function startPython(network: Network, device: PyTorchDevice) {
  const { tile, out, depth, weights, image, label, weight } = network;
  const folder = mkdtempSync(join(tmpdir(), "micrograph-pytorch-"));
  const file = join(folder, "floats.bin");
  const arrays = [...[...weights.values()].map(({ data }) => data), image, label, weight];
  writeFileSync(
    file,
    Buffer.concat(
      arrays.map(({ buffer, byteOffset, byteLength }) => {
        return new Uint8Array(buffer, byteOffset, byteLength);
      }),
    ),
  );
  const script = fileURLToPath(new URL("../../../bench/pytorch.py", import.meta.url));
  const threads = process.env.OMP_NUM_THREADS ?? `${availableParallelism()}`;
  const child = spawn(process.env.PYTHON ?? "/usr/bin/python3", [script], {
    env: { ...process.env, ...KEPT_MEMORY, OMP_NUM_THREADS: threads },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      rmSync(folder, { recursive: true, force: true });
      reject(new Error(`Python ended with ${code}: it needs PyTorch (Debian: python3-torch)`));
    });
  });
  ended.catch(() => {}); // reported to the caller that waits
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<Answer> => {
    child.stdin.write(`${line}\n`);
    const { value } = await Promise.race([lines.next(), ended]);
    return value === undefined ? ended : JSON.parse(value);
  };
  const shapes = [...weights].map(([name, { shape }]) => [name, shape]);
  const sizes = { tile, out, depth, weights: shapes };
  child.stdin.on("error", () => {}); // of a process that has ended
  const settings = { device, rate: LEARNING_RATE, momentum: MOMENTUM };
  const { problem } = await ask(JSON.stringify({ ...sizes, file, ...settings }));
  if (problem !== undefined) throw new Error(problem);
  return {
    ask,
    floats() {
      const bytes = readFileSync(file);
      return new Float32Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
    },
    close: () => child.stdin.end(),
  };
}
