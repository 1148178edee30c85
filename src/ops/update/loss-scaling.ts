// Dynamic loss scaling (Micikevicius et al. 2018, "Mixed precision training", section 3.2):
// gradients stored in 16 bits would vanish below 6e-8, so the loss is multiplied by a scale and the
// gradients of the parameters are divided by it. A step whose gradients overflow changes nothing
// and halves the scale; many steps without overflow double it. Everything happens on the GPU:
// nothing is read back. A skipped step counts as a step for the learning rate and for Adam's bias
// corrections.

import { dispatch } from "../../graph/dispatch.js";
import { apply, applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, stateTensor, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/**
 * Floats of the state: the scale, a power of two; 1 / scale; steps since the scale changed; total
 * number of skipped steps; 1 during a step that overflowed, else 0.
 */
export const SCALING_FLOATS = 5;

/** Returns the state at the beginning of a run. */
export function initialScaling(scale: number): Float32Array<ArrayBuffer> {
  return Float32Array.of(scale, 1 / scale, 0, 0, 0);
}

/** Returns the state as a tensor of the graph. */
export function scalingTensor(state: string): Tensor {
  return stateTensor("scaling", [SCALING_FLOATS], state);
}

/** Returns x times the scale. Applied to a weight map, it scales the loss and all gradients. */
export function scaleLoss(x: Tensor, scaling: Tensor, name?: string): Tensor {
  return apply(lossScaleOp, [x, scaling], { inverse: false }, name)[0];
}

/** Returns x divided by the scale: the loss without scaling. */
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

/**
 * Divides the flat `gradients` by the scale. List it among the updates before those that read them.
 */
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

/** Computes the scale for the next step, doubled after `growEvery` steps without overflow. */
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
