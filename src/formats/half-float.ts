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

/** The bits of IEEE 754 binary16 that are nearest to a value; of two as near, the even ones. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65,520 is halfway between the largest number and infinity.
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = roundEven(size / 2 ** (exponent - 10));
  // A fraction that is rounded up to 2,048 carries into the exponent.
  return sign | (steps < 1024 ? steps : ((exponent + 14) << 10) + steps);
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
