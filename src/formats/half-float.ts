// Floats of 16 bits, as 32-bit ones hold them.

/** The value of IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
export function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The value of bfloat16: the upper half of 32 bits. */
export function brainFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}
