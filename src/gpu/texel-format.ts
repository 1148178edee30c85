// The formats of the textures that kernels read.

/** Whether an adapter is llvmpipe with subgroups of 16 lanes, which reads floats wrongly (wide-vectors.ts). */
export function hasWideVectors(info: GPUAdapterInfo | undefined): boolean {
  return info?.subgroupMinSize === 16 && /llvmpipe/i.test(`${info.device} ${info.description}`);
}

/** The format of a texture that holds floats, or `isPacked` those of 16 bits. */
export function texelFormat(isWide: boolean, isPacked: boolean): GPUTextureFormat {
  if (isWide) return "rgba32uint";
  return isPacked ? "rgba16float" : "rgba32float";
}
