// Run by device.test.ts in a separate process, with access to the garbage collector: the engine's
// object of a GPU becomes garbage while its `GPUDevice` is still in use, then both do.

import { openDevice } from "../../src/node/open-device.js";

const { gc } = globalThis as { gc?: () => void };

/** Lets the finalizers of collected objects run. */
async function collect(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function open(): Promise<GPUDevice> {
  return (await openDevice()).gpu;
}

for (let round = 0; round < 10; round++) {
  const gpu = await open();
  await collect();
  const { COPY_DST } = GPUBufferUsage;
  gpu.queue.writeBuffer(gpu.createBuffer({ size: 16, usage: COPY_DST }), 0, new Float32Array(4));
  await gpu.queue.onSubmittedWorkDone();
  gpu.destroy();
  await collect();
}
console.log(gc ? "collected" : "start node with --expose-gc");
