// How much of a layer one invocation of a GPU computes: as many sums as its registers hold. What does
// not fit is spilled to memory: on Intel's GPUs, whose invocations have 64 registers, 64 sums take ten
// times as long as 32 or 16 (bench/compilers). One kernel in several tiles is several kernels.

import type { Capabilities } from "../../graph/capabilities.js";
import type { Kernel } from "../../graph/op.js";
import { hasFewRegisters, hasManyRegisters } from "./adapter.js";

/** The part of a layer that an invocation keeps in registers. */
export interface Tile {
  /** About how many sums. */
  readonly sums: 128 | 64 | 32 | 16;
  /** Whether smaller subgroups are asked for, whose invocations have more registers. */
  readonly narrow: boolean;
}

const tile = (sums: Tile["sums"], narrow = false): Tile => ({ sums, narrow });

/** The tiles that may be best on an adapter, the best guess first. */
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

/** The place of a tile among those for an adapter, from 0; undefined where it is not one of them. */
export function tilePlace({ sums, narrow }: Tile, capabilities: Capabilities): number | undefined {
  const place = tilesFor(capabilities).findIndex(
    (other) => other.sums === sums && other.narrow === narrow,
  );
  return place < 0 ? undefined : place;
}

/** The same for a kernel that is no first guess: few tiles, since each costs the tuner time. */
export function fewTilesPlace(tile: Tile, capabilities: Capabilities): number | undefined {
  if (tile.sums === 128) return hasManyRegisters(capabilities) ? 1 : undefined;
  return tilePlace(tile, capabilities) === 0 ? 0 : undefined;
}

/** Whether a kernel with this tile has the plain name. */
export const isPlain = ({ sums, narrow }: Tile) => sums === 64 && !narrow;

const TILES = [tile(64), tile(64, true), tile(32), tile(32, true), tile(16), tile(128)];

/** A kernel in each tile: "workgroup", "workgroup-32", "workgroup-32-narrow". */
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

/** The constant by which a shader asks for smaller subgroups, where the tile wants them. */
export const subgroupConstant = (
  { narrow }: Tile,
  { gpu }: Capabilities,
): { readonly SUBGROUP?: number } => (narrow && gpu ? { SUBGROUP: gpu.narrow } : {});
