// The scale bar of an image: its length on the screen, and in words. Pure.

export interface ScaleBarLength {
  /** On the screen, in the unit of `longest`. */
  readonly length: number;
  /** "20 µm". */
  readonly text: string;
}

/** Units with the micrometres that one has, the smallest first. */
const UNITS = [
  ["nm", 1e-3],
  ["µm", 1],
  ["mm", 1e3],
  ["m", 1e6],
] as const;

/**
 * The longest bar of 1, 2 or 5 times a power of ten that is at most `longest` pixels of the screen, where one
 * such pixel shows `micrometres`.
 */
export function scaleBar(micrometres: number, longest: number): ScaleBarLength {
  const most = micrometres * longest;
  const power = 10 ** Math.floor(Math.log10(most));
  const value = power * ([5, 2].find((digit) => digit * power <= most) ?? 1);
  const [unit, size] = UNITS.findLast(([, size]) => value >= 0.999 * size) ?? UNITS[0];
  // A power of ten is not exact in binary.
  const text = `${Number((value / size).toPrecision(1))} ${unit}`;
  return { length: value / micrometres, text };
}
