import type { Shape } from "../graph/tensor.js";

/**
 * Returns the weight [side,side] of an up-convolution with stride side / 2 that interpolates
 * bilinearly, the initial value of an FCN's up-convolutions (Long, Shelhamer, Darrell 2015, section
 * 3.3).
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

/** Returns a weight [I,O,K,K] that interpolates channel c of the input into channel c only. */
export function interpolation(_random: () => number, [ins, outs, side]: Shape): Float32Array {
  const weight = new Float32Array(ins * outs * side * side);
  const kernel = bilinearKernel(side);
  for (let c = 0; c < Math.min(ins, outs); c++) weight.set(kernel, (c * outs + c) * side * side);
  return weight;
}
