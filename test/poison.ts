// Memory as a GPU may hand it out: full of other numbers. Working memory that starts as NaN shows
// every kernel that reads what nobody wrote.

import type { Device } from "../src/gpu/device.js";

/** Runs `work`; every storage buffer that it creates on the device starts as NaN. */
export async function poisoned<T>({ gpu }: Device, work: () => Promise<T>): Promise<T> {
  const patched = gpu as { createBuffer?: GPUDevice["createBuffer"] };
  const create = gpu.createBuffer.bind(gpu);
  patched.createBuffer = (descriptor) => {
    if (!(descriptor.usage & GPUBufferUsage.STORAGE)) return create(descriptor);
    const buffer = create({ ...descriptor, mappedAtCreation: true });
    new Float32Array(buffer.getMappedRange()).fill(Number.NaN);
    buffer.unmap();
    return buffer;
  };
  try {
    return await work();
  } finally {
    delete patched.createBuffer; // the method of the prototype shows again
  }
}
