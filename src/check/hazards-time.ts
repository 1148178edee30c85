// Hazards of time: long dispatches, and the clock of the GPU.

import type { ExaminationScope } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import { apply } from "../graph/op.js";
import * as shaders from "../shaders/check.generated.js";
import type { Hazard, HazardFinding } from "./hazard.js";
import { opOf, readWords } from "./hazard-shader.js";
import { sameWords } from "./hazards-arithmetic.js";

const LANES = 64;
const [FACTOR, SUMMAND] = [1664525, 1013904223];

/** The number after that many steps of check-loops: a power of an affine map, by squaring. */
export function afterSteps(start: number, steps: number): number {
  let [factor, summand] = [FACTOR, SUMMAND];
  let value = start;
  for (let left = steps; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) value = (Math.imul(value, factor) + summand) >>> 0;
    summand = (Math.imul(factor, summand) + summand) >>> 0;
    factor = Math.imul(factor, factor);
  }
  return value;
}

/** The result of a dispatch of that many steps, with its time. */
async function runSteps(device: Device, rounds: number) {
  const op = opOf(shaders.checkLoops, LANES, { uniforms: { rounds }, workgroups: [1, 1, 1] });
  const [y] = apply(op, [], undefined);
  const plan = await compilePlan(device, { name: "check-loops", outputs: [y] });
  try {
    const startedMs = performance.now();
    const { dispatches, method } = await plan.runTimed();
    const wallMs = performance.now() - startedMs;
    const found = await readWords(device, plan, y, LANES);
    const expected = Uint32Array.from({ length: LANES }, (_, i) => afterSteps(i, rounds));
    const same = sameWords(found, expected, (i) => `chain ${i} of ${rounds} steps`);
    return { same, gpuMs: dispatches[0].ms, wallMs, method };
  } finally {
    plan.close();
  }
}

/** Milliseconds that one dispatch is made to take. */
const LONG_MS: Readonly<Record<ExaminationScope, number>> = { quick: 0, normal: 50, full: 1000 };
const MOST_STEPS = 2 ** 30;

/** Doubles the steps until a dispatch takes that long. */
async function longRun(device: Device, leastMs: number) {
  for (let steps = 1001; ; steps *= 4) {
    const run = await runSteps(device, steps);
    if (!run.same.passed || run.wallMs >= leastMs || steps > MOST_STEPS) return { ...run, steps };
  }
}

const loops: Hazard = {
  name: "loops with bounds known at run time",
  matters: true,
  scope: "quick",
  async run(device) {
    for (const steps of [0, 1, 31, 32, 33, 777]) {
      const { same } = await runSteps(device, steps);
      if (!same.passed) return same;
    }
    return { passed: true, detail: "loops of 0 to 777 steps" };
  },
};

const long: Hazard = {
  name: "long dispatches end with the right numbers",
  matters: true,
  scope: "normal",
  async run(device, scope) {
    const { same, wallMs, steps } = await longRun(device, LONG_MS[scope]);
    if (!same.passed) return same;
    return { passed: true, detail: `${steps} steps in ${wallMs.toFixed(0)} ms` };
  },
};

const clock: Hazard = {
  name: "timestamps agree with the clock of the system",
  matters: false,
  scope: "normal",
  async run(device) {
    if (!device.gpu.features.has("timestamp-query")) {
      return { passed: undefined, detail: "the adapter has no timestamps" };
    }
    const { gpuMs, wallMs } = await longRun(device, 20);
    return clockFinding(gpuMs, wallMs);
  },
};

/** Compares the time of a dispatch by the GPU's clock with the wait for it, which is longer. */
export function clockFinding(gpuMs: number, wallMs: number): HazardFinding {
  const passed = gpuMs > wallMs / 4 && gpuMs < wallMs * 1.1 + 1;
  return { passed, detail: `${gpuMs.toFixed(1)} ms by the GPU, ${wallMs.toFixed(1)} waited for` };
}

export const timeHazards: readonly Hazard[] = [loops, long, clock];
