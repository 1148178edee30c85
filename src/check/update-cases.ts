// The optimisers' steps as cases: they write to states, so they have no output that `checkOp` could
// compare.

import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import { createState } from "../gpu/state.js";
import { kernelKey } from "../graph/choose-kernel.js";
import type { Node } from "../graph/op.js";
import { input, stateTensor } from "../graph/tensor.js";
import { relativeError } from "../graph/tolerances.js";
import { noise } from "../graph/uniform-noise.js";
import { adam, logValue, scale, sgd, type UpdateTensors } from "../ops/network-ops.js";
import type { CheckedPlan, CheckRow } from "./check-op.js";
import { adamReference, sgdReference } from "./references/optimizers-reference.js";

/** A step of an optimiser, and the same in 64 bits. */
export interface UpdateCase {
  readonly name: string;
  readonly moments: readonly string[];
  update(tensors: UpdateTensors): Node;
  reference(p: Float64Array, g: Float32Array, moments: Float64Array[], step: number): void;
}

const RATE = 0.05;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Relative, in the 2-norm: a few roundings of 32 bits per step. */
const TOLERANCE = 1e-6;
const STEPS = 3;
const COUNT = 1003;

export const UPDATE_CASES: readonly UpdateCase[] = [
  {
    name: "sgd",
    moments: ["velocity"],
    update: (tensors) => sgd(tensors, { momentum: 0.9 }),
    reference: (p, g, [velocity], _step) => {
      const before = new Float32Array(velocity);
      sgdReference(p, g, before as unknown as Float64Array, RATE, 0.9);
      velocity.set(before);
    },
  },
  {
    name: "adam",
    moments: ["mean", "square"],
    update: (tensors) => adam(tensors, ADAM),
    reference: (p, g, [mean, square], step) =>
      adamReference(p, g, [mean, square], step, RATE, ADAM),
  },
];

/** Runs a few steps, with the value of the last one written into a history of losses. */
export async function checkUpdate(
  device: Device,
  { name, moments, update, reference }: UpdateCase,
): Promise<CheckedPlan> {
  const names = ["parameters", ...moments];
  const states = names.map((state) => createState(device, state, COUNT));
  const history = createState(device, "losses", 4096);
  const state = (of: string) => stateTensor(of, [COUNT], of);
  const [given, step, loss] = [input("given", [COUNT]), input("step", [4]), input("loss", [1])];
  const gradients = scale(given, 1);
  const node = update({
    parameters: state("parameters"),
    gradients,
    moments: moments.map(state),
    step,
    after: [],
  });
  const log = logValue(loss, step, stateTensor("losses", [4096], "losses"));
  const rows: CheckRow[] = [];
  const rowOf = (what: string, kernel: string, error: number) => {
    const passed = error <= TOLERANCE;
    const problem = `${name}, kernel ${kernel}: ${what} is off by ${error}, the tolerance is ${TOLERANCE}`;
    return {
      what,
      op: kernel,
      kernel,
      error,
      tolerance: TOLERANCE,
      passed,
      problem: passed ? undefined : problem,
    };
  };
  try {
    const plan = await compilePlan(device, {
      name,
      outputs: [],
      updates: [node, log],
      states: Object.fromEntries([...states, history].map(({ buffer }) => [buffer.label, buffer])),
    });
    try {
      const values = noise(COUNT, 1);
      states[0].write(values);
      const expected = [Float64Array.from(values), ...moments.map(() => new Float64Array(COUNT))];
      const losses = new Float32Array(STEPS + 1);
      for (let t = 1; t <= STEPS; t++) {
        const values = noise(COUNT, 100 + t);
        losses[t] = t / 8;
        const powers = [1 - ADAM.beta1 ** t, 1 - ADAM.beta2 ** t];
        plan.run({ given: values, step: [t, RATE, ...powers], loss: [losses[t]] });
        reference(expected[0], values, expected.slice(1), t);
      }
      for (const [i, one] of states.entries()) {
        rows.push(rowOf(names[i], name, relativeError(await one.read(), expected[i])));
      }
      const written = (await history.read()).subarray(0, STEPS + 1);
      rows.push(rowOf("the history of losses", "log-value", relativeError(written, losses)));
    } finally {
      plan.close();
    }
  } catch (error) {
    device.checkOpen();
    const { message } = error as Error;
    rows.push({ ...rowOf("a step", name, Number.NaN), problem: `${name}: ${message}` });
  } finally {
    for (const one of [...states, history]) one.close();
  }
  const kernels = [name, "log-value", "scale"].map((one) => kernelKey(one, one));
  return { kernels, rows };
}
