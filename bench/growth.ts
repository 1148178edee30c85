// How a training step grows: with the tile at one width, with the width at one tile.

import type { Session } from "./session.js";
import { benchStep } from "./step.js";

const TILES = [188, 284, 396, 572, 812, 1212];
const WIDTHS = [8, 16, 32, 64];
/** Other engines take minutes a step beyond. */
const MOST_FOR_OTHERS = 284;

export async function benchGrowth(session: Session, width: number): Promise<void> {
  const alone = {
    ...session,
    engines: session.engines.filter(({ name }) => name === "micrograph"),
  };
  for (const tile of TILES) {
    await benchStep(tile > MOST_FOR_OTHERS ? alone : session, { width, tile }, 2);
  }
  for (const other of WIDTHS)
    if (other !== width) await benchStep(alone, { width: other, tile: 284 }, 2);
}
