// What a plan is made of.

import type { ChooseKernel } from "../graph/choose-kernel.js";
import type { HalfStorage } from "../graph/half-storage.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";

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
  /** Tensors that a node writes into a state instead of planned memory. */
  readonly outputsInto?:
    | ReadonlyMap<Tensor, { readonly state: string; readonly offset: number }>
    | undefined;
  /**
   * Whether the states keep their values as long as the plan lives: what follows only from states
   * and constants is then computed in the first run only.
   */
  readonly statesAreConstant?: boolean | undefined;
  /** Packs what waits for a later reader (graph/half-storage.ts): nothing when left out. */
  readonly halfStorage?: HalfStorage | undefined;
  /** Picks the kernels of the nodes; the device's table of choices when left out. */
  readonly choose?: ChooseKernel | undefined;
}
