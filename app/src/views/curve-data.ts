// The data of a run's curves. Pure.

import type uPlot from "uplot";
import type { Training } from "../state/project-types.js";

/** The series: loss of each batch, validation loss. `colour` gives the value of a CSS property. */
export function curveSeries(colour: (property: string) => string): uPlot.Series[] {
  return [
    { label: "step" },
    { label: "training", stroke: colour("--faint"), width: 1, points: { show: false } },
    {
      label: "validation",
      stroke: colour("--accent"),
      width: 2,
      spanGaps: true,
      // A line needs two points: until then, only points are visible.
      points: { show: true, size: 5, fill: colour("--accent") },
    },
  ];
}

/** Steps, losses, validation losses, as uPlot takes them. */
export function alignedData({ losses, validations }: Training): uPlot.AlignedData {
  const held = new Map(validations.map(({ step, loss }) => [step, loss]));
  return [
    losses.map(({ step }) => step),
    smoothed(losses.map(({ loss }) => loss)),
    losses.map(({ step }) => held.get(step) ?? null),
  ];
}

/** The largest loss except for the first steps, which would flatten the rest. */
export function ceilingOf([steps, training, held]: uPlot.AlignedData): number {
  const skipped = Math.min(20, Math.floor(steps.length / 5));
  const values = [...training.slice(skipped), ...held];
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  return 1.1 * (most || 1);
}

/** Single tiles differ a lot: the mean over the last ones shows the trend. */
function smoothed(values: readonly number[]): number[] {
  let mean = values[0];
  return values.map((value) => {
    mean += 0.15 * (value - mean);
    return mean;
  });
}
