// Estimates the time of a step's dispatches by counting instructions in the assembly; nothing is
// measured.
//
// An iteration of a workgroup's outer loop takes `issue` cycles of a scheduler for each of its
// waves, counted in the assembly, and waits `wait` cycles for its loads, by assumption. n
// workgroups on a unit take max(ceil(n * waves / schedulers) * issue, issue + wait) per iteration;
// a unit holds no more workgroups than its registers, workgroup memory and slots for waves allow;
// workgroups are distributed evenly. The bandwidths of memory and of workgroup memory give lower
// bounds.

import { type Assumption, type Gpu, workOf } from "./estimate-work.js";
import type { PipelineDispatch, Result } from "./results.js";

/** By family. */
const GPUS: Readonly<Record<string, Gpu>> = {
  sm_90: {
    name: "H200",
    units: 132,
    schedulers: 4,
    wave: 32,
    clock: 1.98e9,
    multiplyAdds: 128,
    shared: 128,
    bandwidth: 4.8e12,
    passBandwidth: 4.8e12,
    far: 700,
    near: 350,
    launch: 3e-6,
  },
  navi31: {
    name: "7900 XTX",
    units: 48,
    schedulers: 4,
    wave: 64,
    clock: 2.5e9,
    multiplyAdds: 256,
    shared: 256,
    bandwidth: 0.96e12,
    passBandwidth: 2e12,
    far: 600,
    near: 350,
    launch: 4e-6,
  },
};

/** The families for which there is a model. */
export const MODELLED: readonly string[] = Object.keys(GPUS);

/** Multiply-adds per second. */
const peakOf = ({ units, multiplyAdds, clock }: Gpu) => units * multiplyAdds * clock;

/** Workgroups that a unit holds. */
function resident({ stats, invocations }: Result, { wave, schedulers }: Gpu): number {
  const waves = Math.ceil(invocations / wave);
  if (wave === 32) return Math.max(1, Math.floor(Number(stats["Warps per SM"]) / waves));
  // RADV counts waves of 32 lanes, whatever their size.
  const perScheduler = (Number(stats["Subgroups per SIMD"]) * 32) / Number(stats.subgroup);
  return Math.max(1, Math.floor(perScheduler * (schedulers / waves)));
}

/** Cycles of a workgroup's start and end. */
const START = 1000;

/** Seconds of a dispatch; workgroups that each unit gets, and that it holds. */
export function timeOf(
  result: Result,
  dispatch: PipelineDispatch,
  gpu: Gpu,
  assumed: readonly Assumption[] = [],
) {
  const { waves, issue, wait, shared, ...work } = workOf(result, dispatch, gpu, assumed);
  const { units, schedulers } = gpu;
  const most = resident(result, gpu);
  let { workgroups, trips } = work;
  const isSplit = assumed.includes("split") && /workgroup/.test(result.shader);
  if (isSplit && workgroups < 4 * units) {
    const wanted = Math.min(Math.floor((4 * units) / workgroups), Math.floor(trips / 4));
    const parts = Math.max(1, wanted);
    workgroups *= parts;
    trips = Math.ceil(trips / parts);
  }
  const round = (count: number) => {
    const issued = Math.ceil((count * waves) / schedulers) * issue;
    return trips * Math.max(issued, issue + wait, (count * shared) / gpu.shared);
  };
  const each = Math.ceil(workgroups / units);
  const rounds = Math.max(1, workgroups / units / most);
  const cycles = each <= most ? round(each) : rounds * round(most);
  const seconds = Math.max((cycles + START) / gpu.clock, dispatch.bytes / gpu.bandwidth);
  return { seconds, each, most };
}

interface Kind {
  seconds: number;
  multiplyAdds: number;
  dispatches: number;
  slowest: { seconds: number; text: string };
}

/** Kernels of a step by purpose, and the times of all; a paragraph per family and width. */
export function estimateText(results: readonly Result[], assumed: readonly Assumption[]): string {
  const texts: string[] = [];
  for (const [family, gpu] of Object.entries(GPUS)) {
    const own = results.filter((result) => result.family === family);
    for (const width of new Set(own.map((result) => result.width))) {
      const chosen = own.filter((result) => result.width === width);
      texts.push(stepText(gpu, width, chosen, assumed));
    }
  }
  return texts.join("\n\n");
}

/** The name of a kernel in the text, without constants that do not affect its work. */
function kindOf({ shader, constants, label }: Result): string {
  if (shader === "conv2d-workgroup") {
    return constants.BORDER === 2 ? "3x3 input gradient" : "3x3 forward";
  }
  if (shader === "conv2d-weight-gradient-workgroup") return "3x3 weight gradient";
  return label.replace(/ (LANES|BIAS|MASK|RELU|BORDER|ROWS|CLIPS|SKIPS|OUT|MORE|CLASSES)=\d+/g, "");
}

const SHOWN = 14;
const ms = (seconds: number, digits = 2) => (1e3 * seconds).toFixed(digits);

function stepText(
  gpu: Gpu,
  width: number,
  results: readonly Result[],
  assumed: readonly Assumption[],
): string {
  const kinds = new Map<string, Kind>();
  for (const result of results) {
    const name = kindOf(result);
    const none = { seconds: 0, multiplyAdds: 0, dispatches: 0, slowest: { seconds: 0, text: "" } };
    const kind: Kind = kinds.get(name) ?? none;
    kinds.set(name, kind);
    for (const dispatch of result.dispatches) {
      const { seconds, each, most } = timeOf(result, dispatch, gpu, assumed);
      kind.seconds += seconds;
      kind.multiplyAdds += dispatch.multiplyAdds;
      kind.dispatches++;
      if (seconds <= kind.slowest.seconds) continue;
      const text = `${dispatch.node} ${dispatch.workgroups.join("x")}, ${each} per unit, which holds ${most}`;
      kind.slowest = { seconds, text };
    }
  }
  const sum = (of: (kind: Kind) => number) =>
    [...kinds.values()].reduce((total, kind) => total + of(kind), 0);
  const [seconds, multiplyAdds] = [sum((kind) => kind.seconds), sum((kind) => kind.multiplyAdds)];
  const dispatches = sum((kind) => kind.dispatches);
  const share = (count: number, time: number) =>
    count ? `${((100 * count) / time / peakOf(gpu)).toFixed(0)} %` : "";
  const head = `${gpu.name}, width ${width}: an estimated ${ms(seconds)} ms of kernels, ${share(multiplyAdds, seconds)} of peak (${((2 * peakOf(gpu)) / 1e12).toFixed(0)} TFLOP/s), plus in the worst case ${dispatches} dispatches x ${1e6 * gpu.launch} us = ${ms(dispatches * gpu.launch)} ms`;
  const lines = [...kinds]
    .sort(([, a], [, b]) => b.seconds - a.seconds)
    .slice(0, SHOWN)
    .map(([name, kind]) => {
      const { slowest } = kind;
      const cells = [
        name.padEnd(40),
        `${String(kind.dispatches).padStart(3)} x `,
        `${ms(kind.seconds, 3).padStart(8)} ms`,
        share(kind.multiplyAdds, kind.seconds).padStart(6),
        `  slowest: ${ms(slowest.seconds, 3)} ms ${slowest.text}`,
      ];
      return `  ${cells.join(" ")}`;
    });
  return [head, ...lines, `  ${winogradText(gpu, results)}`].join("\n");
}

/** The assumed share of peak for Winograd's products. */
const PRODUCTS = 0.6;

/** 3x3 forward and input gradient by Winograd's F(4x4, 3x3) in three passes, and directly at peak. */
function winogradText(gpu: Gpu, results: readonly Result[]): string {
  const sums = { direct: 0, products: 0, passes: 0, weights: 0 };
  for (const { shader, dispatches } of results) {
    if (shader !== "conv2d-workgroup") continue;
    for (const { uniforms, multiplyAdds } of dispatches) {
      const ins = uniforms.skipChannels + uniforms.channels;
      const outs = uniforms.outChannels;
      const tiles = Math.ceil(uniforms.outHeight / 4) * Math.ceil(uniforms.outWidth / 16) * 4;
      const read = ins * uniforms.height * uniforms.groups * 4;
      const written = outs * uniforms.outHeight * uniforms.outWidth;
      sums.direct += multiplyAdds / peakOf(gpu);
      sums.products += (36 * tiles * ins * outs) / (PRODUCTS * peakOf(gpu));
      sums.passes += (4 * (read + 2 * 36 * tiles * (ins + outs) + written)) / gpu.passBandwidth;
      sums.weights += (4 * ins * outs * (9 + 36 * 2)) / gpu.passBandwidth;
    }
  }
  return `3x3 forward and input gradient, direct at peak: ${ms(sums.direct)} ms; by Winograd: products ${ms(sums.products)}, passes ${ms(sums.passes)}, weights ${ms(sums.weights)} ms`;
}
