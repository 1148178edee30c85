// Measures the peak: the multiply-adds per second of an adapter when no memory is accessed, to
// which kernels are compared (docs/contract.md, "% of peak"). Measured with shaders/peak.wgsl in
// the same run as the kernels, since other work on the machine slows both.

import { dispatch } from "../graph/dispatch.js";
import { apply, type Op } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { peak } from "../shaders/embedded.generated.js";
import type { Device } from "./device.js";
import { compilePlan } from "./plan.js";

interface PeakAttributes {
  readonly workgroups: number;
  /** Iterations of the loop. */
  readonly rounds: number;
}

/** Chains of four lanes per invocation: twelve hide the latency and stay in registers. */
const CHAINS = 12;
const TRIPS = 16;
/** The loop is doubled until a timed run takes at least this long. */
const LEAST_MS = 4;
const REPEATS = 5;

const lanesOf = ({ capabilities: { kind, workgroupSize } }: Pick<Device, "capabilities">) =>
  kind === "cpu" ? workgroupSize : 64;

function peakOp(lanes: number): Op<PeakAttributes> {
  return {
    name: "peak",
    outputs: (_inputs, { workgroups }) => [{ shape: [workgroups * lanes], layout: "dense" }],
    kernels: [
      {
        name: "peak",
        dispatches: ({ outputs: [y], attributes: { workgroups, rounds } }) => [
          dispatch(peak, {
            constants: { LANES: lanes, CHAINS, TRIPS },
            bindings: [y],
            // The fixed point of the chains is 1.
            uniforms: { rounds, factor: 0.999, summand: 0.001 },
            workgroups: [workgroups, 1, 1],
            multiplyAdds: workgroups * lanes * CHAINS * 4 * TRIPS * rounds,
          }),
        ],
      },
    ],
  };
}

/**
 * Returns the peak in GFLOP/s, counting two operations per multiply-add. Takes about a tenth of a
 * second once compiled.
 */
export async function measurePeak(device: Device): Promise<number> {
  const op = peakOp(lanesOf(device));
  const workgroups = device.capabilities.kind === "cpu" ? 256 : 8192;
  for (let rounds = 8; ; rounds *= 4) {
    const y = apply(op, [], { workgroups, rounds })[0];
    const { ms, multiplyAdds } = await leastTime(device, y);
    if (ms >= LEAST_MS || rounds > 1 << 20) return (2 * multiplyAdds) / (ms * 1e6);
  }
}

async function leastTime(device: Device, y: Tensor): Promise<{ ms: number; multiplyAdds: number }> {
  const plan = await compilePlan(device, { name: "peak", outputs: [y] });
  try {
    let ms = Infinity;
    for (let i = 0; i < REPEATS; i++) {
      const { dispatches } = await plan.runTimed();
      // A time measured on the queue can be less than that of an empty submit.
      ms = Math.min(ms, Math.max(dispatches[0].ms, 1e-3));
      if (ms < LEAST_MS) break;
    }
    return { ms, multiplyAdds: plan.multiplyAdds };
  } finally {
    plan.close();
  }
}
