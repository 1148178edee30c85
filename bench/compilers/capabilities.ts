// What the engine takes an adapter of a family for, which decides the kernels that it chooses. Families
// of AMD and Intel are asked as Dawn reports them; an NVIDIA adapter is described here.

import type { Device } from "../../src/gpu/device.js";
import { requestDevice } from "../../src/gpu/device.js";
import type { Capabilities } from "../../src/graph/tensor.js";
import type { Family } from "./families.js";

/** Opens the adapter of `gpu` as the engine does, as if it had none of the features `without`. */
export function openWithout(gpu: GPU, without: readonly string[]): Promise<Device> {
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    return adapter && withholding(adapter, without);
  };
  const shown = { requestAdapter } as unknown as GPU;
  return requestDevice(shown, { backend: "compiler" });
}

function withholding(adapter: GPUAdapter, without: readonly string[]): GPUAdapter {
  const features = new Set([...adapter.features].filter((name) => !without.includes(name)));
  return new Proxy(adapter, {
    get(real, name) {
      if (name === "features") return features;
      const value = real[name as keyof GPUAdapter];
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
}

/** Capabilities of an NVIDIA adapter as Dawn would report it. */
export function nvidiaCapabilities(_family: Family, _without: readonly string[]): Capabilities {
  return { kind: "gpu", lanes: 64, subgroups: false, textureSide: 8192 };
}
