// Applying ops to tensors: creates a node and checks its shapes. Nothing is computed here.

import { kindOf } from "../arguments/numbers.js";
import { expectTensor, ShapeError, type Tensor } from "./tensor.js";
import type { Node, Op, OutputSpec } from "./types.js";

export type { Kernel, Node, Op, OutputSpec, Rows } from "./types.js";

/** Applies an op to tensors. Checks the shapes immediately and computes nothing. */
export function apply<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
  name: string = op.name,
): readonly Tensor[] {
  const specs = checkedOutputs(op, inputs, attributes, name);
  const outputs: Tensor[] = [];
  const node: Node<Attributes> = { name, op, attributes, inputs, outputs };
  for (const [i, spec] of specs.entries()) {
    outputs.push({
      name: i === 0 ? name : `${name}:${i}`,
      shape: spec.shape,
      layout: spec.layout,
      dtype: spec.dtype ?? "f32",
      node,
      source: undefined,
    });
  }
  return outputs;
}

/**
 * Creates a node for the updates of a plan (`PlanSpec.updates`): it writes to states among its
 * inputs, such as parameters. Its op has no outputs. `after` are tensors that must be computed
 * before it runs although it does not read them.
 */
export function applyUpdate<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
  { name = op.name, after = [] }: { name?: string; after?: readonly Tensor[] } = {},
): Node {
  const outputs = checkedOutputs(op, inputs, attributes, name);
  if (outputs.length > 0) {
    throw new ShapeError(
      `${op.name}: an update has no outputs, but this op has ${outputs.length}: use apply`,
    );
  }
  const node: Node<Attributes> = {
    name,
    op,
    attributes,
    inputs: [...inputs, ...after],
    outputs: [],
  };
  return node;
}

/** Returns the outputs by the op's shape rule, after checking that the inputs are tensors. */
function checkedOutputs<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
  name: string,
): readonly OutputSpec[] {
  for (const [i, tensor] of inputs.entries()) expectTensor(op.name, `input ${i}`, tensor);
  if (typeof name !== "string") {
    throw new ShapeError(`${op.name}: the name must be a string, got ${kindOf(name)}`);
  }
  return op.outputs(inputs, attributes);
}
