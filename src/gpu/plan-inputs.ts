// The inputs of a plan. The caller's values are checked before any of them is written.

import { checkNumbers } from "../arguments/numbers.js";
import { toLayout } from "../graph/layout.js";
import type { Node } from "../graph/op.js";
import { elementCount, type Tensor, text } from "../graph/tensor.js";
import type { Memory } from "./allocate.js";
import type { Inputs } from "./plan-spec.js";

export interface PlanInputs {
  /** Throws if a run with these inputs is impossible. Nothing is written in that case. */
  check(inputs: Inputs): void;
  write(inputs: Inputs): void;
  /** Marks an input as written by the caller through its buffer (`Plan.place`). */
  leave(tensor: Tensor): void;
}

/** `nodes`: the nodes of the graph before fusion. */
export function planInputs(
  { queue }: GPUDevice,
  plan: string,
  memory: Pick<Memory, "inputs" | "binding">,
  nodes: readonly Node[],
): PlanInputs {
  const missing = new Set(memory.inputs.values());
  const checks = nodes.filter(({ op, inputs }) => op.checkValues && inputs.some(isInput));
  const tensorOf = (name: string): Tensor => {
    const tensor = memory.inputs.get(name);
    if (tensor) return tensor;
    const known = [...memory.inputs.keys()].join(", ") || "none";
    throw new Error(`plan ${plan} has no input ${name}: it has ${known}`);
  };
  return {
    check(inputs) {
      const given = new Map<Tensor, ArrayLike<number>>();
      for (const [name, values] of Object.entries(inputs)) {
        const tensor = tensorOf(name);
        const what = `input ${name} ${text(tensor.shape)}`;
        checkNumbers(what, values);
        const count = elementCount(tensor.shape);
        if (values.length !== count) {
          throw new Error(`${what} takes ${count} values, got ${values.length}`);
        }
        given.set(tensor, values);
      }
      for (const tensor of missing) {
        if (given.has(tensor)) continue;
        const { name, shape } = tensor;
        throw new Error(
          `plan ${plan}: the input ${name} ${text(shape)} was never given: pass it to the first run`,
        );
      }
      for (const node of checks) node.op.checkValues?.(node, (tensor) => given.get(tensor));
    },
    write(inputs) {
      for (const [name, values] of Object.entries(inputs)) {
        const tensor = tensorOf(name);
        queue.writeBuffer(memory.binding(tensor).buffer, 0, toLayout(tensor, values));
        missing.delete(tensor);
      }
    },
    leave: (tensor) => void missing.delete(tensor),
  };
}

const isInput = ({ source }: Tensor) => source?.kind === "input";
