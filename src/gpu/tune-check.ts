// Whether the kernels of a layer give one answer: only those that do may compete.

import { elementCount, type Node, type Tensor } from "../graph/tensor.js";
import type { Inputs } from "./plan.js";
import type { TunableGroup } from "./tunable-groups.js";
import type { Runner } from "./tune.js";

/** Runs each once and keeps those whose answer is that of the plainest kernel. */
export async function checkCandidates(
  { node }: TunableGroup,
  runners: readonly Runner[],
  values: Inputs,
  outputs: readonly Tensor[],
  dropped: Map<string, string>,
): Promise<Runner[]> {
  const plainest = runners.find(({ kernel }) => kernel === "buffer") ?? runners.at(-1);
  if (!plainest) return [];
  const answer = async ({ plan }: Runner) => {
    plan.run(values);
    return Promise.all(outputs.map((tensor) => plan.read(tensor)));
  };
  const expected = await answer(plainest);
  const correct: Runner[] = [];
  for (const runner of runners) {
    const found = runner === plainest ? expected : await answer(runner);
    const off = Math.max(...found.map((y, i) => relativeError(y, expected[i])));
    const tolerance = toleranceOf(node, runner.kernel);
    if (off <= tolerance) correct.push(runner);
    else dropped.set(runner.kernel, `its answer is off by ${off}, the tolerance is ${tolerance}`);
  }
  return correct;
}

/** CONTRACT.md, "Tolerances": relative in the 2-norm, by the kind of arithmetic. */
function toleranceOf({ op, attributes }: Node, kernel: string): number {
  if (kernel.includes("f16")) return 2e-3;
  const { transposed } = (attributes ?? {}) as { readonly transposed?: boolean };
  if (transposed || op.name.includes("gradient")) return 1e-4;
  return kernel.includes("winograd") ? 5e-5 : 1e-5;
}

/** NaN where a value is no number, and then above every tolerance. */
function relativeError(values: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < values.length; i++) {
    difference += (values[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

/** Numbers in [-1, 1), the same for the same layer. */
export function randomInputs(tensors: readonly Tensor[]): Record<string, Float32Array> {
  let state = 0x9e3779b9;
  const next = () => {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  return Object.fromEntries(
    tensors.map(({ name, shape }) => {
      const values = new Float32Array(elementCount(shape));
      for (let i = 0; i < values.length; i++) values[i] = next();
      return [name, values];
    }),
  );
}
