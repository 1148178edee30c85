// Random numbers that depend only on (seed, stream numbers, counter), so that tile k of a run is
// the same whether or not the run was interrupted before it. Only 32-bit integer arithmetic and
// IEEE additions, products and square roots are used: every engine gives the same bits.

/** The finaliser of MurmurHash3 with the constants of "lowbias32" (Wellons 2018). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
}

/**
 * Returns a stream of uniform numbers in [0, 1), multiples of 2^-32, determined only by the seed
 * and the stream numbers (integers below 2^53). Streams with different numbers are independent.
 */
export function random(seed: number, ...stream: readonly number[]): () => number {
  let low = 0x9e3779b9 | 0;
  let high = 0x243f6a88 | 0;
  for (const number of [seed, ...stream]) {
    if (!Number.isSafeInteger(number)) {
      throw new RangeError(`random: got ${number} as a seed or stream number, expected an integer`);
    }
    const top = Math.floor(number / 2 ** 32);
    low = mix(low ^ mix(number | 0) ^ mix(top ^ 0x5bd1e995));
    high = mix(Math.imul(high, 0x01000193) ^ low ^ (number | 0));
  }
  let counter = 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    return (mix(mix(counter ^ low) + high) >>> 0) / 2 ** 32;
  };
}

/** Returns a whole number in 0 .. count - 1, each equally likely. */
export function randomInteger(next: () => number, count: number): number {
  return Math.floor(next() * count);
}

/** Returns a normal number of mean 0 and standard deviation 1 (Marsaglia's polar method). */
export function gaussian(next: () => number): number {
  for (;;) {
    const u = 2 * next() - 1;
    const v = 2 * next() - 1;
    const square = u * u + v * v;
    if (square > 0 && square < 1) return u * Math.sqrt((-2 * naturalLogarithm(square)) / square);
  }
}

/** Returns ln of a number in (0, 1]: `Math.log` may differ by a bit between engines. */
function naturalLogarithm(value: number): number {
  let halvings = 0;
  let mantissa = value;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    halvings++;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)); |s| < 0.172, so that s^21 is below 2^-53.
  const s = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let power = 19; power >= 1; power -= 2) sum = sum * s * s + 1 / power;
  return 2 * s * sum - halvings * Math.LN2;
}

/** Returns the numbers 0 .. count - 1 in random order (Fisher and Yates). */
export function permutation(next: () => number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = randomInteger(next, last + 1);
    const kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
  return order;
}
