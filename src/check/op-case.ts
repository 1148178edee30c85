// The case that a check of an op runs: inputs, a graph of them, and its expected results in 64
// bits.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { HalfStorage } from "../graph/half-storage.js";
import {
  elementCount,
  expectTensor,
  input,
  type Layout,
  type Shape,
  type Tensor,
} from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import { scale } from "../ops/elementwise/scale.js";
import { gradients } from "../ops/network-ops.js";

/** An input of the graph to check. */
export interface CheckInput {
  /** [N, C, H, W] of an image; any shape of a dense tensor. */
  readonly shape: Shape;
  /** As for `input`: by default images for rank 4, else dense. */
  readonly layout?: Layout | undefined;
  /** Row-major. By default seeded noise in [-1, 1). */
  readonly values?: ArrayLike<number> | undefined;
  /** False for inputs without a gradient: labels, weights of a loss, step numbers. */
  readonly differentiable?: boolean | undefined;
}

/** Row-major values by the names of the inputs. */
export type Arrays = Readonly<Record<string, Float64Array>>;

/** A graph to check against its reference. */
export interface OpCase {
  /** Begins the errors and the labels on the GPU. */
  readonly name: string;
  /** The inputs by name. */
  readonly inputs: Readonly<Record<string, CheckInput>>;
  /** Builds the graph to check: from the inputs by name to one output. */
  readonly build: (tensors: Readonly<Record<string, Tensor>>) => Tensor;
  /** Computes the output in 64 bits, row-major. */
  readonly reference: (arrays: Arrays) => ArrayLike<number>;
  /**
   * Computes the gradients of sum(seed * output) by the names of the inputs. By default central
   * differences of `reference` are used, which call it twice per element of the differentiable
   * inputs.
   */
  readonly referenceGradients?:
    | ((arrays: Arrays, seed: Float64Array) => Readonly<Record<string, ArrayLike<number>>>)
    | undefined;
  /**
   * Step of the central differences, by default 1e-4. It must be smaller than the distance to a
   * kink.
   */
  readonly epsilon?: number | undefined;
  /** A forward tolerance that replaces that of the kernels' arithmetic. */
  readonly tolerance?: number | undefined;
  /**
   * Stores tensors as f16: every image input then passes through a node, so that kernels read it in
   * 16 bits if they can. The tolerances are those of 16 bits.
   */
  readonly pack?: HalfStorage | undefined;
}

/** A case of an examination. */
export interface KernelCase extends OpCase {
  /**
   * The op whose kernel is to blame for a wrong result, if it is not the one that wrote it: another
   * node computes the result from what it wrote.
   */
  readonly blames?: string | undefined;
}

const CASE: Keys<KernelCase> = {
  name: 1,
  inputs: 1,
  build: 1,
  reference: 1,
  referenceGradients: 1,
  epsilon: 1,
  tolerance: 1,
  pack: 1,
  blames: 0,
};
const INPUT: Keys<CheckInput> = { shape: 1, layout: 1, values: 1, differentiable: 1 };

/** The graph of a case, with the values of its inputs. */
export interface CaseGraph {
  readonly output: Tensor;
  /** The inputs by name; the gradient of the output is "seed". */
  readonly inputs: ReadonlyMap<string, { readonly tensor: Tensor; readonly values: Float32Array }>;
  /** Gradients of the differentiable inputs; undefined if the graph gives none. */
  readonly gradients: ReadonlyMap<string, Tensor | undefined>;
  readonly expected: () => Expected;
}

export interface Expected {
  readonly output: ArrayLike<number>;
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * Builds the graph of a case. Throws if a key is unknown, a shape is invalid, or the number of
 * values of an input is wrong.
 */
export function graphOf(testCase: OpCase): CaseGraph {
  checkKeys("checkOp", testCase, CASE);
  const { name, pack } = testCase;
  const inputs = new Map<string, { tensor: Tensor; values: Float32Array }>();
  for (const [i, [key, spec]] of Object.entries(testCase.inputs).entries()) {
    checkKeys(`${name}: input ${key}`, spec, INPUT);
    const count = elementCount(spec.shape);
    const values = spec.values ? Float32Array.from(spec.values) : noise(count, 1000 + i);
    if (values.length !== count) {
      throw new Error(`${name}: input ${key} has ${values.length} values, expected ${count}`);
    }
    inputs.set(key, { tensor: input(key, spec.shape, spec.layout), values });
  }
  const made = (tensor: Tensor) =>
    pack && tensor.layout === "image" ? scale(tensor, 1, `made ${tensor.name}`) : tensor;
  const output = testCase.build(
    Object.fromEntries([...inputs].map(([key, { tensor }]) => [key, made(tensor)])),
  );
  expectTensor("checkOp", `the result of build for ${name}`, output);
  const names = [...inputs.keys()].filter((key) => testCase.inputs[key].differentiable !== false);
  const sources = names.map((key) => inputs.get(key)?.tensor as Tensor);
  const count = elementCount(output.shape);
  const isLoss = output.shape.length === 1 && count === 1;
  const seed = isLoss ? Float32Array.of(1) : noise(count, 77);
  let seeded: Tensor | undefined;
  if (!isLoss && names.length > 0) {
    seeded = input("seed", output.shape, output.layout);
    inputs.set("seed", { tensor: seeded, values: seed });
  }
  const found = names.length > 0 ? gradients(output, sources, seeded && made(seeded)) : [];
  let expected: Expected | undefined;
  return {
    output,
    inputs,
    gradients: new Map(names.map((key, i) => [key, found[i]])),
    expected() {
      expected ??= expectedOf(testCase, inputs, names, seed);
      return expected;
    },
  };
}

function expectedOf(
  testCase: OpCase,
  inputs: CaseGraph["inputs"],
  names: readonly string[],
  seedValues: Float32Array,
): Expected {
  const arrays = Object.fromEntries(
    Object.keys(testCase.inputs).map((name) => [
      name,
      Float64Array.from(inputs.get(name)?.values ?? []),
    ]),
  );
  const seed = Float64Array.from(seedValues);
  const gradients =
    testCase.referenceGradients?.(arrays, seed) ??
    centralDifferences(testCase, arrays, names, seed);
  for (const name of names) {
    const count = gradients[name]?.length;
    if (count === arrays[name].length) continue;
    throw new Error(
      `${testCase.name}: referenceGradients gives ${count ?? "no"} values for ${name}, expected ` +
        `${arrays[name].length}; an input without a gradient has differentiable: false`,
    );
  }
  const output = testCase.reference(arrays);
  if (output.length !== seed.length) {
    throw new Error(
      `${testCase.name}: the reference has ${output.length} values, the output ${seed.length}`,
    );
  }
  return { output, gradients };
}

/** Returns d sum(seed * reference) / d x for every element of the named inputs. */
function centralDifferences(
  { reference, epsilon = 1e-4 }: OpCase,
  arrays: Arrays,
  names: readonly string[],
  seed: Float64Array,
): Record<string, Float64Array> {
  const total = () => {
    const y = reference(arrays);
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += y[i] * seed[i];
    return sum;
  };
  return Object.fromEntries(
    names.map((name) => {
      const array = arrays[name];
      const gradient = array.map((value, i) => {
        array[i] = value + epsilon;
        const above = total();
        array[i] = value - epsilon;
        const below = total();
        array[i] = value;
        return (above - below) / (2 * epsilon);
      });
      return [name, gradient];
    }),
  );
}
