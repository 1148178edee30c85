// The work of a dispatch, for the model of estimate.ts: workgroups, iterations of the outer loop,
// and the cycles of each. It depends on the shaders' names and on how their loops are built: if a
// shader's loop changes, this must change too.

import type { PipelineDispatch, Result } from "./results.js";

/** Assumptions about a GPU; none of them is measured. */
export interface Gpu {
  readonly name: string;
  /** Multiprocessors: SMs, or WGPs of two compute units. */
  readonly units: number;
  /** Schedulers per unit. */
  readonly schedulers: number;
  /** Lanes per wave or warp. */
  readonly wave: 32 | 64;
  /** Hz. */
  readonly clock: number;
  /** fp32 multiply-adds per unit and clock. */
  readonly multiplyAdds: number;
  /** Bytes of workgroup memory per unit and clock. */
  readonly shared: number;
  /** Bytes per second of memory. */
  readonly bandwidth: number;
  /** Bytes per second of the memory or cache that holds the intermediates of Winograd's passes. */
  readonly passBandwidth: number;
  /** Clocks until a load from memory, and from a cache, arrives. */
  readonly far: number;
  readonly near: number;
  /** Seconds that a dispatch takes besides its work, in the worst case. */
  readonly launch: number;
}

export const ASSUMPTIONS = ["prefetch", "split", "single-issue"] as const;
/**
 * prefetch: loads overlap the products. split: small grids are split until each unit has 4 workgroups.
 * single-issue: no dual issue on RDNA 3.
 */
export type Assumption = (typeof ASSUMPTIONS)[number];

/** Work of a dispatch. */
export interface Work {
  readonly workgroups: number;
  /** Waves per workgroup. */
  readonly waves: number;
  /** Iterations of the outer loop. */
  readonly trips: number;
  /** Cycles of a scheduler per wave and iteration. */
  readonly issue: number;
  /** Cycles per iteration of waiting for loads. */
  readonly wait: number;
  /** Bytes of workgroup memory that a workgroup loads per iteration. */
  readonly shared: number;
}

type Trips = Pick<Work, "trips" | "issue" | "wait"> & Partial<Work>;

export function workOf(
  result: Result,
  dispatch: PipelineDispatch,
  gpu: Gpu,
  assumed: readonly Assumption[],
): Work {
  const [x, y, z] = dispatch.workgroups;
  const waves = Math.ceil(result.invocations / gpu.wave);
  const base = { workgroups: x * y * z, waves, shared: 0 };
  return { ...base, ...tripsOf(result, dispatch, gpu, assumed) };
}

/** Issue cycles of one iteration of the hot loop, without waits. */
function turnOf({ mix }: Result, gpu: Gpu, assumed: readonly Assumption[]): number {
  const hot = mix?.loops[0];
  if (!hot) return 0;
  if (gpu.wave === 32) return hot.instructions;
  const { fma = 0, valu = 0, move = 0 } = hot.counts;
  return fma * (assumed.includes("single-issue") ? 2 : 1) + 2 * (valu + move);
}

function tripsOf(
  result: Result,
  { uniforms }: PipelineDispatch,
  gpu: Gpu,
  assumed: readonly Assumption[],
): Trips {
  const turn = turnOf(result, gpu, assumed);
  const { far } = gpu;
  const isNvidia = gpu.wave === 32;
  switch (result.shader) {
    case "conv2d-workgroup":
      return convolution(result, uniforms, gpu, turn, assumed.includes("prefetch"));
    case "conv2d-weight-gradient-workgroup":
      return weightGradient(result, uniforms, gpu, turn, assumed.includes("prefetch"));
    case "up-conv2d": {
      const unrolled = isNvidia ? 2 : 1;
      return { trips: uniforms.inChannels, issue: turn / unrolled, wait: far / unrolled };
    }
    case "up-conv2d-input-gradient":
      return { trips: uniforms.outChannels, issue: turn, wait: far };
    case "up-conv2d-weight-gradient": {
      // Lanes read other channels, 256 bytes apart: 8 loads of one line each. A unit looks up one
      // line per clock, a WGP two.
      const lines = 8 * gpu.wave * (isNvidia ? 4 : 2);
      const trips = uniforms.rowsPerSplit * Math.ceil(uniforms.inWidth / 4);
      return { trips, issue: Math.max(turn, lines), wait: far };
    }
    case "conv2d-weight-gradient":
      return {
        waves: 1,
        trips: uniforms.rowsPerSplit * uniforms.outGroups,
        issue: turn,
        wait: far,
      };
    case "conv2d":
      return { trips: uniforms.inChannels, issue: turn, wait: far };
    case "conv2d-loss":
      return { trips: (8 * uniforms.channels) / 4, issue: 4 * turn, wait: far };
    case "sum-splits":
      return { trips: Math.ceil(uniforms.splits / 4), issue: turn * 4, wait: far };
    default:
      return { trips: 1, issue: 300, wait: 2 * far };
  }
}

type Sizes = PipelineDispatch["uniforms"];

/** Loads the pixels and weights of some channels into workgroup memory, then multiplies. */
function convolution(
  { constants, invocations, mix }: Result,
  uniforms: Sizes,
  { wave, near, far }: Gpu,
  turn: number,
  prefetches: boolean,
): Trips {
  const isNvidia = wave === 32;
  // DEPTH input channels per iteration; PLACES strips of STRIP groups of four pixels per workgroup.
  const { COLUMNS, BORDER, OUT, DEPTH = 4, PLACES = 16, STRIP = 2 } = constants;
  const row = STRIP * COLUMNS + 1 + (BORDER ? 1 : 0);
  const pixels = Math.ceil((DEPTH * (PLACES / COLUMNS + 2) * row) / invocations);
  const weights = Math.ceil((9 * OUT * DEPTH) / 4 / invocations);
  const issue = DEPTH * turn + pixels * (isNvidia ? 55 : 96) + weights * (isNvidia ? 14 : 24);
  const wait = pixels * far + (isNvidia ? Math.ceil(weights / 4) : weights) * near + 100;
  return {
    trips: Math.ceil((uniforms.skipChannels + uniforms.channels) / DEPTH),
    issue: prefetches ? DEPTH * turn + 150 : issue,
    wait: prefetches ? 150 : wait,
    shared: DEPTH * (mix?.loops[0]?.counts.ldsLoadBytes ?? 0) * invocations,
  };
}

/** Eight groups of four pixels of a row per iteration. */
function weightGradient(
  { invocations, mix }: Result,
  { rowsPerSplit, outGroups }: Sizes,
  { wave, near, far }: Gpu,
  turn: number,
  prefetches: boolean,
): Trips {
  const isNvidia = wave === 32;
  const loads = Math.ceil((16 * 9) / invocations);
  const share = (rowsPerSplit + 2) / rowsPerSplit;
  const issue = 8 * turn + share * loads * (isNvidia ? 60 : 110) + (isNvidia ? 90 : 150);
  return {
    trips: Math.ceil(outGroups / 8) * rowsPerSplit,
    issue: prefetches ? 8 * turn + 200 : issue,
    wait: prefetches ? 150 : share * loads * far + near + 100,
    shared: 8 * (mix?.loops[0]?.counts.ldsLoadBytes ?? 0) * invocations,
  };
}
