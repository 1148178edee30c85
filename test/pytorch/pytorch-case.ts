// Cases that are compared with PyTorch. Each is computed here by an engine's graph and in a file
// FAMILY.py of this folder by PyTorch, from the same inputs (pytorch_case.py has the same rules).

import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import {
  elementCount,
  input,
  type Layout,
  type Shape,
  type Tensor,
} from "../../src/graph/tensor.js";
import { gradients } from "../../src/ops/index.js";

/** Numbers by name: "output", "gradient 0" (of the first input), or names of the case's own. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** A case of a family. */
export interface PyTorchCase {
  /** The same as in FAMILY.py, and unique within the family. */
  readonly name: string;
  /** Computes on a device what PyTorch's result has. */
  compute(device: Device): Promise<Numbers>;
}

/** An input of a graph. */
export interface CaseInput {
  readonly shape: Shape;
  /** As for `input`: by default images for rank 4, else dense. */
  readonly layout?: Layout | undefined;
  /** By default `values(shape, 1 + index of the input)`. Such an input has a gradient. */
  readonly values?: ArrayLike<number> | undefined;
}

/** Distinct integers 0 to 2002 (they repeat after 2003), in an order that depends on the seed. */
function lattice(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + seed * 104729) % 2003);
}

/** Thousandths in [-1.001, 1.001]. */
export function values(shape: Shape, seed = 1): Float32Array {
  return Float32Array.from(lattice(elementCount(shape), seed), (k) => (k - 1001) / 1000);
}

/** Integers from 0, such as classes. */
export function integers(shape: Shape, below: number, seed = 1): Float32Array {
  return Float32Array.from(lattice(elementCount(shape), seed), (k) => k % below);
}

/**
 * A graph from inputs to one output. The results are the output and the gradients of sum(seed * output), or of
 * the output if it is a single number [1], with respect to the inputs without values of their own.
 */
export function graphCase(
  name: string,
  shapes: readonly (Shape | CaseInput)[],
  build: (...tensors: Tensor[]) => Tensor,
): PyTorchCase {
  const specs = shapes.map((given) => ("shape" in given ? given : { shape: given }) as CaseInput);
  return {
    name,
    async compute(device) {
      const inputs: Record<string, ArrayLike<number>> = {};
      const tensors = specs.map((spec, i) => {
        inputs[`input ${i}`] = spec.values ?? values(spec.shape, i + 1);
        return input(`input ${i}`, spec.shape, spec.layout);
      });
      const output = build(...tensors);
      const isLoss = output.shape.length === 1 && output.shape[0] === 1;
      const seed = isLoss ? undefined : input("seed", output.shape, output.layout);
      const trained = tensors.filter((_, i) => specs[i].values === undefined);
      const found = trained.length > 0 ? gradients(output, trained, seed) : [];
      if (seed && trained.length > 0) inputs.seed = values(output.shape, 99);
      const results = new Map<string, Tensor>([["output", output]]);
      for (const [i, tensor] of found.entries()) if (tensor) results.set(`gradient ${i}`, tensor);
      const plan = await compilePlan(device, { name, outputs: [...results.values()] });
      try {
        plan.run(inputs);
        const read = [...results].map(async ([key, tensor]) => [key, await plan.read(tensor)]);
        return Object.fromEntries(await Promise.all(read)) as Numbers;
      } finally {
        plan.close();
      }
    },
  };
}
