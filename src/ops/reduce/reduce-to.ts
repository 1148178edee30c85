// Reductions with their gradients.

import { type Shape, sameShape, type Tensor } from "../../graph/tensor.js";
import { viewsOf } from "../formula/broadcast.js";
import { formula } from "../formula/formula-op.js";
import { applyReduce, type ReduceAttributes } from "./reduce-op.js";

/** Which axes are reduced, and what the result is. */
export type ReduceSpec = Omit<ReduceAttributes, "gradientOf">;

/** Returns the reduction of a tensor. */
export function reduceTo(x: Tensor, spec: ReduceSpec, name?: string): Tensor {
  return applyReduce(x, { ...spec, gradientOf }, name);
}

const reduced = (view: Shape, axes: readonly number[]) =>
  view.map((size, i) => (axes.includes(i) ? 1 : size));

const gradientOf: NonNullable<ReduceAttributes["gradientOf"]> = (node, dy) => {
  const { inputs, attributes, name } = node;
  const [x] = inputs;
  const { kind, view, axes, factor } = attributes;
  const small = reduced(view, axes);
  /** A formula of the size of x. */
  const overX = (tensors: Record<string, Tensor>, value: string, what: string, numbers = {}) => {
    const shapes = Object.values(tensors).map((tensor) => (sameShape(tensor, x) ? view : small));
    return formula(
      Object.values(tensors),
      {
        ...{ names: Object.keys(tensors), views: viewsOf(name, shapes, view), value, numbers },
        ...{ shape: x.shape, layout: x.layout, lets: [], functions: "", reach: 0 },
      },
      `${name} gradient${what}`,
    );
  };
  if (kind === "sum") return overX({ dy }, "dy * factor", "", { factor });
  // Computed again: x may have been rounded to 16 bits since, so that it has no equal in y.
  const y = applyReduce(x, { ...attributes, shape: small }, `${name} again`);
  const equal = overX({ x, y }, "select(0.0, 1.0, x == y)", ": equal ones");
  const sums = { view, axes, kind: "sum", factor: 1, shape: small, layout: "dense" } as const;
  const count = reduceTo(equal, sums, `${name}: number of equal ones`);
  return overX({ x, y, dy, count }, "select(0.0, dy / count, x == y)", "");
};
