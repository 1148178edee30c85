// Memory as a GPU may hand it out: full of other numbers. Working memory that starts as NaN shows
// every kernel that reads what nobody wrote.

import type { Device } from "../gpu/device.js";

/** The same device, of which every new storage buffer starts as NaN. */
export function poisonedDevice(device: Device): Device {
  const { gpu } = device;
  const createBuffer = (descriptor: GPUBufferDescriptor): GPUBuffer => {
    if (!(descriptor.usage & GPUBufferUsage.STORAGE)) return gpu.createBuffer(descriptor);
    const buffer = gpu.createBuffer({ ...descriptor, mappedAtCreation: true });
    new Float32Array(buffer.getMappedRange()).fill(Number.NaN);
    buffer.unmap();
    return buffer;
  };
  const poisoned = new Proxy(gpu, {
    get(target, name) {
      if (name === "createBuffer") return createBuffer;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...device, gpu: poisoned };
}
