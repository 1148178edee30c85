// The capabilities that the engine derives for an adapter of a family, which decide the kernels
// that it chooses. Families of AMD and Intel are queried as Dawn reports them; NVIDIA adapters are
// described here.

import { capabilitiesOf, WANTED_FEATURES } from "../../src/gpu/adapter-capabilities.js";
import type { Device } from "../../src/gpu/device.js";
import { requestDevice } from "../../src/gpu/request-device.js";
import type { Capabilities } from "../../src/graph/capabilities.js";
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

/** Dawn's names for NVIDIA's architectures; it has none for Hopper (sm_90). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  sm_75: "turing",
  sm_80: "ampere",
  sm_86: "ampere",
  sm_87: "ampere",
  sm_89: "lovelace",
};

/** Capabilities of an NVIDIA adapter as Dawn would report it, as if it had none of `without`. */
export function nvidiaCapabilities({ chip }: Family, without: readonly string[]): Capabilities {
  const info = {
    vendor: "nvidia",
    architecture: ARCHITECTURES[chip] ?? "",
    device: chip,
    description: "",
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
  };
  const features = new Set<string>(WANTED_FEATURES.filter((name) => !without.includes(name)));
  const limits = { maxTextureDimension2D: 16384, maxComputeInvocationsPerWorkgroup: 1024 };
  return capabilitiesOf(info, features, limits);
}
