// A plan: a graph made ready to run. Every tensor has a place, every dispatch a pipeline and a bind
// group; a run writes the inputs and replays the same commands in one submit. Nothing is read back
// unless asked.

import type { ChooseKernel } from "../graph/kernels.js";
import { pack, unpack } from "../graph/order.js";
import type { Pack } from "../graph/storage.js";
import { type Node, type Tensor, text } from "../graph/tensor.js";
import {
  type Command,
  type CompiledStep,
  createCommands,
  encode,
  encodeCopies,
} from "./commands.js";
import { type Device, GpuError, oneLine } from "./device.js";
import { allocate, type Memory } from "./memory.js";
import { checkSizes, type MemoryUse, planMemory } from "./memory-plan.js";
import { inParts, splitOnce } from "./parts.js";
import { pipelineKey } from "./pipelines.js";
import { readBuffer } from "./read.js";
import { packedBindings, planSteps, type Step } from "./steps.js";
import type { RunTimes } from "./timing.js";
import { type DispatchWork, workOf } from "./work.js";

export interface PlanSpec {
  readonly name: string;
  /** Tensors that can be read after a run. */
  readonly outputs: readonly Tensor[];
  /**
   * Nodes that change states, and nodes that must run between them; they run last, in this order, after
   * every other reader of the states.
   */
  readonly updates?: readonly Node[];
  /** The buffers of the states that the graph names. */
  readonly states?: Readonly<Record<string, GPUBuffer>>;
  /** Tensors that a node writes into a state in place of planned memory. */
  readonly placed?: ReadonlyMap<Tensor, { readonly state: string; readonly offset: number }>;
  /**
   * Whether the states keep their values as long as the plan lives: what follows from states and
   * constants alone is then computed in the first run only.
   */
  readonly frozen?: boolean;
  /** Packs what waits for a later reader (graph/storage.ts): nothing when left out. */
  readonly pack?: Pack | undefined;
  /** Picks the kernels of the nodes; the device's table of choices when left out. */
  readonly choose?: ChooseKernel | undefined;
}

/** Values for the inputs of a graph, by tensor name, row-major. */
export type Inputs = Readonly<Record<string, ArrayLike<number>>>;

export interface Plan {
  readonly memory: MemoryUse;
  readonly pipelineCount: number;
  readonly dispatchCount: number;
  /** Multiply-adds of one run, by the direct method. */
  readonly multiplyAdds: number;
  /** What each dispatch of a run does, in order: for profiles. */
  readonly work: readonly DispatchWork[];
  /** Writes the given inputs (others keep their values) and submits one run. */
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
  /** Where an output lies on the GPU, in its order (order.ts): for kernels of the caller. */
  place(tensor: Tensor): GPUBufferBinding;
  /** A plan of the first `count` dispatches alone, in the memory of this one: closed with it. */
  first(count: number): Plan;
  close(): void;
}

/**
 * Makes a graph ready to run on a device: chooses kernels, plans memory, compiles pipelines
 * concurrently. Throws before anything is allocated where a tensor passes the adapter's limits.
 */
export async function compilePlan(device: Device, spec: PlanSpec): Promise<Plan> {
  device.check();
  const steps = planSteps(device, spec);
  checkSizes(
    device.gpu.limits,
    steps.map(({ dispatch }) => dispatch),
  );
  const memoryPlan = planMemory(device.gpu.limits, spec, steps);
  const compiled = await device.wait(Promise.all(steps.map((step) => compileStep(device, step))));
  // No await between the two: the error scopes of a device are one stack.
  device.gpu.pushErrorScope("out-of-memory");
  device.gpu.pushErrorScope("validation");
  let memory: Memory | undefined;
  let commands: readonly Command[] = [];
  let failure: unknown;
  try {
    memory = allocate(device, spec, memoryPlan);
    commands = createCommands(device.gpu, spec.name, compiled, memory);
    // A rehearsal, never submitted: what a run would get wrong is an error now, with its node.
    const encoder = device.gpu.createCommandEncoder({ label: spec.name });
    encode(encoder, spec.name, commands, { isNamed: true });
    encoder.finish();
  } catch (error) {
    failure = error;
  }
  const scopes = [device.gpu.popErrorScope(), device.gpu.popErrorScope()];
  const [invalid, exhausted] = await Promise.all(scopes);
  const reported = invalid ?? exhausted;
  if (failure || reported || !memory) {
    memory?.close();
    throw failure ?? new GpuError(`plan ${spec.name}: ${oneLine(reported?.message ?? "")}`);
  }
  const pipelineCount = new Set(steps.map(keyOf)).size;
  return planOf(device, spec, commands, memory, { memory: memoryPlan.use, pipelineCount });
}

async function compileStep(device: Device, step: Step): Promise<CompiledStep> {
  const { node, dispatch } = step;
  try {
    const { shader, constants = {} } = dispatch;
    const pipeline = await device.pipelines.get(shader, constants, packedBindings(step));
    return { ...step, pipeline };
  } catch (error) {
    throw new GpuError(`node ${node.name}: ${(error as Error).message}`);
  }
}

function planOf(
  device: Device,
  spec: PlanSpec,
  commands: readonly Command[],
  memory: Memory,
  counts: Pick<Plan, "memory" | "pipelineCount">,
): Plan {
  const { gpu } = device;
  const write = (inputs: Inputs) => {
    for (const [name, values] of Object.entries(inputs)) {
      const tensor = memory.inputs.get(name);
      if (!tensor) {
        const known = [...memory.inputs.keys()].join(", ") || "none";
        throw new Error(`plan ${spec.name} has no input ${name}: it has ${known}`);
      }
      const count = tensor.shape.reduce((product, size) => product * size, 1);
      if (values.length !== count) {
        throw new Error(
          `input ${name} ${text(tensor.shape)} takes ${count} values, got ${values.length}`,
        );
      }
      gpu.queue.writeBuffer(memory.binding(tensor).buffer, 0, pack(tensor, values));
    }
  };
  const checkOpen = () => {
    if (memory.isClosed) throw new GpuError(`plan ${spec.name} is closed`);
    device.check();
  };
  const expectKept = (tensor: Tensor) => {
    checkOpen();
    if (!tensor.node || spec.outputs.includes(tensor) || spec.placed?.has(tensor)) return;
    throw new Error(
      `plan ${spec.name} does not keep the tensor ${tensor.name}: name it among its outputs`,
    );
  };
  const { once, each } = splitOnce(commands);
  let isFirst = true;
  const start = () => {
    const encoder = gpu.createCommandEncoder({ label: spec.name });
    if (isFirst) {
      encode(encoder, spec.name, once.commands);
      encodeCopies(encoder, once.copies);
    }
    isFirst = false;
    return encoder;
  };
  const work = workOf(each);
  return {
    ...counts,
    dispatchCount: each.length,
    multiplyAdds: work.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    work,
    run(inputs = {}) {
      checkOpen();
      write(inputs);
      const encoder = start();
      encode(encoder, spec.name, each);
      gpu.queue.submit([encoder.finish()]);
    },
    async runInParts(count, inputs = {}) {
      checkOpen();
      write(inputs);
      for (const part of inParts(each, work, count)) {
        checkOpen();
        const encoder = start();
        encode(encoder, spec.name, part);
        gpu.queue.submit([encoder.finish()]);
        await device.idle();
      }
      device.check();
    },
    async runTimed(inputs = {}) {
      const { runTimed } = await import("./timing.js");
      checkOpen();
      write(inputs);
      gpu.queue.submit([start().finish()]);
      const times = await runTimed(device, spec.name, each, { encode, encodeCopies });
      device.check();
      return times;
    },
    async read(tensor) {
      expectKept(tensor);
      const { buffer, offset, size } = memory.binding(tensor);
      return unpack(tensor, await readBuffer(device, buffer, offset ?? 0, size as number));
    },
    place(tensor) {
      expectKept(tensor);
      return memory.binding(tensor);
    },
    first: (count) =>
      planOf(device, spec, commands.slice(0, once.commands.length + count), memory, counts),
    close: memory.close,
  };
}

const keyOf = (step: Step) =>
  pipelineKey(step.dispatch.shader, step.dispatch.constants ?? {}, packedBindings(step));
