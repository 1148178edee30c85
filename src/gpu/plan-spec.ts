// The specification of a plan.

import type { ChooseKernel } from "../graph/choose-kernel.js";
import type { HalfStorage } from "../graph/half-storage.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";

/** Values for the inputs of a graph, by tensor name, row-major. */
export type Inputs = Readonly<Record<string, ArrayLike<number>>>;

/** What a plan computes. */
export interface PlanSpec {
  /** Begins its errors and the labels on the GPU. */
  readonly name: string;
  /** Tensors to read after a run. */
  readonly outputs: readonly Tensor[];
  /**
   * Nodes that change states, and nodes that must run between them. They run last, in this order,
   * after every other reader of the states.
   */
  readonly updates?: readonly Node[] | undefined;
  /** The buffers of the states that the graph uses. */
  readonly states?: Readonly<Record<string, GPUBuffer>> | undefined;
  /** Tensors to write into a state instead of planned memory. */
  readonly outputsInto?:
    | ReadonlyMap<Tensor, { readonly state: string; readonly offset: number }>
    | undefined;
  /**
   * Whether the states keep their values during the life of the plan. What depends only on states
   * and constants is then computed in the first run only.
   */
  readonly statesAreConstant?: boolean | undefined;
  /**
   * Stores tensors that wait for a later reader as f16 (graph/half-storage.ts). By default none.
   */
  readonly halfStorage?: HalfStorage | undefined;
  /**
   * Whether kernels whose factors have 16 bits may be chosen, if an examination found them right on
   * the adapter (`Device.proven`). By default not.
   */
  readonly halfFactors?: boolean | undefined;
  /** Chooses the kernels of the nodes. By default the device's tuning table does. */
  readonly choose?: ChooseKernel | undefined;
}
