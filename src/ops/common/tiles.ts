// How much of a layer one invocation of a GPU computes: as many sums as its registers hold. What does
// not fit is spilled to memory: on Intel's GPUs, whose invocations have 64 registers, 64 sums take ten
// times as long as 32 or 16 (bench/compilers).

import type { Capabilities } from "../../graph/tensor.js";

/** The part of a layer that an invocation keeps in registers. */
export interface Tile {
  /** About how many sums. */
  readonly sums: 128 | 64 | 32 | 16;
  /** Whether smaller subgroups are asked for, whose invocations have more registers. */
  readonly narrow: boolean;
}

const tile = (sums: Tile["sums"], narrow = false): Tile => ({ sums, narrow });

/** Registers that so many sums need, with what they are made of. */
const REGISTERS_OF_64 = 128;
const REGISTERS_OF_128 = 200;

/** Whether 64 sums do not fit into the registers of an invocation. */
export const hasFewRegisters = ({ gpu }: Capabilities) =>
  gpu !== undefined && gpu.registers < REGISTERS_OF_64;

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

const nameOf = (kernel: string, { sums, narrow }: Tile) =>
  [kernel, ...(sums === 64 ? [] : [sums]), ...(narrow ? ["narrow"] : [])].join("-");

/** Names of a kernel in each of these tiles: "workgroup", "workgroup-32", "workgroup-32-narrow". */
export function tiledKernels(kernel: string, capabilities: Capabilities): string[] {
  return tilesFor(capabilities).map((one) => nameOf(kernel, one));
}

/** Those of a kernel that is no first guess: few, since each costs the tuner time. */
export function fewTiledKernels(kernel: string, capabilities: Capabilities): string[] {
  const large = (capabilities.gpu?.registers ?? 0) >= REGISTERS_OF_128 ? [tile(128)] : [];
  return [tilesFor(capabilities)[0], ...large].map((one) => nameOf(kernel, one));
}

/** Whether `name` is that of a kernel in some tile. */
export const isTiled = (name: string, kernel: string) =>
  new RegExp(`^${kernel}(-\\d+)?(-narrow)?$`).test(name);

/** The tile in the name of a kernel. */
export function tileOf(name: string): Tile {
  const sums = ([128, 32, 16] as const).find((count) => name.includes(`-${count}`)) ?? 64;
  return tile(sums, name.endsWith("-narrow"));
}

/** The constant by which a shader asks for smaller subgroups, where the tile wants them. */
export const subgroupConstant = (
  { narrow }: Tile,
  { gpu }: Capabilities,
): Readonly<Record<string, number>> => (narrow && gpu ? { SUBGROUP: gpu.narrow } : {});
