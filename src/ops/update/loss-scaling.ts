// Dynamic loss scaling (Micikevicius et al. 2018, "Mixed precision training", section 3.2): gradients
// that are kept in 16 bits would vanish below 6e-8, so the loss is multiplied by a scale and the
// gradients of the parameters are divided by it. A step whose gradients overflow changes nothing and
// halves the scale; many steps without an overflow double it. All on the GPU: nothing is read back.
// A step that is skipped counts as a step, for the learning rate and for Adam's corrections.

import {
  apply,
  expectDense,
  type Node,
  type Op,
  stateTensor,
  type Tensor,
} from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

/**
 * Floats of the state: the scale, a power of two; 1 / scale; steps since the scale changed; steps
 * that were skipped in all; 1 within a step that overflowed, else 0.
 */
export const SCALING_FLOATS = 5;

/** The state at the beginning of a run. */
export function initialScaling(scale: number): Float32Array<ArrayBuffer> {
  return Float32Array.of(scale, 1 / scale, 0, 0, 0);
}

/** The state as a tensor of the graph. */
export function scalingTensor(state: string): Tensor {
  return stateTensor("scaling", [SCALING_FLOATS], state);
}

/** x times the scale: of a weight map, so that the loss and all gradients are scaled. */
export function scaleLoss(x: Tensor, scaling: Tensor, name?: string): Tensor {
  return apply(lossScaleOp, [x, scaling], { inverse: false }, name)[0];
}

/** x divided by the scale: a loss as it is without. */
export function unscaleLoss(x: Tensor, scaling: Tensor, name?: string): Tensor {
  return apply(lossScaleOp, [x, scaling], { inverse: true }, name)[0];
}

interface LossScaleAttributes {
  readonly inverse: boolean;
}

export const lossScaleOp: Op<LossScaleAttributes> = {
  name: "loss-scale",
  outputs([x, scaling]) {
    expectDense("loss-scale", "scaling", scaling, [SCALING_FLOATS]);
    return [{ shape: x.shape, layout: x.layout }];
  },
  dispatches({ inputs: [x, scaling], outputs: [y], attributes }) {
    const constants = { INVERSE: Number(attributes.inverse) };
    return [{ ...perGroup("loss-scale", y, [x, scaling, y]), constants }];
  },
};

/** Divides the flat `gradients` by the scale: an update, before those that read them. */
export function unscaleGradients(gradients: Tensor, scaling: Tensor): Node {
  const node: Node<undefined> = {
    name: "unscale-gradients",
    op: unscaleGradientsOp,
    attributes: undefined,
    inputs: [gradients, scaling],
    outputs: [],
  };
  return node as Node;
}

export const unscaleGradientsOp: Op<undefined> = {
  name: "unscale-gradients",
  outputs: () => [],
  dispatches({ inputs: [gradients, scaling] }) {
    return [perGroup("unscale-gradients", gradients, [gradients, scaling])];
  },
};

interface AdjustAttributes {
  readonly growEvery: number;
}

/** The scale for the next step; doubled after `growEvery` steps without an overflow. */
export function adjustLossScale(scaling: Tensor, growEvery: number): Node {
  const node: Node<AdjustAttributes> = {
    name: "adjust-loss-scale",
    op: adjustLossScaleOp,
    attributes: { growEvery },
    inputs: [scaling],
    outputs: [],
  };
  return node as Node;
}

export const adjustLossScaleOp: Op<AdjustAttributes> = {
  name: "adjust-loss-scale",
  outputs: () => [],
  dispatches({ inputs: [scaling], attributes: { growEvery } }) {
    const uniforms = { growEvery };
    const shader = "adjust-loss-scale";
    return [{ shader, bindings: [scaling], uniforms, workgroups: [1, 1, 1] }];
  },
};
