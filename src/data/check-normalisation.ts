// Checks a normalisation given by a caller or a file.

import { shown } from "../arguments/shown.js";
import type { Normalisation } from "./normalise.js";
import type { PercentileNormalisation } from "./percentile-scales.js";

/**
 * Returns the normalisation in a value. Throws, with a sentence that begins with `name`, for
 * unknown kinds and unless there is one number per channel.
 */
export function checkNormalisation(value: unknown, channels: number, name: string): Normalisation {
  const { kind, mean, deviation } = (value ?? {}) as Record<string, unknown>;
  if (kind === "image") return { kind };
  if (kind === "percentiles") return checkPercentiles(value as PercentileNormalisation, name);
  if (kind !== "statistics") {
    throw new Error(
      `${name}: the normalisation is ${shown(kind)}, expected "image", "statistics" or "percentiles"`,
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

function checkPercentiles(
  { kind, low, high, epsilon, isJoint }: PercentileNormalisation,
  name: string,
): PercentileNormalisation {
  const areNumbers = [low, high, epsilon].every(Number.isFinite);
  const isRight = areNumbers && low >= 0 && high > low && high <= 100 && epsilon > 0;
  if (isRight && typeof isJoint === "boolean") return { kind, low, high, epsilon, isJoint };
  throw new Error(
    `${name}: the percentiles of the normalisation are ${shown(low)} and ${shown(high)}, expected two from 0 to 100, ` +
      "an epsilon above 0, and whether channels share them",
  );
}
