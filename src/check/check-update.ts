// Updates of states as cases: they have no output that `checkOp` could compare.

import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import { createState } from "../gpu/state.js";
import { kernelKey } from "../graph/choose-kernel.js";
import type { Node } from "../graph/op.js";
import { input, stateTensor, type Tensor } from "../graph/tensor.js";
import { relativeError } from "../graph/tolerances.js";
import type { CheckedPlan, CheckRow } from "./check-op.js";

/** Values by name. */
export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** A few runs of updates, and the same in 64 bits. */
export interface UpdateCase {
  readonly name: string;
  /** The ops that run. */
  readonly ops: readonly string[];
  /** The states with what they hold at first, each with the op that writes it. */
  readonly states: Readonly<Record<string, { readonly begin: Float32Array; readonly op: string }>>;
  /** The inputs of a run, dense; runs count from 1. */
  inputs(run: number): Values;
  /** Returns the nodes that change the states. */
  updates(tensors: Readonly<Record<string, Tensor>>): readonly Node[];
  /** Changes the states as a run should. */
  reference(states: Readonly<Record<string, Float64Array>>, inputs: Values): void;
}

/** Relative, in the 2-norm: a few roundings of 32 bits per run. */
const TOLERANCE = 1e-6;
const RUNS = 3;

/** Runs a case and compares its states with those of the reference after the last run. */
export async function checkUpdate(device: Device, one: UpdateCase): Promise<CheckedPlan> {
  const { name, ops } = one;
  const names = Object.keys(one.states);
  const states = names.map((state) => createState(device, state, one.states[state].begin.length));
  const rows: CheckRow[] = [];
  const rowOf = (what: string, op: string, error: number): CheckRow => {
    const passed = error <= TOLERANCE;
    const problem = `${name}, kernel ${op}: ${what} is off by ${error}, the tolerance is ${TOLERANCE}`;
    const rest = { tolerance: TOLERANCE, passed, problem: passed ? undefined : problem };
    return { what, op, kernel: op, error, ...rest };
  };
  try {
    const first = one.inputs(1);
    const tensors = Object.fromEntries([
      ...names.map((state) => {
        return [state, stateTensor(state, [one.states[state].begin.length], state)] as const;
      }),
      ...Object.entries(first).map(([key, { length }]) => [key, input(key, [length])] as const),
    ]);
    const plan = await compilePlan(device, {
      name,
      outputs: [],
      updates: one.updates(tensors),
      states: Object.fromEntries(states.map(({ buffer }, i) => [names[i], buffer])),
    });
    try {
      for (const [i, state] of states.entries()) state.write(one.states[names[i]].begin.slice());
      const expected = Object.fromEntries(
        names.map((state) => [state, Float64Array.from(one.states[state].begin)]),
      );
      for (let run = 1; run <= RUNS; run++) {
        const inputs = one.inputs(run);
        plan.run(inputs);
        one.reference(expected, inputs);
      }
      for (const [i, state] of states.entries()) {
        const error = relativeError(await state.read(), expected[names[i]]);
        rows.push(rowOf(names[i], one.states[names[i]].op, error));
      }
    } finally {
      plan.close();
    }
  } catch (error) {
    device.checkOpen();
    const { message } = error as Error;
    rows.push({ ...rowOf("a step", ops[0], Number.NaN), problem: `${name}: ${message}` });
  } finally {
    for (const state of states) state.close();
  }
  return { kernels: ops.map((op) => kernelKey(op, op)), rows };
}
