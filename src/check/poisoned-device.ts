// Memory with arbitrary contents, as a GPU may provide it. Working memory that starts as NaN
// exposes every kernel that reads what nothing wrote.

import type { Device } from "../gpu/device.js";

/** Returns the same device, except that every new storage buffer starts as NaN. */
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
