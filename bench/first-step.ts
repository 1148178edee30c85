// The process for start.ts: one engine's first training step. The packages are loaded before the
// clock starts.

import { openDevice } from "../src/node/open-device.js";
import { jax } from "./engines/jax.js";
import { micrograph } from "./engines/micrograph.js";
import { tfjs } from "./engines/tfjs.js";
import type { Engine } from "./engines/types.js";
import { watchGpuBytes } from "./gpu-bytes.js";
import { createNetwork } from "./network.js";

const [name, width, tile] = process.argv.slice(2);
const network = createNetwork(Number(width), Number(tile));
const start = performance.now();
const device = await openDevice({ kernelCache: false });
const engines: Record<string, () => Promise<Engine> | Engine> = {
  micrograph: () => micrograph(device, watchGpuBytes(device.gpu)),
  tfjs,
  "jax-js": jax,
};
const engine = await engines[name]();
const runner = await engine.step?.(network);
await runner?.run();
process.stdout.write(`${JSON.stringify({ firstStepMs: performance.now() - start })}\n`);
process.exit(0);
