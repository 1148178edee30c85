// What an adapter can do, from what it says of itself: all that the choice of a kernel knows of it.

import type { Capabilities, GpuTraits } from "../graph/capabilities.js";

/** The fields of GPUAdapterInfo that are read. A browser may leave every text empty. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** 0 or absent where a browser does not say. */
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  /** True on adapters in software, of browsers that hide names too. */
  readonly isFallbackAdapter?: boolean;
}

/** Features that the engine uses where an adapter has them. */
export const WANTED_FEATURES: readonly GPUFeatureName[] = [
  "subgroups",
  // Not among the types of TypeScript yet.
  "subgroup-size-control" as GPUFeatureName,
  "timestamp-query",
  "shader-f16",
];

/** Capabilities of a device with these features and limits on the adapter `info`. */
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
  // wgpu says 4 to 128 where it does not know. What it runs on in software is llvmpipe, with 8 lanes.
  const isGuess = subgroupMinSize === 4 && subgroupMaxSize === 128;
  const [least, most] = isGuess ? [0, 0] : [subgroupMinSize, subgroupMaxSize];
  const canAsk = features.has("subgroup-size-control");
  const invocations = limits.maxComputeInvocationsPerWorkgroup;
  return {
    kind: software ? "cpu" : "gpu",
    workgroupSize: software ? least || (isGuess ? 8 : 4) : 64,
    subgroups: features.has("subgroups") && least > 0 && least === most,
    textureSide: limits.maxTextureDimension2D,
    gpu: software ? undefined : { ...traitsOf(info.vendor, least, most, canAsk), invocations },
  };
}

/** Vendors by the name that Dawn gives them, and by their PCI ids, which wgpu gives in decimals. */
const VENDORS: readonly (readonly [RegExp, keyof typeof TRAITS])[] = [
  [/^(intel|0x8086|32902)$/i, "intel"],
  [/^(amd|samsung|0x1002|4098|0x144d|5197)$/i, "amd"],
  [/^(nvidia|0x10de|4318)$/i, "nvidia"],
  [/^(arm|0x13b5|5045)$/i, "arm"],
];

/**
 * By vendor: lanes of the subgroups that drivers take by themselves, and the 32-bit registers of a
 * lane then.
 */
const TRAITS = {
  // 128 registers as wide as 8 lanes (from Xe2 on 16: the smallest subgroup), shared by the lanes of
  // a subgroup twice as wide. Compiled by Mesa's ANV with Dawn (bench/compilers).
  intel: (least: number) => ({ lanes: 2 * (least || 8), registers: 64 }),
  // Compiled by Mesa's RADV with Dawn, which asks for the widest.
  amd: (_least: number, most: number) => ({ lanes: most || 64, registers: 256 }),
  // Compiled by NVRTC.
  nvidia: (least: number) => ({ lanes: least || 32, registers: 255 }),
  // Bifrost and Valhall: 64 working registers by Arm's OpenCL developer guide, not compiled here.
  arm: (least: number) => ({ lanes: least || 16, registers: 64 }),
} as const;

/** Registers of a lane where the vendor is not known. */
const MANY_REGISTERS = 128;

/** `least` and `most`: lanes of its subgroups, 0 where the adapter does not say. */
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
