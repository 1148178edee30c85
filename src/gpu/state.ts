// Buffers that outlive a plan: parameters, gradients, moments.

import { type Device, GpuError } from "./device.js";
import { MemoryError } from "./memory-plan.js";
import { readBuffer } from "./read.js";

export interface State {
  readonly buffer: GPUBuffer;
  readonly floats: number;
  write(values: Float32Array<ArrayBuffer>): void;
  /** The values once the work submitted so far is done. */
  read(): Promise<Float32Array<ArrayBuffer>>;
  close(): void;
}

/** Bytes of the buffer of a state. */
export function stateBytes(floats: number): number {
  return Math.ceil(floats / 4) * 16;
}

/** A buffer of `floats` zeros. Throws where the adapter cannot bind as much. */
export function createState(device: Device, name: string, floats: number): State {
  const { gpu } = device;
  const size = stateBytes(floats);
  const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  if (size > limit) {
    throw new MemoryError(
      `the ${name} need ${size} bytes, but this adapter binds at most ${limit}: use a smaller base width or depth`,
    );
  }
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = gpu.createBuffer({ label: name, size, usage });
  let closed = false;
  const checkOpen = () => {
    if (closed) throw new GpuError(`the ${name} are closed`);
  };
  return {
    buffer,
    floats,
    write(values) {
      checkOpen();
      if (values.length !== floats) {
        throw new Error(`${name} hold ${floats} floats, got ${values.length}`);
      }
      gpu.queue.writeBuffer(buffer, 0, values);
    },
    async read() {
      checkOpen();
      return (await readBuffer(device, buffer, 0, size)).subarray(0, floats);
    },
    close() {
      closed = true;
      buffer.destroy();
    },
  };
}
