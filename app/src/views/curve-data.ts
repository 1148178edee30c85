// What the curves of a run are made of. Pure.

import type uPlot from "uplot";
import type { Training } from "../state/project-types.js";

/** Steps, loss of each batch, loss in validation. `colour` gives the value of a style's property. */
export function curveSeries(colour: (property: string) => string): uPlot.Series[] {
  return [
    { label: "step" },
    { label: "training", stroke: colour("--faint"), width: 1, points: { show: false } },
    {
      label: "validation",
      stroke: colour("--accent"),
      width: 2,
      spanGaps: true,
      // A line has no length before the second: points are seen from the first on.
      points: { show: true, size: 5, fill: colour("--accent") },
    },
  ];
}

/** Steps, losses, losses in validation: as uPlot takes them. */
export function alignedData({ losses, validations }: Training): uPlot.AlignedData {
  const held = new Map(validations.map(({ step, loss }) => [step, loss]));
  return [
    losses.map(({ step }) => step),
    smoothed(losses.map(({ loss }) => loss)),
    losses.map(({ step }) => held.get(step) ?? null),
  ];
}

/** The largest loss except of the first steps, which would press the rest to the floor. */
export function ceilingOf([steps, training, held]: uPlot.AlignedData): number {
  const skipped = Math.min(20, Math.floor(steps.length / 5));
  const values = [...training.slice(skipped), ...held];
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  return 1.1 * (most || 1);
}

/** Single tiles differ much: the mean over the last ones shows where the loss goes. */
function smoothed(values: readonly number[]): number[] {
  let mean = values[0];
  return values.map((value) => {
    mean += 0.15 * (value - mean);
    return mean;
  });
}
