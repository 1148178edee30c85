// What to propose if memory or time is short, or a run diverged.

import type { MemoryProposal } from "../../../src/index.js";
import type { Settings } from "./settings.js";
import { nearestTiles } from "./tiles.js";
import type { Remedy } from "./types.js";

/** Smaller tiles show a network too little context, in pixels. */
const SMALLEST_TILE = 60;

/** The share of the side of a tile that needed too much. */
const SHARE = 0.75;

/** A valid tile of at most three quarters of the side; if that is too small, half the channels. */
export function smallerTile({
  tile,
  base,
  ...sizes
}: Pick<Settings, "tile" | "depth" | "base" | "padding" | "norm">): Remedy | undefined {
  const { below } = nearestTiles(Math.floor(SHARE * tile) + 1, sizes);
  if (below !== undefined && below >= SMALLEST_TILE && below < tile) {
    return tileRemedy(below);
  }
  return narrower({ base });
}

/** The nearest configuration that fits, among those that the form has settings for. */
export function remedyOf(proposals: readonly MemoryProposal[]): Remedy | undefined {
  for (const { tile, base } of proposals.map(({ changes }) => changes)) {
    if (typeof tile === "number") return tileRemedy(tile);
    if (typeof base === "number") {
      return { label: `Use a smaller network (width ${base})`, changes: { base } };
    }
  }
  return undefined;
}

const tileRemedy = (tile: number): Remedy => ({
  label: `Use a smaller tile (${tile} px)`,
  changes: { tile },
});

/** A network with half the channels: a quarter of the work. */
export function narrower({ base }: Pick<Settings, "base">): Remedy | undefined {
  if (base < 2) return undefined;
  const half = Math.floor(base / 2);
  return { label: "Use a smaller network (about 4× faster)", changes: { base: half } };
}

/** A tenth of the learning rate, for a run that diverged. */
export function slower({ learningRate: before }: Pick<Settings, "learningRate">): Remedy {
  const learningRate = Number((before / 10).toPrecision(2));
  return { label: `Use a learning rate of ${learningRate}`, changes: { learningRate } };
}
