/**
 * The weight [side,side] of an up-convolution that interpolates bilinearly, with stride side / 2:
 * what an FCN's up-convolutions start as (Long, Shelhamer, Darrell 2015, section 3.3).
 */
export function bilinearKernel(side: number): Float32Array {
  const factor = Math.ceil(side / 2);
  const centre = (side - 1) / 2;
  // An odd side has its peak at a pixel, an even one between two.
  const at = (i: number) => 1 - Math.abs(i - centre) / factor;
  return Float32Array.from(
    { length: side * side },
    (_, i) => at(Math.floor(i / side)) * at(i % side),
  );
}
