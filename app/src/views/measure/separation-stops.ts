// The positions of the slider for the separation: what is tried in training, and both ends. Pure.

import { SEPARATIONS } from "../../../../src/objects/index.js";
import type { CellSettings } from "../../state/cell-settings.js";

type Stop = NonNullable<CellSettings["separation"]>;

export const STOPS: readonly Stop[] = [0, ...SEPARATIONS, "never"];

export const separationAt = (stop: number): Stop => STOPS[stop] ?? "never";

/** The position nearest to a separation. */
export function separationStop(value: Stop): number {
  if (value === "never") return STOPS.length - 1;
  let nearest = 0;
  for (const [stop, one] of STOPS.entries()) {
    if (one === "never") continue;
    const distance = (other: Stop) => Math.abs(Number(other) - value);
    if (distance(one) < distance(STOPS[nearest])) nearest = stop;
  }
  return nearest;
}

export function separationText(value: Stop): string {
  return value === "never" ? "never" : `${Number(value.toFixed(2))} px`;
}
