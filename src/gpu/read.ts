// Reads buffers of the GPU.

import type { Device } from "./device.js";
import { GpuError, oneLine } from "./errors.js";

/**
 * Reads a range of a buffer once the work submitted so far is done. `copied` returns what is kept of the mapped
 * memory, which is gone afterwards.
 */
export async function readBuffer(
  device: Device,
  buffer: GPUBuffer,
  offset: number,
  size: number,
  copied = (mapped: Float32Array): Float32Array<ArrayBuffer> => mapped.slice(),
): Promise<Float32Array<ArrayBuffer>> {
  device.checkOpen();
  const { gpu } = device;
  const label = `read of ${buffer.label}`;
  const { value, refused } = device.guard(label, () => {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = gpu.createBuffer({ label, size, usage });
    const encoder = gpu.createCommandEncoder({ label });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    return { staging, mapped: staging.mapAsync(GPUMapMode.READ) };
  });
  const { staging, mapped } = value;
  try {
    try {
      await device.wait(mapped);
    } catch (error) {
      device.checkOpen(); // a better message if the device is closed or lost
      throw (
        (await refused) ??
        new GpuError(`${label} was cut off: ${oneLine((error as Error).message)}`)
      );
    }
    device.checkOpen();
    const error = await refused;
    if (error) throw error;
    return copied(new Float32Array(staging.getMappedRange()));
  } finally {
    // Not before the mapping has ended, which a loss may have cut off: Dawn's rejection of it, which comes later, has
    // crashed the process (docs/faults.md).
    const destroy = () => staging.destroy();
    mapped.then(destroy, destroy);
  }
}
