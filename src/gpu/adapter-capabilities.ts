// Derives what an adapter can do from the information it gives: everything that kernels are chosen
// by.

import type { Capabilities, GpuTraits } from "../graph/capabilities.js";

/** The fields of GPUAdapterInfo that are used. A browser may leave every string empty. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** 0 or absent if the browser does not report it. */
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  /** True for software adapters, also in browsers that hide names. */
  readonly isFallbackAdapter?: boolean;
}

/** Features that the engine requests if an adapter has them. */
export const WANTED_FEATURES: readonly GPUFeatureName[] = [
  "subgroups",
  // not yet in TypeScript's types
  "subgroup-size-control" as GPUFeatureName,
  "timestamp-query",
  "shader-f16",
];

/** Returns the capabilities of a device with these features and limits on the adapter `info`. */
export function capabilitiesOf(
  info: AdapterInfo,
  features: ReadonlySet<string>,
  limits: Pick<GPUSupportedLimits, "maxTextureDimension2D" | "maxComputeInvocationsPerWorkgroup">,
): Capabilities {
  const isNamedSo = /llvmpipe|swiftshader|warp|basic render/i.test(
    `${info.architecture} ${info.device} ${info.description}`,
  );
  const software = isNamedSo || info.isFallbackAdapter === true;
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = info;
  // wgpu reports 4 to 128 if it does not know. The only software adapter it runs on is llvmpipe,
  // with 8 lanes.
  const isGuess = subgroupMinSize === 4 && subgroupMaxSize === 128;
  const [least, most] = isGuess ? [0, 0] : [subgroupMinSize, subgroupMaxSize];
  const canAsk = features.has("subgroup-size-control");
  const invocations = limits.maxComputeInvocationsPerWorkgroup;
  return {
    kind: software ? "cpu" : "gpu",
    workgroupSize: software ? least || (isGuess ? 8 : 4) : 64,
    subgroups: features.has("subgroups") && least > 0 && least === most,
    textureSide: limits.maxTextureDimension2D,
    f16: features.has("shader-f16"),
    gpu: software ? undefined : { ...traitsOf(info.vendor, least, most, canAsk), invocations },
  };
}

/** Vendors by the names that Dawn gives them, and by their PCI ids, which wgpu gives in decimal. */
const VENDORS: readonly (readonly [RegExp, keyof typeof TRAITS])[] = [
  [/^(intel|0x8086|32902)$/i, "intel"],
  [/^(amd|samsung|0x1002|4098|0x144d|5197)$/i, "amd"],
  [/^(nvidia|0x10de|4318)$/i, "nvidia"],
  [/^(arm|0x13b5|5045)$/i, "arm"],
];

/**
 * By vendor: lanes of the subgroups that drivers choose by default, and the 32-bit registers of a
 * lane in such a subgroup.
 */
const TRAITS = {
  // 128 registers as wide as 8 lanes (16 from Xe2 on: the smallest subgroup), shared by the lanes
  // of a subgroup twice as wide. Compiled by Mesa's ANV with Dawn (bench/compilers).
  intel: (least: number) => ({ lanes: 2 * (least || 8), registers: 64 }),
  // compiled by Mesa's RADV with Dawn, which requests the widest
  amd: (_least: number, most: number) => ({ lanes: most || 64, registers: 256 }),
  // compiled by NVRTC
  nvidia: (least: number) => ({ lanes: least || 32, registers: 255 }),
  // Bifrost and Valhall: 64 working registers according to Arm's OpenCL developer guide; not
  // compiled here
  arm: (least: number) => ({ lanes: least || 16, registers: 64 }),
} as const;

/** Registers of a lane if the vendor is unknown. */
const MANY_REGISTERS = 128;

/** `least` and `most`: lanes of the adapter's subgroups, 0 if unknown. */
function traitsOf(
  vendor: string,
  least: number,
  most: number,
  canAsk: boolean,
): Omit<GpuTraits, "invocations"> {
  const known = VENDORS.find(([pattern]) => pattern.test(vendor))?.[1];
  const fallback = { lanes: 32, registers: MANY_REGISTERS };
  const { lanes, registers } = known ? TRAITS[known](least, most) : fallback;
  return { lanes, registers, narrow: canAsk && least < lanes ? least : 0 };
}
