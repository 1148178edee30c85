// The tiles that a network of these settings can take.

import { nearestInputs, nearestSizes } from "../../../src/index.js";
import type { Settings } from "./settings.js";

type Sizes = Pick<Settings, "depth" | "padding" | "norm">;

/** Returns the nearest sides of valid tiles below and above `size`. */
export function nearestTiles(
  size: number,
  { depth, padding, norm }: Sizes,
): { readonly below?: number; readonly above: number } {
  if (padding === "valid") return nearestInputs(size, depth);
  const period = 2 ** depth;
  // A norm of a channel needs more than one pixel at the bottom.
  return nearestSizes(size, { smallest: norm === "none" ? period : 2 * period, period });
}

/** The tile, or the next larger one that the network can take. */
export function validTile({ tile, ...sizes }: Sizes & Pick<Settings, "tile">): number {
  const { below, above } = nearestTiles(tile + 1, sizes);
  return below === tile ? tile : above;
}
