// Compiles a graph to a plan. Every tensor gets a place in memory, every dispatch a pipeline and a
// bind group. A run (plan-run.ts) writes the inputs and replays the same commands in one submit.
// Nothing is read back unless asked for.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { finish, type Pausable } from "../graph/pausable.js";
import { allocate } from "./allocate.js";
import { type Command, type CompiledDispatch, createCommands, encode } from "./commands.js";
import type { Device } from "./device.js";
import { boundBy, f16Bindings, type PlannedDispatch } from "./dispatch-bindings.js";
import { GpuError } from "./errors.js";
import { createFaults } from "./guard.js";
import type { boundTimes } from "./long-dispatches.js";
import { checkSizes, checkTotal, type MemoryPlan, planMemory } from "./memory-plan.js";
import { costOf, hasMuchWork, LARGE } from "./parts.js";
import { checkRead, checkSpec, writtenStates } from "./plan-check.js";
import { planInputs } from "./plan-inputs.js";
import type { Plan } from "./plan-run.js";
import { type PlanCore, planOf } from "./plan-run.js";
import type { PlanSpec } from "./plan-spec.js";
import { planDispatchesInPieces } from "./planned-dispatches.js";
import { withNode } from "./refused-node.js";
import { type Abortable, createSlices, type Slices } from "./slices.js";

const SPEC: Keys<PlanSpec> = {
  name: 1,
  outputs: 1,
  updates: 1,
  states: 1,
  outputsInto: 1,
  statesAreConstant: 1,
  halfStorage: 1,
  halfFactors: 1,
  choose: 1,
};

/**
 * Compiles a graph for a device: chooses kernels, plans memory, and compiles pipelines
 * concurrently, in slices of the thread. Throws before anything is allocated if a tensor exceeds
 * the adapter's limits.
 */
export async function compilePlan(
  device: Device,
  spec: PlanSpec,
  options: Abortable = {},
): Promise<Plan> {
  device.checkOpen();
  checkKeys("compilePlan", spec, SPEC);
  checkKeys("compilePlan", options, ABORTABLE);
  const nodes = checkSpec(device.gpu.limits, spec);
  const slices = createSlices(options);
  const { steps, memoryPlan } = await slices.run(layOut(device, spec));
  const compiled = await slices.wait(device.wait(compileSteps(device, steps, slices)));
  device.checkOpen();
  const refusals: Promise<GpuError | undefined>[] = [];
  const guard = <R>(work: () => R): R => {
    const { value, refused } = device.guard(`plan ${spec.name}`, work);
    refusals.push(refused);
    return value;
  };
  const memory = guard(() => allocate(device, spec, memoryPlan));
  try {
    const made = createCommands(device.gpu, spec.name, compiled, memory);
    const commands = await slices.run(made, guard);
    await slices.run(rehearse(device.gpu, spec.name, commands), guard);
    const errors = await slices.wait(Promise.all(refusals));
    device.checkOpen();
    const error = errors.find((found) => found !== undefined);
    if (error) throw await withNode(device, error, compiled, memory);
    const bounded = await slices.wait(bound(device, { spec, memory, commands }));
    device.checkOpen();
    const pipelineCount = new Set(compiled.map(({ pipeline }) => pipeline)).size;
    const written = writtenStates(spec, steps);
    const core: PlanCore = {
      device,
      spec,
      memory,
      inputs: planInputs(device.gpu, spec.name, memory, nodes),
      faults: createFaults(device, `plan ${spec.name}`, (failure) => {
        for (const buffer of written) device.spoilt.set(buffer, failure);
      }),
      counts: { memory: memoryPlan.use, pipelineCount },
      submits: bounded.submits,
    };
    const plan = planOf(core, bounded.commands);
    device.holds.add(plan);
    return plan;
  } catch (error) {
    memory.close();
    throw error;
  }
}

/** The commands of a run, none of them longer than a driver or a page can bear. */
async function bound(device: Device, made: Omit<Parameters<typeof boundTimes>[1], "engine">) {
  const { kind } = device.capabilities;
  const isShort = !hasMuchWork(kind, made.commands);
  if (isShort && !device.slicesOf) return { commands: made.commands, submits: 1 };
  const { boundTimes } = await import("./long-dispatches.js");
  const engine = { finish, createCommands, encode, boundBy, f16Bindings, costOf };
  return boundTimes(device, { ...made, engine: { ...engine, large: LARGE[kind] } });
}

const ABORTABLE: Keys<Abortable> = { signal: 1 };

/** Returns the bytes that a plan would allocate. Throws a `MemoryError` if it does not fit. */
export const plannedBytes = (device: Device, spec: PlanSpec): number =>
  finish(layOut(device, spec)).memoryPlan.use.totalBytes;

function* layOut(
  device: Device,
  spec: PlanSpec,
): Pausable<{ steps: PlannedDispatch[]; memoryPlan: MemoryPlan }> {
  const { limits } = device.gpu;
  const steps = yield* planDispatchesInPieces(device, spec);
  checkRead(spec, steps);
  checkSizes(
    limits,
    steps.map(({ dispatch }) => dispatch),
  );
  const memoryPlan = yield* planMemory(limits, spec, steps);
  checkTotal(spec.name, memoryPlan, device.memoryBytes);
  return { steps, memoryPlan };
}

async function compileSteps(
  device: Device,
  steps: readonly PlannedDispatch[],
  slices: Slices,
): Promise<CompiledDispatch[]> {
  const compiled: Promise<CompiledDispatch>[] = [];
  for (const step of steps) {
    const pending = compileStep(device, step);
    pending.catch(() => {}); // awaited below
    compiled.push(pending);
    await slices.pause();
  }
  return Promise.all(compiled);
}

/** Encodes a run without submitting it, so that mistakes are reported now, with their node. */
function* rehearse(gpu: GPUDevice, name: string, commands: readonly Command[]): Pausable<void> {
  for (let at = 0; at < commands.length; at += REHEARSED) {
    const encoder = gpu.createCommandEncoder({ label: name });
    encode(encoder, name, commands.slice(at, at + REHEARSED), { isNamed: true });
    encoder.finish();
    yield;
  }
}

/** Commands to rehearse at once: some milliseconds of work. */
const REHEARSED = 256;

async function compileStep(device: Device, step: PlannedDispatch): Promise<CompiledDispatch> {
  const { node, dispatch } = step;
  try {
    const { shader, constants = {} } = dispatch;
    const pipeline = await device.pipelines.get(shader, constants, f16Bindings(step));
    return { ...step, pipeline };
  } catch (error) {
    throw new GpuError(`node ${node.name}: ${(error as Error).message}`);
  }
}
