// Runs a plan: writes the inputs, replays the commands, reads outputs.

import { fromLayout } from "../graph/layout.js";
import type { Node } from "../graph/op.js";
import { expectTensor, type Tensor } from "../graph/tensor.js";
import type { Memory } from "./allocate.js";
import { type Command, encode, encodeCopies } from "./commands.js";
import type { Device } from "./device.js";
import { GpuError } from "./errors.js";
import type { Faults } from "./guard.js";
import type { MemoryUse } from "./memory-plan.js";
import { inParts, splitOnce } from "./parts.js";
import type { PlanInputs } from "./plan-inputs.js";
import type { Inputs, PlanSpec } from "./plan-spec.js";
import { readBuffer } from "./read.js";
import type { RunTimes } from "./timing.js";
import { type DispatchWork, workOf } from "./work.js";

/** A compiled graph. Run it as often as wanted: every run replays the same commands. */
export interface Plan {
  /** Bytes on the GPU, by purpose. */
  readonly memory: MemoryUse;
  /** Number of different pipelines. */
  readonly pipelineCount: number;
  /** Dispatches of one run. */
  readonly dispatchCount: number;
  /** Multiply-adds of one run, by the direct method. */
  readonly multiplyAdds: number;
  /** The work of each dispatch of a run, in order: for profiles. */
  readonly work: readonly DispatchWork[];
  /**
   * Writes the given inputs (others keep their values) and submits one run. Throws if an input was
   * never given or its values are invalid, before anything is written. Throws if the GPU refused an
   * earlier run, since such errors are only known after a run has returned.
   */
  run(inputs?: Inputs): void;
  /**
   * The same run, bit for bit, in `count` submits of about equal work, each submitted after the
   * previous one is done. If the GPU also draws a page, the page waits for at most one part.
   * Resolves when the run is done.
   */
  runInParts(count: number, inputs?: Inputs): Promise<void>;
  /**
   * The same run with the time of each dispatch (timing.ts). Resolves when it is done. Slower than
   * `run`, since every dispatch has a compute pass of its own.
   */
  runTimed(inputs?: Inputs): Promise<RunTimes>;
  /**
   * Reads the values of an output after the last run, row-major. Throws if the tensor is not among
   * the outputs: the memory of intermediates is reused.
   */
  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>>;
  /**
   * Returns where an output is stored on the GPU, in its layout (layout.ts), for kernels of the
   * caller. If it is an input, the caller is expected to write it through this buffer.
   */
  place(tensor: Tensor): GPUBufferBinding;
  /**
   * Returns a plan of only the first `until` dispatches, or of those up to the last of the node
   * `until`. It shares the memory of this plan and is closed with it. Throws if the plan does not
   * run the node.
   */
  first(until: number | Node): Plan;
  /**
   * Returns the WGSL that runs for a node, given by its name, by itself or as the node of a tensor:
   * a text per dispatch, with constants and written-out loops. A node that was fused runs as a part
   * of another. Throws if the plan runs no such node.
   */
  wgsl(node: string | Node): string[];
  /** Releases the plan's memory on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** What a plan shares with the plans of its first dispatches. */
export interface PlanCore {
  readonly device: Device;
  readonly spec: PlanSpec;
  readonly memory: Memory;
  readonly inputs: PlanInputs;
  readonly faults: Faults;
  readonly counts: Pick<Plan, "memory" | "pipelineCount">;
  /** In how many submits a run is submitted, without waiting in between. */
  readonly submits: number;
}

export function planOf(core: PlanCore, commands: readonly Command[]): Plan {
  const { device, spec, memory, faults, counts } = core;
  const checkOpen = () => {
    // Check the device first, since closing it closes its plans.
    device.checkOpen();
    if (memory.isClosed) throw new GpuError(`plan ${spec.name} is closed`);
    faults.check();
    checkStates(core);
  };
  const split = splitOnce(commands);
  const { once, each } = split;
  const work = workOf(each);
  const close = () => {
    memory.close();
    device.holds.delete(plan);
  };
  const plan: Plan = {
    ...counts,
    dispatchCount: each.length,
    multiplyAdds: work.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    work,
    ...runsOf(core, checkOpen, split),
    ...readsOf(core, checkOpen),
    first(until) {
      const count =
        typeof until === "number"
          ? until
          : 1 + each.findLastIndex(({ step }) => step.node === until);
      if (typeof until === "object" && count === 0) {
        throw new Error(`plan ${spec.name} does not run the node ${until.name}`);
      }
      return planOf(core, commands.slice(0, once.commands.length + count));
    },
    wgsl(wanted) {
      const name = typeof wanted === "string" ? wanted : wanted.name;
      const outputs = typeof wanted === "string" ? [] : wanted.outputs;
      const found = commands.filter(({ step: { node } }) =>
        outputs.length > 0
          ? node.outputs.some((tensor) => outputs.includes(tensor))
          : node.name === name,
      );
      if (found.length > 0) return found.map(({ step }) => step.pipeline.code);
      const names = new Set(commands.map(({ step }) => step.node.name));
      throw new Error(`plan ${spec.name} runs no node ${name}: it runs ${[...names].join(", ")}`);
    },
    close,
    [Symbol.dispose]: close,
  };
  return plan;
}

/** Throws if the GPU refused to write a state that the plan uses. */
function checkStates({ device, spec: { states = {} } }: PlanCore): void {
  for (const buffer of Object.values(states)) {
    const error = device.spoilt.get(buffer);
    if (error) throw error;
  }
}

function runsOf(
  { device, spec: { name }, inputs: given, faults, submits }: PlanCore,
  checkOpen: () => void,
  { once, each }: ReturnType<typeof splitOnce>,
): Pick<Plan, "run" | "runInParts" | "runTimed"> {
  const { gpu } = device;
  let isFirst = true;
  const submit = (commands: readonly Command[]) => {
    const encoder = gpu.createCommandEncoder({ label: name });
    if (isFirst) {
      encode(encoder, name, once.commands);
      encodeCopies(encoder, once.copies);
    }
    isFirst = false;
    encode(encoder, name, commands);
    gpu.queue.submit([encoder.finish()]);
  };
  const begin = (inputs: Inputs) => {
    checkOpen();
    given.check(inputs);
  };
  return {
    run(inputs = {}) {
      begin(inputs);
      faults.guard(() => {
        given.write(inputs);
        if (submits === 1) submit(each);
        else for (const part of inParts(each, submits)) submit(part);
      });
    },
    async runInParts(count, inputs = {}) {
      begin(inputs);
      faults.guard(() => given.write(inputs));
      for (const part of inParts(each, count)) {
        checkOpen();
        faults.guard(() => submit(part));
        await device.idle();
      }
      checkOpen();
    },
    async runTimed(inputs = {}) {
      const { runTimed } = await import("./timing.js");
      begin(inputs);
      faults.guard(() => {
        given.write(inputs);
        submit([]);
      });
      const times = await runTimed(device, name, each, { encode, encodeCopies });
      checkOpen();
      return times;
    },
  };
}

function readsOf(core: PlanCore, checkOpen: () => void): Pick<Plan, "read" | "place"> {
  const { device, spec, memory, inputs: given, faults } = core;
  const expectKept = (tensor: Tensor) => {
    checkOpen();
    expectTensor(`plan ${spec.name}`, "the argument of read", tensor);
    if (!tensor.node || spec.outputs.includes(tensor) || spec.outputsInto?.has(tensor)) return;
    throw new Error(
      `plan ${spec.name} does not keep the tensor ${tensor.name}: name it among its outputs`,
    );
  };
  return {
    async read(tensor) {
      expectKept(tensor);
      const { buffer, offset, size } = memory.binding(tensor);
      const values = await readBuffer(device, buffer, offset ?? 0, size as number, (memory) =>
        fromLayout(tensor, memory),
      );
      await faults.known();
      faults.check();
      checkStates(core);
      return values;
    },
    place(tensor) {
      expectKept(tensor);
      given.leave(tensor);
      return memory.binding(tensor);
    },
  };
}
