// Watches for NaN and infinities in the weights and in the optimizer's state. They persist there,
// while the loss may look fine, since a ReLU turns NaN into 0. Every few steps the GPU counts them
// with a separate plan.

import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import type { PlanSpec } from "../gpu/plan-spec.js";
import { stateTensor } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { notFinite } from "../ops/network-ops.js";
import type { Watched } from "./describe-fault.js";
import { MOMENTS, type TrainerOptions } from "./trainer-states.js";

/** Steps between two counts: a fault is reported within 20 steps. */
const WATCH_EVERY = 16;

/**
 * Returns the plan of a count, without the buffers of its states. Its output is a list of counts.
 */
export function watchSpec(
  model: Model,
  { optimizer }: Pick<TrainerOptions, "optimizer">,
): PlanSpec {
  const { floats, trainedFloats } = model.parameters;
  const moments = MOMENTS[optimizer].map((name) => stateTensor(name, [trainedFloats], name));
  const flat = [stateTensor("parameters", [floats], "parameters"), ...moments];
  return { name: "watch over the weights", outputs: [notFinite(flat, "not finite")] };
}

export interface Watch {
  readonly totalBytes: number;
  /** Throws what has been found. */
  check(): void;
  /**
   * Looks after the batches whose step is one of those after which it is due. `done`: a promise of the
   * last batch's end, if there is one. Never rejects.
   */
  count(batches: number, done: unknown): Promise<void>;
  /** Looks at the states as the work submitted so far leaves them. Throws what is found. */
  verify(): Promise<void>;
  close(): void;
}

export async function createWatch(device: Device, watched: Watched): Promise<Watch> {
  const { model, options, states } = watched;
  const { accumulate = 1 } = options;
  const buffers = Object.entries(states).map(([name, state]) => [name, state.buffer]);
  const spec = watchSpec(model, options);
  const plan = await compilePlan(device, { ...spec, states: Object.fromEntries(buffers) });
  let failure: Error | undefined;
  const check = () => {
    if (failure) throw failure;
  };
  const look = async () => {
    const step = watched.stepCount();
    plan.run();
    const counts = await plan.read(spec.outputs[0]);
    if (failure || counts.every((count) => count === 0)) return;
    const { describeFault } = await import("./describe-fault.js");
    failure ??= new Error(await describeFault(watched, step));
  };
  return {
    totalBytes: plan.memory.totalBytes,
    check,
    async count(batches, done) {
      if (batches % (accumulate * WATCH_EVERY) !== 0) return;
      try {
        if (done) await done;
        await look();
      } catch {
        // What fails here is reported by the step itself, or by the next one.
      }
    },
    async verify() {
      check();
      await look();
      check();
    },
    close: plan.close,
  };
}
