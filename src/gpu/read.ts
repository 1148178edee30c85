// From the GPU to the caller.

import type { Device } from "./device.js";
import { GpuError, oneLine } from "./errors.js";

/** Copies a range of a buffer to the caller once the work submitted so far is done. */
export async function readBuffer(
  device: Device,
  buffer: GPUBuffer,
  offset: number,
  size: number,
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
      device.checkOpen(); // says it better where the device is closed or lost
      throw (
        (await refused) ??
        new GpuError(`${label} was cut off: ${oneLine((error as Error).message)}`)
      );
    }
    device.checkOpen();
    const error = await refused;
    if (error) throw error;
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
