// Profiles a plan: the time of each node and of each kernel.

import { checkKeys } from "../arguments/keys.js";
import { FINE_MS } from "./clock.js";
import type { Device } from "./device.js";
import { measurePeak } from "./peak.js";
import type { Plan } from "./plan-run.js";
import type { Inputs } from "./plan-spec.js";
import type { RunTimes } from "./timing.js";
import type { DispatchWork } from "./work.js";

/** The time and the work of one row of a profile. */
export interface ProfileRow {
  /** A node with all its dispatches, or `copy of <tensor>` for a copy into a texture. */
  readonly name: string;
  /** Op and kernel of a node ("conv2d texture"), or "copy". */
  readonly kernel: string;
  /** Number of dispatches that were timed, per run. */
  readonly dispatches: number;
  /** Milliseconds per run. */
  readonly ms: number;
  /** Share of the total time, 0 to 1. */
  readonly share: number;
  /** Two operations per multiply-add of the direct method; 0 if nothing is multiplied. */
  readonly gflops: number;
  /** `gflops` as a share of `peakGflops`. */
  readonly shareOfPeak: number;
  /** Tensors read and written, each counted once per dispatch, in 10^9 bytes per second. */
  readonly gigabytesPerSecond: number;
}

/** Where the time of a plan goes. */
export interface Profile {
  /** Name of the adapter. */
  readonly adapter: string;
  /**
   * "timestamps", or "queue" if the adapter has none: then each dispatch is submitted separately.
   */
  readonly method: RunTimes["method"];
  /** The smallest difference between two times that can be measured. */
  readonly resolutionMs: number;
  /** The number of timed runs. */
  readonly repeats: number;
  /** GFLOP/s of multiply-adds in registers, measured in the same run. */
  readonly peakGflops: number;
  /** The sum of all rows. */
  readonly ms: number;
  /** GFLOP/s of all rows together. */
  readonly gflops: number;
  /** Share of the peak that all rows together reach, 0 to 1. */
  readonly shareOfPeak: number;
  /** By node, the most expensive first. */
  readonly nodes: readonly ProfileRow[];
  /** By kernel (a file of shaders/, or the copies), the most expensive first. */
  readonly kernels: readonly ProfileRow[];
}

/**
 * Runs a plan `repeats` times (10) and returns the time of each node. The runs are real: a plan
 * with updates changes its states. Inputs that are not given keep the values of an earlier run.
 */
export async function profilePlan(
  device: Device,
  plan: Plan,
  options: { readonly repeats?: number; readonly inputs?: Inputs } = {},
): Promise<Profile> {
  checkKeys("profilePlan", options, { repeats: 1, inputs: 1 });
  const { repeats = 10, inputs } = options;
  plan.run(inputs);
  const before = await measurePeak(device);
  const runs: RunTimes[] = [];
  for (let i = 0; i < repeats; i++) runs.push(await plan.runTimed());
  return createProfile(device, plan, runs, Math.max(before, await measurePeak(device)));
}

/** Summarises timed runs of a plan. Throws if there is none. */
export function createProfile(
  device: Pick<Device, "describe">,
  { work }: Pick<Plan, "work">,
  runs: readonly RunTimes[],
  peakGflops: number,
): Profile {
  if (runs.length === 0) throw new Error("a profile needs at least one timed run");
  const { method } = runs[0];
  const resolutionMs = Math.max(...runs.map((run) => run.resolutionMs));
  const typical = (values: readonly number[]) => centre(values, resolutionMs);
  const times = work.map((_, i) => ({
    ms: typical(runs.map(({ dispatches }) => dispatches[i].ms)),
    copyMs: typical(runs.map(({ dispatches }) => dispatches[i].copyMs)),
  }));
  const parts = work.flatMap((dispatch, i) => partsOf(dispatch, times[i]));
  const ms = parts.reduce((sum, part) => sum + part.ms, 0);
  const rows = (by: (part: Part) => { name: string; kernel: string }) =>
    totals(parts, by, { ms, peakGflops });
  const [all] = rows(() => ({ name: "all", kernel: "all" }));
  return {
    adapter: device.describe().adapter,
    method,
    resolutionMs,
    repeats: runs.length,
    peakGflops,
    ms,
    gflops: all?.gflops ?? 0,
    shareOfPeak: all?.shareOfPeak ?? 0,
    nodes: rows(({ node, kernel }) => ({ name: node, kernel })),
    kernels: rows(({ shader }) => ({ name: shader, kernel: shader })),
  };
}

/** A dispatch or a copy. */
interface Part {
  readonly node: string;
  readonly kernel: string;
  readonly shader: string;
  readonly ms: number;
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/**
 * The copies before a dispatch are timed together and share the time in proportion to their bytes.
 */
function partsOf(work: DispatchWork, { ms, copyMs }: { ms: number; copyMs: number }): Part[] {
  const copied = work.copies.reduce((sum, { bytes }) => sum + bytes, 0);
  const copies = work.copies.map(({ tensor, bytes }) => ({
    node: `copy of ${tensor}`,
    kernel: "copy",
    shader: "copy into texture",
    ms: copyMs * (bytes / copied),
    multiplyAdds: 0,
    bytes,
  }));
  const { node, op, kernel, shader, multiplyAdds, bytes } = work;
  const name = kernel === op ? op : `${op} ${kernel}`;
  return [...copies, { node, kernel: name, shader, ms, multiplyAdds, bytes }];
}

/** Sums the parts of each name, the most expensive first. */
function totals(
  parts: readonly Part[],
  by: (part: Part) => { name: string; kernel: string },
  whole: { readonly ms: number; readonly peakGflops: number },
): ProfileRow[] {
  const groups = new Map<string, { kernel: string; parts: Part[] }>();
  for (const part of parts) {
    const { name, kernel } = by(part);
    const group = groups.get(name) ?? { kernel, parts: [] };
    groups.set(name, group);
    group.parts.push(part);
  }
  const rows = [...groups].map(([name, group]) => {
    const sum = (key: "ms" | "multiplyAdds" | "bytes") =>
      group.parts.reduce((total, part) => total + part[key], 0);
    const ms = sum("ms");
    const rate = (amount: number) => (ms > 0 ? amount / (ms * 1e6) : 0);
    const gflops = rate(2 * sum("multiplyAdds"));
    return {
      name,
      kernel: group.kernel,
      dispatches: group.parts.length,
      ms,
      share: whole.ms > 0 ? ms / whole.ms : 0,
      gflops,
      shareOfPeak: gflops / whole.peakGflops,
      gigabytesPerSecond: rate(sum("bytes")),
    };
  });
  return rows.sort((a, b) => b.ms - a.ms);
}

/**
 * Returns the median. Browsers round timestamps to a tenth of a millisecond, so the median of short
 * times would be 0; there the mean is used, in which rounding errors cancel.
 */
function centre(values: readonly number[], resolutionMs: number): number {
  if (resolutionMs > FINE_MS) return values.reduce((sum, ms) => sum + ms, 0) / values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
