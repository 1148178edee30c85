// The random numbers of dropout as computed by shaders/dropout.wgsl, in 32-bit integers.

/** A bijection of 32 bits without visible structure. */
function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Returns 0 for dropped elements, else 1 / (1 - rate); `count` elements in row-major order. */
export function dropoutMask(
  count: number,
  step: number,
  { rate, seed, stream }: { rate: number; seed: number; stream: number },
): Float64Array {
  const key = mix32(mix32(mix32(seed) ^ stream) ^ step);
  // The kernel compares in 32 bits, so the rate is rounded to 32 bits.
  const least = Math.fround(rate);
  return Float64Array.from({ length: count }, (_, i) => {
    const uniform = (mix32(i ^ key) >>> 8) / 2 ** 24;
    return uniform >= least ? 1 / (1 - rate) : 0;
  });
}
