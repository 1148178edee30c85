// A state created by a caller: a buffer that outlives plans.

import type { Device } from "../src/gpu/device.js";

/** A buffer with these floats, its size a multiple of 16 bytes, the rest 0. */
export function stateBuffer(
  { gpu }: Pick<Device, "gpu">,
  label: string,
  values: ArrayLike<number>,
): GPUBuffer {
  const size = Math.ceil(values.length / 4) * 16;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = gpu.createBuffer({ label, size, usage });
  gpu.queue.writeBuffer(buffer, 0, Float32Array.from(values));
  return buffer;
}
