// The tiles that a network of these settings can take.

import { nearestInputs } from "../../../src/index.js";
import type { Settings } from "./settings.js";

type Sizes = Pick<Settings, "depth" | "padding" | "norm">;

/** Returns the nearest sides of valid tiles below and above `size`. */
export function nearestTiles(
  size: number,
  { depth, padding, norm }: Sizes,
): { readonly below?: number; readonly above: number } {
  if (padding === "valid") return nearestInputs(size, depth);
  const step = 2 ** depth;
  // A norm of a channel needs more than one pixel at the bottom.
  const smallest = norm === "none" ? step : 2 * step;
  const below = (Math.ceil(size / step) - 1) * step;
  const above = Math.max(smallest, (Math.floor(size / step) + 1) * step);
  return below >= smallest ? { below, above } : { above };
}

/** The tile, or the next larger one that the network can take. */
export function validTile({ tile, ...sizes }: Sizes & Pick<Settings, "tile">): number {
  const { below, above } = nearestTiles(tile + 1, sizes);
  return below === tile ? tile : above;
}
