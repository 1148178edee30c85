// How a training step of Micrograph scales: with the tile at one width, with the width at one tile.

import { micrograph } from "./engines/micrograph.js";
import { timeInTurn } from "./measure.js";
import { createNetwork, type Network } from "./network.js";
import { type Row, rowOf } from "./report.js";
import { lineOf, type Session, simplestKernels } from "./session.js";
import { differenceOf, multiplyAddsOfStep, type Size, TOLERANCE } from "./step.js";

export const TILES = [188, 284, 380, 572, 796, 1020, 1212];
export const WIDTHS = [8, 16, 32, 64];
/** The reference for the others: GFLOP/s should fall by no more than 10 % beyond it. */
export const USUAL_TILE = 284;

/** Tile 284 is among `tiles`, as a reference for the others. */
export async function benchTiles(
  session: Session,
  width: number,
  rounds?: number,
  tiles: readonly number[] = TILES,
): Promise<void> {
  const rows: Row[] = [];
  for (const tile of tiles)
    rows.push(...(await benchSize(session, "growth", { width, tile }, rounds)));
  const usual = rows.find(({ tile }) => tile === USUAL_TILE);
  session.rows.push(
    ...rows.map((row) => (usual ? { ...row, gflopsOfTile284: row.gflops / usual.gflops } : row)),
  );
}

export async function benchWidths(session: Session, rounds?: number): Promise<void> {
  for (const width of WIDTHS) {
    const size = { width, tile: USUAL_TILE };
    session.rows.push(...(await benchSize(session, "widths", size, rounds)));
  }
}

/** Adds one row, or only a remark if the results differ or the adapter cannot hold the plan. */
async function benchSize(
  session: Session,
  work: string,
  size: Size,
  rounds = 2,
): Promise<readonly Row[]> {
  const { device, bytes, say } = session;
  const network = createNetwork(size.width, size.tile);
  const where = `${work}, width ${size.width}, tile ${size.tile}`;
  try {
    say(`${where}: the simplest kernels compute`);
    const expected = await firstStep(session, network);
    say(`${where}: micrograph computes`);
    const runner = await micrograph(device, bytes).step?.(network);
    if (!runner) return [];
    try {
      const { most, where: place } = differenceOf(await runner.first(), expected);
      if (most > TOLERANCE) throw new Error(`${place} differs by ${most} from that of "buffer"`);
      const [times] = await timeInTurn([runner], rounds, session.measurePeak);
      const { planBytes, liveBytes } = runner;
      const more = { planBytes, liveBytes, peakBytes: runner.peakBytes(), difference: most };
      const row = rowOf(work, "micrograph", size, times, multiplyAddsOfStep(network), more);
      return [{ ...row, shareOfPeak: row.gflops / session.peak() }];
    } finally {
      runner.close();
    }
  } catch (error) {
    session.remarks.push(`${where}: ${lineOf(error)}`);
    return [];
  }
}

/** Loss and gradients by the kernels named "buffer", to which the tuner holds the others too. */
async function firstStep({ device, bytes }: Session, network: Network) {
  const runner = await micrograph(simplestKernels(device), bytes).step?.(network);
  if (!runner) throw new Error("micrograph has no step");
  try {
    return await runner.first();
  } finally {
    runner.close();
  }
}
