// The one way in which an op is checked: forward against a 64-bit reference, gradient against
// central differences of that reference (or against a reference gradient where the sizes are real),
// for every set of capabilities that chooses other kernels. Working memory starts as NaN, and the
// padding of every result is read: a kernel must read what was written alone, and keep the rule of
// the padding (graph/layout.ts).

import * as assert from "uvu/assert";
import type { Device } from "../src/gpu/device.js";
import { compilePlan, type Plan } from "../src/gpu/plan.js";
import { planDispatches } from "../src/gpu/planned-dispatches.js";
import { readBuffer } from "../src/gpu/read.js";
import { type ChooseKernel, kernelsOf } from "../src/graph/choose-kernel.js";
import type { HalfStorage } from "../src/graph/half-storage.js";
import { byteCount, fromLayout, toLayout } from "../src/graph/layout.js";
import { elementCount, input, type Layout, type Shape, type Tensor } from "../src/graph/tensor.js";
import { nodesFor } from "../src/graph/walk.js";
import { gradients, scale } from "../src/ops/index.js";
import { deviceVariants } from "./device.js";
import { noise, relativeError } from "./numbers.js";
import { poisoned } from "./poison.js";
import { isInSample } from "./sample.js";

/** CONTRACT: relative in the 2-norm, f32 direct. */
export const FORWARD_TOLERANCE = 1e-5;
export const WINOGRAD_TOLERANCE = 5e-5;
export const GRADIENT_TOLERANCE = 1e-4;
/** Of what was kept in 16 bits. */
export const F16_TOLERANCE = 2e-3;

/** The largest relative errors that were found within their bounds, for who prints them. */
export const largestErrors = { forward: 0, gradient: 0, "16 bits": 0 };

function expectWithin(
  bound: number,
  error: number,
  kind: keyof typeof largestErrors,
  what: string,
) {
  assert.ok(error <= bound, `${what} is off by ${error}`);
  largestErrors[kind] = Math.max(largestErrors[kind], error);
}

export interface CheckInput {
  readonly shape: Shape;
  readonly layout?: Layout;
  /** Seeded noise in [-1, 1) when left out. */
  readonly values?: ArrayLike<number>;
  /** False for labels, weights of a loss, step numbers. */
  readonly differentiable?: boolean;
}

export type Arrays = Readonly<Record<string, Float64Array>>;

export interface OpCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, CheckInput>>;
  readonly build: (tensors: Readonly<Record<string, Tensor>>) => Tensor;
  /** The output, row-major, in 64 bits. */
  readonly reference: (arrays: Arrays) => ArrayLike<number>;
  /** Gradients of sum(seed * output); central differences of `reference` when left out. */
  readonly referenceGradients?: (
    arrays: Arrays,
    seed: Float64Array,
  ) => Readonly<Record<string, ArrayLike<number>>>;
  /** Step of the central differences; smaller than the distance to a kink. */
  readonly epsilon?: number;
  /** Bounds of their own, with a reason where they are given. */
  readonly tolerance?: number;
  /**
   * Packs what waits: every image input then passes through a node, so that kernels read it in 16
   * bits where they can. The bounds are those of 16 bits.
   */
  readonly pack?: HalfStorage;
}

/**
 * Checks one case with every kernel that an op of it offers, on the device as it is; as if the device were
 * another one, with a sample of the kernels (sample.ts).
 */
export async function checkOp(testCase: OpCase): Promise<void> {
  const done: Done = { dispatches: new Set(), expected: undefined };
  for (const [i, [variant, device]] of [...(await deviceVariants())].entries()) {
    const where = `${testCase.name} (${variant})`;
    const isLeftOut = (where: string) => i > 0 && !isInSample(where);
    const others = await checkOn(device, testCase, { where, isLeftOut: isLeftOut(where) }, done);
    for (const kernel of others) {
      const how = `${where}, kernel ${kernel}`;
      // At real sizes a tile is checked where it is a GPU's first choice; at small ones everywhere.
      const isOther = testCase.referenceGradients && /-(16|32|128)\b|-narrow$/.test(kernel);
      if (isOther || isLeftOut(how)) continue;
      const choose: ChooseKernel = (_node, offered) =>
        offered.includes(kernel) ? kernel : offered[0];
      await checkOn(device, testCase, { where: how, choose }, done);
    }
  }
}

/** What the variants of a case share. */
interface Done {
  /** The dispatches that were checked: two variants may run the same. */
  readonly dispatches: Set<string>;
  /** The reference's output and gradients by the inputs' names, once they are known. */
  expected:
    | { y: ArrayLike<number>; gradients: Readonly<Record<string, ArrayLike<number>>> }
    | undefined;
}

interface Check {
  /** What errors say. */
  readonly where: string;
  readonly choose?: ChooseKernel;
  /** Nothing is run. */
  readonly isLeftOut?: boolean;
}

/**
 * Checks one case, unless the same dispatches are among those `done`; returns the names of the
 * kernels that could be chosen instead of the first.
 */
async function checkOn(
  device: Device,
  testCase: OpCase,
  { where, choose, isLeftOut = false }: Check,
  done: Done,
): Promise<Set<string>> {
  const tensors: Record<string, Tensor> = {};
  const values: Record<string, Float32Array> = {};
  for (const [i, [name, spec]] of Object.entries(testCase.inputs).entries()) {
    tensors[name] = input(name, spec.shape, spec.layout);
    values[name] = spec.values
      ? Float32Array.from(spec.values)
      : noise(elementCount(spec.shape), 1000 + i);
  }
  const { pack } = testCase;
  const made = (tensor: Tensor) =>
    pack && tensor.layout === "image" ? scale(tensor, 1, `made ${tensor.name}`) : tensor;
  const output = testCase.build(
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, made(tensor)])),
  );
  const isLoss = output.shape.length === 1 && output.shape[0] === 1;
  const seedValues = isLoss ? Float32Array.of(1) : noise(elementCount(output.shape), 77);
  const names = Object.keys(tensors).filter(
    (name) => testCase.inputs[name].differentiable !== false,
  );
  const seed =
    isLoss || names.length === 0 ? undefined : input("seed", output.shape, output.layout);
  const sources = names.map((name) => tensors[name]);
  const of = names.length === 0 ? [] : gradients(output, sources, seed && made(seed));
  const outputs = [output, ...of.filter((tensor) => tensor !== undefined)];
  const others = new Set(
    nodesFor(outputs).flatMap((node) => kernelsOf(node, device.capabilities).slice(1)),
  );
  if (isLeftOut) return others;
  const spec = { name: testCase.name, outputs, choose, halfStorage: pack };
  const dispatches = planDispatches(device, spec).map(({ dispatch }) => {
    const { shader, constants, uniforms, workgroups } = dispatch;
    return { shader, constants, uniforms, workgroups };
  });
  const key = JSON.stringify(dispatches);
  if (done.dispatches.has(key)) return others;
  done.dispatches.add(key);
  const plan = await poisoned(device, () => compilePlan(device, spec));
  try {
    for (const [name, tensor] of Object.entries({ ...tensors, ...(seed && { seed }) })) {
      const { buffer, offset = 0 } = plan.place(tensor);
      const memory = packAmidNaN(tensor, name === "seed" ? seedValues : values[name]);
      device.gpu.queue.writeBuffer(buffer, offset, memory);
    }
    plan.run();
    const y = await readWhole(device, plan, output, where);
    done.expected ??= expectedOf(testCase, values, names, seedValues);
    const forward = relativeError(y, done.expected.y);
    const tolerance =
      testCase.tolerance ?? (pack ? F16_TOLERANCE : forwardTolerance(outputs, device, choose));
    expectWithin(tolerance, forward, pack ? "16 bits" : "forward", `${where}: forward`);
    for (const [i, name] of names.entries()) {
      const tensor = of[i];
      assert.ok(tensor, `${where}: no gradient of ${name}`);
      const dx = await readWhole(device, plan, tensor as Tensor, `${where}, gradient of ${name}`);
      const off = relativeError(dx, done.expected.gradients[name]);
      const bound = pack ? F16_TOLERANCE : GRADIENT_TOLERANCE;
      const kind = pack ? "16 bits" : "gradient";
      expectWithin(bound, off, kind, `${where}: the gradient of ${name}`);
    }
  } finally {
    plan.close();
  }
  return others;
}

function expectedOf(
  testCase: OpCase,
  values: Readonly<Record<string, Float32Array>>,
  names: readonly string[],
  seedValues: Float32Array,
): NonNullable<Done["expected"]> {
  const arrays = Object.fromEntries(
    Object.entries(values).map(([name, array]) => [name, Float64Array.from(array)]),
  );
  const seed = Float64Array.from(seedValues);
  const gradients =
    testCase.referenceGradients?.(arrays, seed) ??
    centralDifferences(testCase, arrays, names, seed);
  return { y: testCase.reference(arrays), gradients };
}

function forwardTolerance(
  outputs: readonly Tensor[],
  { capabilities }: Device,
  choose: ChooseKernel = (_node, offered) => offered[0],
): number {
  const kernels = nodesFor(outputs).map((node) => choose(node, kernelsOf(node, capabilities)));
  const isWinograd = kernels.some((kernel) => kernel.includes("winograd"));
  return isWinograd ? WINOGRAD_TOLERANCE : FORWARD_TOLERANCE;
}

/** Like `pack`, but what nobody may read, the groups past the last one of a row, is NaN. */
function packAmidNaN(tensor: Tensor, values: Float32Array): Float32Array<ArrayBuffer> {
  const memory = toLayout(tensor, values);
  return tensor.layout === "dense"
    ? memory
    : memory.map((value, i) => (columnOf(tensor, i) < lastGroupEnd(tensor) ? value : Number.NaN));
}

/** The x of the pixel that stands at float `i` of an image tensor's memory. */
function columnOf({ shape: [, c, , w] }: Tensor, i: number): number {
  return (Math.floor(i / 32 / c) % Math.ceil(w / 32)) * 32 + (i % 32);
}

const lastGroupEnd = ({ shape: [, , , w] }: Tensor) => Math.ceil(w / 4) * 4;

/** Reads an output with its padding, and checks that pixels past the width are zero. */
export async function readWhole(
  device: Device,
  plan: Plan,
  tensor: Tensor,
  where: string,
): Promise<Float32Array> {
  const { buffer, offset = 0 } = plan.place(tensor);
  const memory = await readBuffer(device, buffer, offset, byteCount(tensor));
  const values = fromLayout(tensor, memory);
  if (tensor.layout === "image") {
    const expected = toLayout(tensor, values);
    for (const [i, value] of memory.entries()) {
      const x = columnOf(tensor, i);
      if (x >= lastGroupEnd(tensor)) continue; // such groups hold anything
      if (!Object.is(Math.abs(value), Math.abs(expected[i]))) {
        assert.unreachable(
          `${where}: pixel ${x} past the width ${tensor.shape[3]} is ${value}, not 0`,
        );
      }
    }
  }
  return values;
}

/** d sum(seed * reference) / d x for every element of the named inputs. */
function centralDifferences(
  testCase: OpCase,
  arrays: Arrays,
  names: readonly string[],
  seed: Float64Array,
): Record<string, Float64Array> {
  const epsilon = testCase.epsilon ?? 1e-4;
  const total = () => {
    const y = testCase.reference(arrays);
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
