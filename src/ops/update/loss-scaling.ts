// Dynamic loss scaling (Micikevicius et al. 2018, "Mixed precision training", section 3.2): gradients
// that are kept in 16 bits would vanish below 6e-8, so the loss is multiplied by a scale and the
// gradients of the parameters are divided by it. A step whose gradients overflow changes nothing and
// halves the scale; many steps without an overflow double it. All on the GPU: nothing is read back.
// A step that is skipped counts as a step, for the learning rate and for Adam's corrections.

import { dispatch } from "../../graph/dispatch.js";
import { apply, applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, stateTensor, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
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
  kernels: [
    {
      name: "loss-scale",
      dispatches({ inputs: [x, scaling], outputs: [y], attributes }) {
        const constants = { INVERSE: Number(attributes.inverse) };
        return [perGroup(shaders.lossScale, y, { constants, bindings: [x, scaling, y] })];
      },
    },
  ],
};

/** Divides the flat `gradients` by the scale: an update, before those that read them. */
export function unscaleGradients(gradients: Tensor, scaling: Tensor): Node {
  return applyUpdate(unscaleGradientsOp, [gradients, scaling], undefined);
}

export const unscaleGradientsOp: Op<undefined> = {
  name: "unscale-gradients",
  outputs([gradients, scaling]) {
    expectDense("unscale-gradients", "gradients", gradients, gradients.shape);
    expectDense("unscale-gradients", "scaling", scaling, [SCALING_FLOATS]);
    return [];
  },
  kernels: [
    {
      name: "unscale-gradients",
      dispatches({ inputs: [gradients, scaling] }) {
        return [perGroup(shaders.unscaleGradients, gradients, { bindings: [gradients, scaling] })];
      },
    },
  ],
};

interface AdjustAttributes {
  readonly growEvery: number;
}

/** The scale for the next step; doubled after `growEvery` steps without an overflow. */
export function adjustLossScale(scaling: Tensor, growEvery: number): Node {
  return applyUpdate(adjustLossScaleOp, [scaling], { growEvery });
}

export const adjustLossScaleOp: Op<AdjustAttributes> = {
  name: "adjust-loss-scale",
  outputs([scaling]) {
    expectDense("adjust-loss-scale", "scaling", scaling, [SCALING_FLOATS]);
    return [];
  },
  kernels: [
    {
      name: "adjust-loss-scale",
      dispatches({ inputs: [scaling], attributes: { growEvery } }) {
        const call = {
          bindings: [scaling],
          uniforms: { growEvery },
          workgroups: [1, 1, 1],
        } as const;
        return [dispatch(shaders.adjustLossScale, call)];
      },
    },
  ],
};
