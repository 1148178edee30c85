// What a plan is made of, and what it can do.

import type { ChooseKernel } from "../graph/choose-kernel.js";
import type { HalfStorage } from "../graph/half-storage.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import type { MemoryUse } from "./memory-plan.js";
import type { RunTimes } from "./timing.js";
import type { DispatchWork } from "./work.js";

/** Values for the inputs of a graph, by tensor name, row-major. */
export type Inputs = Readonly<Record<string, ArrayLike<number>>>;

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
  /**
   * A plan of only the first `until` dispatches, or of those up to the last of the node `until`, in the
   * memory of this one: closed with it. Throws for a node that the plan does not run.
   */
  first(until: number | Node): Plan;
  /** Releases what it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}
