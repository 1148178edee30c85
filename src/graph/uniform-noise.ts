// Seeded random numbers for checking kernels.

/** Returns uniform numbers in [-1, 1), the same for the same seed. */
export function noise(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed >>> 0 || 1;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = ((state >>> 0) / 2 ** 32) * 2 - 1;
  }
  return values;
}
