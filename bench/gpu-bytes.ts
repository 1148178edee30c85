// Counts bytes of buffers and textures on the GPU in the same way for every engine: where its
// device creates and destroys them. What an engine drops without destroying counts to the end.

export interface GpuBytes {
  /** Restarts the peak from what is alive now. */
  restart(): void;
  /** The most bytes alive at once since `restart`. */
  peak(): number;
}

/** Watches a device from now on. Call it once per device: a second call would count twice. */
export function watchGpuBytes(device: GPUDevice): GpuBytes {
  let alive = 0;
  let peak = 0;
  const watch = <R extends GPUBuffer | GPUTexture>(resource: R, bytes: number): R => {
    alive += bytes;
    peak = Math.max(peak, alive);
    let held = bytes;
    const destroy = resource.destroy.bind(resource);
    resource.destroy = () => {
      alive -= held;
      held = 0;
      return destroy() as undefined;
    };
    return resource;
  };
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => watch(createBuffer(descriptor), descriptor.size);
  const createTexture = device.createTexture.bind(device);
  device.createTexture = (descriptor) => {
    const texture = createTexture(descriptor);
    return watch(texture, textureBytes(texture));
  };
  return {
    restart() {
      peak = alive;
    },
    peak: () => peak,
  };
}

/** Of one level with 16 or 32 bits per component; other textures are not created here. */
function textureBytes({ format, width, height, depthOrArrayLayers }: GPUTexture): number {
  const [, components, bits] = /^(rgba|rg|r)(16|32)/.exec(format) ?? [];
  if (!components) throw new Error(`the bytes of a texture in the format ${format} are unknown`);
  return width * height * depthOrArrayLayers * components.length * (Number(bits) / 8);
}
