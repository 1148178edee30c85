// A plan: a graph made ready to run. Every tensor has a place, every dispatch a pipeline and a bind
// group; a run (plan-run.ts) writes the inputs and replays the same commands in one submit. Nothing is
// read back unless asked.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { ChooseKernel } from "../graph/choose-kernel.js";
import type { HalfStorage } from "../graph/half-storage.js";
import type { Pausable } from "../graph/pausable.js";
import type { Node, Tensor } from "../graph/tensor.js";
import { allocate } from "./allocate.js";
import { type Command, type CompiledDispatch, createCommands, encode } from "./commands.js";
import { type Device, GpuError } from "./device.js";
import { createFaults } from "./guard.js";
import { checkSizes, type MemoryPlan, type MemoryUse, planMemory } from "./memory-plan.js";
import { pipelineKey } from "./pipelines.js";
import { checkRead, checkSpec, writtenStates } from "./plan-check.js";
import { type Inputs, planInputs } from "./plan-inputs.js";
import { type PlanCore, planOf } from "./plan-run.js";
import { f16Bindings, type PlannedDispatch, planDispatchesInPieces } from "./planned-dispatches.js";
import { withNode } from "./refused-node.js";
import { type Abortable, createSlices, type Slices } from "./slices.js";
import type { RunTimes } from "./timing.js";
import type { DispatchWork } from "./work.js";

export interface PlanSpec {
  readonly name: string;
  /** Tensors that can be read after a run. */
  readonly outputs: readonly Tensor[];
  /**
   * Nodes that change states, and nodes that must run between them; they run last, in this order, after
   * every other reader of the states.
   */
  readonly updates?: readonly Node[] | undefined;
  /** The buffers of the states that the graph names. */
  readonly states?: Readonly<Record<string, GPUBuffer>> | undefined;
  /** Tensors that a node writes into a state in place of planned memory. */
  readonly outputsInto?:
    | ReadonlyMap<Tensor, { readonly state: string; readonly offset: number }>
    | undefined;
  /**
   * Whether the states keep their values as long as the plan lives: what follows from states and
   * constants alone is then computed in the first run only.
   */
  readonly statesAreConstant?: boolean | undefined;
  /** Packs what waits for a later reader (graph/half-storage.ts): nothing when left out. */
  readonly halfStorage?: HalfStorage | undefined;
  /** Picks the kernels of the nodes; the device's table of choices when left out. */
  readonly choose?: ChooseKernel | undefined;
}

export type { Inputs } from "./plan-inputs.js";

export interface Plan {
  readonly memory: MemoryUse;
  readonly pipelineCount: number;
  readonly dispatchCount: number;
  /** Multiply-adds of one run, by the direct method. */
  readonly multiplyAdds: number;
  /** What each dispatch of a run does, in order: for profiles. */
  readonly work: readonly DispatchWork[];
  /**
   * Writes the given inputs (others keep their values) and submits one run. Throws where an input was
   * never given, or cannot have such values, before anything is written; and from the first run on
   * that the GPU refused, of whose error it is told after the run has returned.
   */
  run(inputs?: Inputs): void;
  /**
   * The same run, bit for bit, in `count` submits of about equal work, each after the one before is
   * done: where the GPU also draws a page, the page waits for one part at most. Resolves when the
   * run is done.
   */
  runInParts(count: number, inputs?: Inputs): Promise<void>;
  /**
   * A run like any other, with the time of each dispatch (timing.ts). Resolves when it is done;
   * slower than `run`, since every dispatch is a pass of its own.
   */
  runTimed(inputs?: Inputs): Promise<RunTimes>;
  /**
   * The values of an output after the last run, row-major. Throws for a tensor between: its memory
   * serves others, so name it among the outputs.
   */
  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>>;
  /**
   * Where an output lies on the GPU, in its order (layout.ts): for kernels of the caller. An input's
   * place counts as given: the caller writes it.
   */
  place(tensor: Tensor): GPUBufferBinding;
  /** A plan of the first `count` dispatches alone, in the memory of this one: closed with it. */
  first(count: number): Plan;
  /** Releases what it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

const SPEC: Keys<PlanSpec> = {
  name: 1,
  outputs: 1,
  updates: 1,
  states: 1,
  outputsInto: 1,
  statesAreConstant: 1,
  halfStorage: 1,
  choose: 1,
};

/**
 * Makes a graph ready to run on a device: chooses kernels, plans memory, compiles pipelines
 * concurrently, in slices of the thread. Throws before anything is allocated where a tensor passes the
 * adapter's limits.
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
    const pipelineCount = new Set(steps.map(keyOf)).size;
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
    };
    const plan = planOf(core, commands);
    device.holds.add(plan);
    return plan;
  } catch (error) {
    memory.close();
    throw error;
  }
}

const ABORTABLE: Keys<Abortable> = { signal: 1 };

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
  return { steps, memoryPlan: yield* planMemory(limits, spec, steps) };
}

async function compileSteps(
  device: Device,
  steps: readonly PlannedDispatch[],
  slices: Slices,
): Promise<CompiledDispatch[]> {
  const compiled: Promise<CompiledDispatch>[] = [];
  for (const step of steps) {
    const pending = compileStep(device, step);
    pending.catch(() => {}); // it is waited for below
    compiled.push(pending);
    await slices.pause();
  }
  return Promise.all(compiled);
}

/** Encodes a run that is never submitted: what it would get wrong is an error now, with its node. */
function* rehearse(gpu: GPUDevice, name: string, commands: readonly Command[]): Pausable<void> {
  for (let at = 0; at < commands.length; at += REHEARSED) {
    const encoder = gpu.createCommandEncoder({ label: name });
    encode(encoder, name, commands.slice(at, at + REHEARSED), { isNamed: true });
    encoder.finish();
    yield;
  }
}

/** Commands that are rehearsed at once: some milliseconds of work. */
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

const keyOf = (step: PlannedDispatch) =>
  pipelineKey(step.dispatch.shader, step.dispatch.constants ?? {}, f16Bindings(step));
