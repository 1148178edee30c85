// Checks a normalisation given by a caller or a file.

import { shown } from "../arguments/shown.js";
import type { Normalisation } from "./normalise.js";

/**
 * Returns the normalisation in a value. Throws, with a sentence that begins with `name`, for
 * unknown kinds and unless there is one number per channel.
 */
export function checkNormalisation(value: unknown, channels: number, name: string): Normalisation {
  const { kind, mean, deviation } = (value ?? {}) as Record<string, unknown>;
  if (kind === "image") return { kind };
  if (kind !== "statistics") {
    throw new Error(
      `${name}: the normalisation is ${shown(kind)}, expected "image" or "statistics"`,
    );
  }
  return {
    kind,
    mean: perChannel(mean, "mean", -Infinity),
    deviation: perChannel(deviation, "deviation", 0),
  };

  function perChannel(numbers: unknown, what: string, least: number): number[] {
    const isRight = (one: unknown) => Number.isFinite(one) && (one as number) >= least;
    if (Array.isArray(numbers) && numbers.length === channels && numbers.every(isRight)) {
      return numbers;
    }
    const from = least === 0 ? " from 0" : "";
    throw new Error(
      `${name}: the ${what} of the normalisation is ${shown(numbers)}, expected a finite number${from} ` +
        `for each channel, of which there are ${channels}`,
    );
  }
}
