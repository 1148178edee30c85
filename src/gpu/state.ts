// Buffers that outlive a plan: parameters, gradients, optimizer moments.

import type { Device } from "./device.js";
import { GpuError, MemoryError } from "./errors.js";
import { createFaults } from "./guard.js";
import { bindingLimit } from "./memory-plan.js";
import { readBuffer } from "./read.js";

/** Floats that stay on the GPU between runs: parameters, moments. */
export interface State {
  /** Its buffer on the GPU. */
  readonly buffer: GPUBuffer;
  /** Number of floats. */
  readonly floats: number;
  /** Replaces all values. Throws if their number differs. */
  write(values: Float32Array<ArrayBuffer>): void;
  /** Reads the values once the work submitted so far is done. */
  read(): Promise<Float32Array<ArrayBuffer>>;
  /** Releases the buffer; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Returns the bytes of the buffer of a state. */
export function stateBytes(floats: number): number {
  return Math.ceil(floats / 4) * 16;
}

/** Returns the bytes of the buffer of a state. Throws if an adapter with these limits cannot bind as many. */
export function checkStateSize(limits: GPUSupportedLimits, name: string, floats: number): number {
  const size = stateBytes(floats);
  const limit = bindingLimit(limits);
  if (size <= limit) return size;
  throw new MemoryError(
    `the ${name} need ${size} bytes, but this adapter binds at most ${limit}: use a smaller base width or depth`,
    { isForeseen: true },
  );
}

/**
 * Creates a buffer of `floats` zeros. Throws if the adapter cannot bind that much. If the GPU is
 * out of memory, the first call on the state throws.
 */
export function createState(device: Device, name: string, floats: number): State {
  device.checkOpen();
  if (!Number.isSafeInteger(floats) || floats < 1) {
    throw new Error(
      `the ${name}: a state must hold a whole number of floats from 1, got ${floats}`,
    );
  }
  const { gpu } = device;
  const size = checkStateSize(gpu.limits, name, floats);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  // Plans that use the state throw this, too: it does not hold what it should.
  const faults = createFaults(device, `the ${name}`, (error) => device.spoilt.set(buffer, error));
  const buffer: GPUBuffer = faults.guard(() => gpu.createBuffer({ label: name, size, usage }));
  let closed = false;
  const checkOpen = () => {
    if (closed) throw new GpuError(`the ${name} are closed`);
    faults.check();
  };
  const close = () => {
    closed = true;
    device.holds.delete(state);
    buffer.destroy();
  };
  const state: State = {
    buffer,
    floats,
    write(values) {
      checkOpen();
      if (values.length !== floats) {
        throw new Error(`${name} hold ${floats} floats, got ${values.length}`);
      }
      device.spoilt.delete(buffer);
      faults.guard(() => gpu.queue.writeBuffer(buffer, 0, values));
    },
    async read() {
      checkOpen();
      const values = await readBuffer(device, buffer, 0, size);
      faults.check();
      const error = device.spoilt.get(buffer);
      if (error) throw error;
      return values.subarray(0, floats);
    },
    close,
    [Symbol.dispose]: close,
  };
  device.holds.add(state);
  return state;
}
