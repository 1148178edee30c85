// How much of a layer one invocation computes on a GPU: as many sums as its registers hold. The
// rest would be spilled to memory: on Intel GPUs, whose invocations have 64 registers, 64 sums take
// ten times as long as 32 or 16 (bench/compilers). One algorithm with several tiles is several
// kernels.

import type { Capabilities } from "../../graph/capabilities.js";
import type { Kernel } from "../../graph/op.js";
import { hasFewRegisters, hasManyRegisters } from "./adapter.js";

/** The part of a layer that an invocation keeps in registers. */
export interface Tile {
  /** The approximate number of sums. */
  readonly sums: 128 | 64 | 32 | 16;
  /** Whether smaller subgroups are requested, whose invocations have more registers. */
  readonly narrow: boolean;
}

const tile = (sums: Tile["sums"], narrow = false): Tile => ({ sums, narrow });

/** Returns the tiles that may be fastest on an adapter, the best guess first. */
function tilesFor(capabilities: Capabilities): readonly Tile[] {
  const { gpu } = capabilities;
  if (!gpu) return [tile(64)];
  if (!hasFewRegisters(capabilities)) {
    return [tile(64), tile(32), tile(16), ...(gpu.narrow ? [tile(64, true)] : [])];
  }
  return gpu.narrow
    ? [tile(32, true), tile(16), tile(64, true), tile(32), tile(64)]
    : [tile(16), tile(32), tile(64)];
}

/**
 * Returns the position of a tile among those for an adapter, from 0; undefined if it is not among
 * them.
 */
export function tilePlace({ sums, narrow }: Tile, capabilities: Capabilities): number | undefined {
  const place = tilesFor(capabilities).findIndex(
    (other) => other.sums === sums && other.narrow === narrow,
  );
  return place < 0 ? undefined : place;
}

/**
 * The same for kernels that are not a first guess: few tiles, since the tuner needs time for each.
 */
export function fewTilesPlace(tile: Tile, capabilities: Capabilities): number | undefined {
  if (tile.sums === 128) return hasManyRegisters(capabilities) ? 1 : undefined;
  return tilePlace(tile, capabilities) === 0 ? 0 : undefined;
}

/** Whether a kernel with this tile is named without a suffix. */
export const isPlain = ({ sums, narrow }: Tile) => sums === 64 && !narrow;

const TILES = [tile(64), tile(64, true), tile(32), tile(32, true), tile(16), tile(128)];

/** Creates a kernel per tile: "workgroup", "workgroup-32", "workgroup-32-narrow". */
export function inTiles<Attributes>(
  name: string,
  kernelOf: (tile: Tile) => Omit<Kernel<Attributes>, "name">,
): Kernel<Attributes>[] {
  return TILES.map((tile) => {
    const { sums, narrow } = tile;
    const parts = [name, ...(sums === 64 ? [] : [sums]), ...(narrow ? ["narrow"] : [])];
    return { name: parts.join("-"), ...kernelOf(tile) };
  });
}

/** Returns the constant that requests smaller subgroups, if the tile wants them. */
export const subgroupConstant = (
  { narrow }: Tile,
  { gpu }: Capabilities,
): { readonly SUBGROUP?: number } => (narrow && gpu ? { SUBGROUP: gpu.narrow } : {});
