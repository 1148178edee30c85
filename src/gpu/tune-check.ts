// Checks that the kernels of a layer give the same answer: only those may compete.

import type { Kernel } from "../graph/op.js";
import { elementCount, type Tensor } from "../graph/tensor.js";
import { relativeError, toleranceOf } from "../graph/tolerances.js";
import { noise } from "../graph/uniform-noise.js";
import type { Plan } from "./plan-run.js";
import type { Inputs } from "./plan-spec.js";
import type { TunableGroup } from "./tunable-groups.js";

/** A candidate that has not been dropped. */
export interface Runner {
  readonly kernel: Kernel;
  readonly plan: Plan;
  readonly times: number[];
}

interface CheckTools {
  readonly outputs: readonly Tensor[];
  /** Gets the kernels whose answer is off, with the reason. */
  readonly dropped: Map<string, string>;
  /** Called before a kernel runs. */
  onRun(kernel: string): void;
}

/** Runs each candidate once and keeps those whose answer agrees with the reference. */
export async function checkCandidates(
  { node }: TunableGroup,
  runners: readonly Runner[],
  values: Inputs,
  { outputs, dropped, onRun }: CheckTools,
): Promise<Runner[]> {
  const reference = runners.find(({ kernel }) => kernel.isReference) ?? runners.at(-1);
  if (!reference) return [];
  const answer = async ({ kernel, plan }: Runner) => {
    onRun(kernel.name);
    plan.run(values);
    return Promise.all(outputs.map((tensor) => plan.read(tensor)));
  };
  const expected = await answer(reference);
  const correct: Runner[] = [];
  for (const runner of runners) {
    const found = runner === reference ? expected : await answer(runner);
    const off = Math.max(...found.map((y, i) => relativeError(y, expected[i])));
    const { kernel } = runner;
    const tolerance = toleranceOf(node, kernel);
    if (off <= tolerance) correct.push(runner);
    else dropped.set(kernel.name, `its answer is off by ${off}, the tolerance is ${tolerance}`);
  }
  return correct;
}

/** Returns numbers in [-1, 1), the same for the same layer. */
export function randomInputs(tensors: readonly Tensor[]): Record<string, Float32Array> {
  return Object.fromEntries(
    tensors.map(({ name, shape }, i) => [name, noise(elementCount(shape), 0x9e3779b9 + i)]),
  );
}
