// The formats of textures that kernels read.

/**
 * Whether an adapter is llvmpipe with subgroups of 16 lanes, which reads float textures wrongly
 * (wide-vectors.ts).
 */
export function hasWideVectors(info: GPUAdapterInfo | undefined): boolean {
  return info?.subgroupMinSize === 16 && /llvmpipe/i.test(`${info.device} ${info.description}`);
}

/** Returns the format of a texture of floats, of 16 bits if `isPacked`. */
export function texelFormat(isWide: boolean, isPacked: boolean): GPUTextureFormat {
  if (isWide) return "rgba32uint";
  return isPacked ? "rgba16float" : "rgba32float";
}
