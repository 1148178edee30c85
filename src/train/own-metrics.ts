// Figures of the caller's on held-out images.

import type { BestBy, Metric, SamplePrediction, ValidationFigures } from "./training-types.js";

/** The sums of a validation. */
export interface MetricSums {
  add(held: SamplePrediction): Promise<void>;
  /** Means over the images; a metric that was NaN for an image is the mean over the others. */
  means(): Readonly<Record<string, number>>;
}

export function metricSums(metrics: Readonly<Record<string, Metric>>): MetricSums {
  const values = new Map(Object.keys(metrics).map((name) => [name, [] as number[]]));
  return {
    async add(held) {
      for (const [name, metric] of Object.entries(metrics)) {
        const value = await metric(held);
        if (typeof value !== "number") {
          throw new Error(
            `train: the metric ${name} of ${held.sample.name} is ${typeof value}, expected a number`,
          );
        }
        if (!Number.isNaN(value)) values.get(name)?.push(value);
      }
    },
    means: () =>
      Object.fromEntries(
        [...values].map(([name, all]) => [name, all.reduce((sum, v) => sum + v, 0) / all.length]),
      ),
  };
}

/** Throws if `bestBy` names no metric. */
export function checkBestBy(bestBy: BestBy, metrics: Readonly<Record<string, Metric>> = {}): void {
  const { metric, better } = bestBy;
  if (Object.hasOwn(metrics, metric) && ["low", "high"].includes(better)) return;
  const known = Object.keys(metrics).join(", ") || "none";
  throw new Error(
    `train: bestBy must be { metric, better: "low" or "high" } with a metric of the run (${known}), ` +
      `got ${JSON.stringify(bestBy)}`,
  );
}

/** Whether figures are better than the best so far; NaN is worse than any number. */
export function isBetterBy(
  { metric, better }: BestBy,
  figures: ValidationFigures,
  best: ValidationFigures | undefined,
): boolean {
  const [value, before] = [figures, best].map((one) => one?.metrics?.[metric] ?? Number.NaN);
  if (best === undefined || Number.isNaN(before)) return true;
  return better === "low" ? value < before : value > before;
}
