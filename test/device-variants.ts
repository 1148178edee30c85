// A device itself, and variants of it with other kernels, which must give the same answers.

import { type AdapterInfo, capabilitiesOf } from "../src/gpu/adapter-capabilities.js";
import type { Device } from "../src/gpu/device.js";

/** Information of an adapter with subgroups of `least` to `most` lanes. */
export const adapterInfo = (
  vendor: string,
  architecture: string,
  least: number,
  most: number,
): AdapterInfo => ({
  vendor,
  architecture,
  device: "",
  description: "",
  subgroupMinSize: least,
  subgroupMaxSize: most,
});

/** Information of GPUs as given by Dawn, with Mesa's drivers if available. */
export const GPUS = {
  "a GPU that hides its name": adapterInfo("", "", 0, 0),
  "an Intel GPU": adapterInfo("intel", "gen-12hp", 8, 32),
  "an Intel GPU of Xe2": adapterInfo("intel", "xe-2lpg", 16, 32),
  "an AMD GPU": adapterInfo("amd", "rdna-3", 32, 64),
  "an NVIDIA GPU": adapterInfo("nvidia", "ampere", 32, 32),
};

const LIMITS = { maxTextureDimension2D: 8192, maxComputeInvocationsPerWorkgroup: 256 };

/**
 * Returns the capabilities that the engine derives for a GPU, with all features except the given
 * ones.
 */
export function capabilitiesOfGpu(
  name: keyof typeof GPUS,
  without: readonly string[] = [],
): Device["capabilities"] {
  const features = ["subgroups", "subgroup-size-control"].filter((one) => !without.includes(one));
  return capabilitiesOf(GPUS[name], new Set(features), LIMITS);
}

/**
 * The device itself, and as if it had other lanes, no subgroups, no textures or were a GPU: other
 * kernels, same answers. A subgroup size that the device cannot have is left out of a shader.
 */
export function variantsOf(device: Device): Map<string, Device> {
  const { kind, workgroupSize, subgroups } = device.capabilities;
  const shares = subgroups && (workgroupSize === 8 || workgroupSize === 16);
  const as = (change: Partial<Device["capabilities"]>) => ({
    ...device,
    capabilities: { ...device.capabilities, ...change },
  });
  return new Map([
    [`${kind}, ${workgroupSize} lanes`, device],
    ["as a GPU that hides its name", as(capabilitiesOfGpu("a GPU that hides its name"))],
    ["as an Intel GPU", as(capabilitiesOfGpu("an Intel GPU"))],
    ["as an Intel GPU of old", as(capabilitiesOfGpu("an Intel GPU", ["subgroup-size-control"]))],
    ["as an AMD GPU", as(capabilitiesOfGpu("an AMD GPU"))],
    [
      "as a CPU of 8 lanes without subgroups",
      as({ kind: "cpu", workgroupSize: 8, subgroups: false }),
    ],
    ...(shares ? ([["without textures", as({ textureSide: 0 })]] as const) : []),
  ]);
}
