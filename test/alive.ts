import type { Device } from "../src/gpu/device.js";

/** The device, and the buffers and textures made on it that are not destroyed. */
export function countingDevice(device: Device) {
  const alive = new Set<GPUBuffer | GPUTexture>();
  const watched = <Made extends GPUBuffer | GPUTexture>(made: Made): Made => {
    alive.add(made);
    const destroy: () => undefined = made.destroy.bind(made);
    made.destroy = () => {
      alive.delete(made);
      return destroy();
    };
    return made;
  };
  const gpu = new Proxy(device.gpu, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call = value.bind(target);
      if (name !== "createBuffer" && name !== "createTexture") return call;
      return (descriptor: never) => watched(call(descriptor));
    },
  });
  const counted: Device = { ...device, gpu };
  return { device: counted, alive };
}

/** Returns the bytes of the buffers and textures, except buffers for reading on the CPU. */
export function bytesOf(alive: Iterable<GPUBuffer | GPUTexture>): number {
  let bytes = 0;
  for (const one of alive) {
    if ("size" in one) bytes += one.usage & GPUBufferUsage.MAP_READ ? 0 : one.size;
    else bytes += one.width * one.height * (one.format === "rgba16float" ? 8 : 16);
  }
  return bytes;
}
