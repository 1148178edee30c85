// How every op is checked: forward against a 64-bit reference, and gradients against central
// differences of that reference (or against reference gradients for realistic sizes), with every
// kernel that the device can run. Working memory starts as NaN and the padding of every result is
// read: a kernel must read only what was written, and keep the padding rule (graph/layout.ts).

import type { Device } from "../gpu/device.js";
import { type PlannedDispatch, writtenBy } from "../gpu/dispatch-bindings.js";
import { compilePlan } from "../gpu/plan.js";
import type { Plan } from "../gpu/plan-run.js";
import type { PlanSpec } from "../gpu/plan-spec.js";
import { type PlanTarget, planDispatches } from "../gpu/planned-dispatches.js";
import { readBuffer } from "../gpu/read.js";
import type { Capabilities } from "../graph/capabilities.js";
import { type ChooseKernel, chosenKernel, kernelKey, kernelsOf } from "../graph/choose-kernel.js";
import { BLOCK, byteCount, fromLayout, imageSizes, toLayout } from "../graph/layout.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { relativeError, TOLERANCES, toleranceOf } from "../graph/tolerances.js";
import { nodesFor } from "../graph/walk.js";
import { type CaseGraph, graphOf, type OpCase } from "./op-case.js";
import { poisonedDevice } from "./poisoned-device.js";

/** One comparison of a check. */
export interface CheckRow {
  /** "forward", "gradient of x", or the padding of either. */
  readonly what: string;
  /** Name of the op whose kernel computed it; empty if nothing did. */
  readonly op: string;
  /** Name of the kernel. */
  readonly kernel: string;
  /** The relative error in the 2-norm; for padding the largest value. NaN if there is no answer. */
  readonly error: number;
  /** The largest error that passes, in the same measure. */
  readonly tolerance: number;
  /** Whether the error is within the tolerance. */
  readonly passed: boolean;
  /** What is wrong, in one sentence; undefined if it passed. */
  readonly problem: string | undefined;
}

/**
 * Whether to check the case with a kernel, in all ops that offer it; undefined means the first
 * choice of every op.
 */
export type Includes = (kernel: string | undefined) => boolean;

/**
 * Checks what a graph of ops computes on a device: the output against a reference in 64 bits, the
 * gradient of each differentiable input, and that pixels past the width of an image are 0. It runs
 * the first choice of kernels and then each other kernel that an op of the graph offers on this
 * device; the same dispatches are checked only once. Plans run in memory that starts as NaN.
 *
 * Returns a row per comparison, including those that failed: a kernel that does not compile is a
 * row too. Throws if the case itself is wrong (an unknown key, a reference of the wrong length,
 * shapes that do not fit), or if the device is lost.
 *
 *     import { checkOp, relu, requestDevice } from "micrograph/ops";
 *
 *     const rows = await checkOp(await requestDevice(), {
 *       name: "relu",
 *       inputs: { x: { shape: [1, 2, 5, 7] } },
 *       build: ({ x }) => relu(x),
 *       reference: ({ x }) => x.map((value) => Math.max(0, value)),
 *     });
 *     for (const { passed, problem } of rows) if (!passed) console.error(problem);
 */
export async function checkOp(device: Device, testCase: OpCase): Promise<readonly CheckRow[]> {
  return opCheck(testCase)(device, () => true);
}

/** What one plan of a check ran, and its comparisons. */
export interface CheckedPlan {
  /** The kernels that ran, by op and name. */
  readonly kernels: readonly string[];
  /** Those of them whose factors have 16 bits. */
  readonly halfKernels?: readonly string[];
  readonly rows: readonly CheckRow[];
}

/** Prepares a case that can be checked on several devices: the reference is computed once. */
export function opCheck(
  testCase: OpCase,
): (device: Device, includes: Includes) => Promise<CheckRow[]> {
  const plansOf = opPlans(testCase);
  return async (device, includes) => {
    const rows: CheckRow[] = [];
    for await (const plan of plansOf(device, includes)) rows.push(...plan.rows);
    return rows;
  };
}

/** The same, plan by plan. */
export function opPlans(
  testCase: OpCase,
): (device: Device, includes: Includes) => AsyncGenerator<CheckedPlan> {
  const graph = graphOf(testCase);
  const done = new Set<string>();
  return async function* (device, includes) {
    for (const { kernel, spec } of specsOf(testCase, graph, device.capabilities)) {
      if (!includes(kernel)) continue;
      const checked = await checkPlan(device, testCase, graph, spec, done);
      if (checked) yield checked;
    }
  };
}

/** A plan that a check would run: the kernel that it asks for, undefined for the first choices. */
export interface CheckPlan {
  readonly kernel: string | undefined;
  readonly steps: readonly PlannedDispatch[];
}

/** Returns the plans that a check would run, without a GPU. */
export function planCheck(testCase: OpCase, target: PlanTarget): CheckPlan[] {
  const specs = specsOf(testCase, graphOf(testCase), target.capabilities);
  return specs.map(({ kernel, spec }) => ({ kernel, steps: planDispatches(target, spec) }));
}

/** A plan with the first choices, and one for each other kernel that an op of the graph offers. */
function specsOf(testCase: OpCase, graph: CaseGraph, capabilities: Capabilities) {
  const gradients = [...graph.gradients.values()].filter((tensor) => tensor !== undefined);
  const outputs = [graph.output, ...gradients];
  const others = nodesFor(outputs).flatMap((node) => {
    const [, ...more] = kernelsOf(node, capabilities);
    return more.map(({ name }) => name);
  });
  return [undefined, ...new Set(others)].map((kernel) => {
    const choose: ChooseKernel = (_node, offered) =>
      kernel !== undefined && offered.includes(kernel) ? kernel : offered[0];
    return {
      kernel,
      spec: { name: testCase.name, outputs, choose, halfStorage: testCase.pack },
    };
  });
}

const kernelsIn = (steps: readonly PlannedDispatch[]) => [
  ...new Set(steps.map(({ node, kernel }) => kernelKey(node.op.name, kernel))),
];

/** Describes dispatches as a string: two kernels, or two devices, may run the same. */
function describeDispatches(steps: readonly PlannedDispatch[]): string {
  const dispatches = steps.map(({ dispatch }) => {
    const { shader, constants, uniforms, workgroups } = dispatch;
    return { shader: shader.name, constants, uniforms, workgroups };
  });
  return JSON.stringify(dispatches);
}

/**
 * Runs the graph with the kernels of `spec.choose` and compares everything that it computes, unless
 * the same dispatches are in `done`: undefined.
 */
async function checkPlan(
  device: Device,
  testCase: OpCase,
  graph: CaseGraph,
  spec: PlanSpec & { readonly choose: ChooseKernel },
  done: Set<string>,
): Promise<CheckedPlan | undefined> {
  const kernelOf = (node: Node) => chosenKernel(node, device.capabilities, spec.choose);
  let steps: readonly PlannedDispatch[] = [];
  /** The op and the kernel that write a tensor: fusion may have put others instead of its node's. */
  const makerOf = (tensor: Tensor) => {
    const step = steps.findLast((one) => writtenBy(one).includes(tensor));
    if (step) return { op: step.node.op.name, kernel: step.kernel };
    const { node } = tensor;
    return node ? { op: node.op.name, kernel: kernelOf(node).name } : { op: "", kernel: "" };
  };
  const rowOf = (
    what: string,
    maker: { readonly op: string; readonly kernel: string },
    error: number,
    tolerance: number,
    why?: string,
  ) => {
    const passed = error <= tolerance;
    const problem =
      `${testCase.name}, kernel ${maker.kernel}: ` +
      (why ?? `${what} is off by ${Number(error.toPrecision(3))}, the tolerance is ${tolerance}`);
    return { what, ...maker, error, tolerance, passed, problem: passed ? undefined : problem };
  };
  let plan: Plan;
  try {
    steps = planDispatches(device, spec);
    const dispatches = describeDispatches(steps);
    if (done.has(dispatches)) return undefined;
    done.add(dispatches);
    plan = await compilePlan(poisonedDevice(device), spec);
  } catch (error) {
    device.checkOpen(); // a lost device is not the fault of the kernel
    const reason = (error as Error).message;
    const rows = [rowOf("forward", makerOf(graph.output), Number.NaN, 0, reason)];
    return { kernels: kernelsIn(steps), rows };
  }
  try {
    for (const { tensor, values } of graph.inputs.values()) {
      const { buffer, offset = 0 } = plan.place(tensor);
      device.gpu.queue.writeBuffer(buffer, offset, toLayoutAmidNaN(tensor, values));
    }
    plan.run();
    const expected = graph.expected();
    // Of a plan with factors or storage in 16 bits every result is only that exact.
    const isHalf = nodesFor([...spec.outputs]).some((node) => kernelOf(node).hasHalfFactors);
    const pack = testCase.pack || isHalf;
    const forward = Math.max(
      ...nodesFor([graph.output]).map((node) => toleranceOf(node, kernelOf(node))),
    );
    const compare = async (
      what: string,
      tensor: Tensor,
      values: ArrayLike<number>,
      most: number,
    ) => {
      const maker = makerOf(tensor);
      const found = await readWhole(device, plan, tensor);
      const rows = [rowOf(what, maker, relativeError(found.values, values), most)];
      const { past } = found;
      const why = `${what} has ${past} past the width of ${tensor.shape[3]} pixels, expected 0`;
      if (past !== undefined) rows.push(rowOf(`padding of ${what}`, maker, Math.abs(past), 0, why));
      return rows;
    };
    const most = testCase.tolerance ?? (pack ? TOLERANCES.f16 : forward);
    const rows = await compare("forward", graph.output, expected.output, most);
    for (const [name, tensor] of graph.gradients) {
      const what = `gradient of ${name}`;
      const most = pack ? TOLERANCES.f16 : TOLERANCES.gradient;
      if (tensor) rows.push(...(await compare(what, tensor, expected.gradients[name], most)));
      else rows.push(rowOf(what, { op: "", kernel: "" }, Number.NaN, most, `there is no ${what}`));
    }
    const halves = steps.filter(({ node }) => kernelOf(node).hasHalfFactors);
    return { kernels: kernelsIn(steps), halfKernels: kernelsIn(halves), rows };
  } finally {
    plan.close();
  }
}

/**
 * Lays out a tensor in memory with NaN and large numbers where nothing may be read: in the groups
 * past the last one of a row. A comparison would not see NaN.
 */
function toLayoutAmidNaN(tensor: Tensor, values: Float32Array): Float32Array<ArrayBuffer> {
  const memory = toLayout(tensor, values);
  if (tensor.layout === "dense") return memory;
  const { columnOf, readable } = rowsOf(tensor);
  return memory.map((value, i) =>
    columnOf(i) < readable ? value : i % 2 === 0 ? Number.NaN : 1e30,
  );
}

/** Returns how the rows of an image tensor are laid out in its memory. */
function rowsOf(tensor: Tensor) {
  const { c, w, blocks, groups } = imageSizes(tensor);
  return {
    width: w,
    /** The end of the last group of four pixels: what follows may have any value. */
    readable: groups * 4,
    /** Returns the x of the pixel at float `i`. */
    columnOf: (i: number) => (Math.floor(i / BLOCK / c) % blocks) * BLOCK + (i % BLOCK),
  };
}

/**
 * Reads an output with its padding. Returns its values, row-major, and the largest magnitude past
 * the width of a row where 0 is required; undefined for a dense tensor.
 */
export async function readWhole(
  device: Device,
  plan: Plan,
  tensor: Tensor,
): Promise<{ readonly values: Float32Array; readonly past: number | undefined }> {
  const { buffer, offset = 0 } = plan.place(tensor);
  const memory = await readBuffer(device, buffer, offset, byteCount(tensor));
  const values = fromLayout(tensor, memory);
  if (tensor.layout === "dense") return { values, past: undefined };
  const { width, readable, columnOf } = rowsOf(tensor);
  let past = 0;
  for (const [i, value] of memory.entries()) {
    if (value === 0) continue;
    const x = columnOf(i);
    if (x >= width && x < readable && !(Math.abs(value) <= Math.abs(past))) past = value;
  }
  return { values, past };
}
