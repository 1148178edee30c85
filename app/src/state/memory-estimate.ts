// What to propose if memory or time is short.

import type { Settings } from "./settings.js";
import { nearestTiles } from "./tiles.js";
import type { Remedy } from "./types.js";

/** Smaller tiles show a network too little context, in pixels. */
const SMALLEST_TILE = 60;

/** A valid tile of at most `share` of the side; if that is too small, half the channels. */
export function smallerTile(
  { tile, base, ...sizes }: Pick<Settings, "tile" | "depth" | "base" | "padding" | "norm">,
  share = 0.75,
): Remedy | undefined {
  const { below } = nearestTiles(Math.floor(share * tile) + 1, sizes);
  if (below !== undefined && below >= SMALLEST_TILE && below < tile) {
    return { label: `Use a smaller tile (${below} px)`, changes: { tile: below } };
  }
  return narrower({ base });
}

/** A network with half the channels: a quarter of the work. */
export function narrower({ base }: Pick<Settings, "base">): Remedy | undefined {
  if (base < 2) return undefined;
  const half = Math.floor(base / 2);
  return { label: "Use a smaller network (about 4× faster)", changes: { base: half } };
}
