// From the GPU to the caller.

import { type Device, GpuError, oneLine } from "./device.js";

/** Copies a range of a buffer to the caller once the work submitted so far is done. */
export async function readBuffer(
  device: Device,
  buffer: GPUBuffer,
  offset: number,
  size: number,
): Promise<Float32Array<ArrayBuffer>> {
  device.check();
  const { gpu } = device;
  const staging = gpu.createBuffer({
    label: `read of ${buffer.label}`,
    size,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  try {
    const encoder = gpu.createCommandEncoder({ label: staging.label });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    try {
      await device.wait(staging.mapAsync(GPUMapMode.READ));
    } catch (error) {
      device.check(); // says it better where the device is closed or lost
      throw new GpuError(`${staging.label} was cut off: ${oneLine((error as Error).message)}`);
    }
    device.check();
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
