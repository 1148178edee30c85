// Optimisers as PyTorch's: with a decay of weights that is part of the gradient, Nesterov's momentum, and
// RMSprop. Like those of optimizers.ts they update a state or a range of one.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import type { Node, Op } from "../../graph/op.js";
import { ShapeError } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";
import {
  type AdamAttributes,
  checkUpdate,
  constantsOf,
  type SgdAttributes,
  type UpdateTensors,
  update,
} from "./optimizers.js";

/** The settings of SGD as PyTorch has it. */
export interface GeneralSgdAttributes extends SgdAttributes {
  /** What is added to the gradient times the parameter: weight_decay of PyTorch's SGD. */
  readonly l2?: number | undefined;
  /** Whether the momentum is Nesterov's. By default false. */
  readonly nesterov?: boolean | undefined;
}

/** The settings of Adam with either decay of weights. */
export interface GeneralAdamAttributes extends AdamAttributes {
  /** What is added to the gradient times the parameter: weight_decay of PyTorch's Adam. */
  readonly l2?: number | undefined;
}

/** The settings of RMSprop. */
export interface RmspropAttributes {
  /** Decay of the mean of the squares. By default 0.99. */
  readonly alpha?: number | undefined;
  /** Added to the root of the squares' mean. By default 1e-8. */
  readonly epsilon?: number | undefined;
  /** Share of the last update that is kept. By default 0. */
  readonly momentum?: number | undefined;
  /** What is added to the gradient times the parameter: weight_decay of PyTorch's RMSprop. */
  readonly l2?: number | undefined;
  /** Whether the gradient is divided by its deviation instead. By default false. */
  readonly centered?: boolean | undefined;
}

const RMSPROP: Keys<RmspropAttributes> = { alpha: 1, epsilon: 1, momentum: 1, l2: 1, centered: 1 };

/** Throws unless the settings are finite and from 0. */
function checkSettings(what: string, settings: object): void {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "number" || (Number.isFinite(value) && value >= 0)) continue;
    throw new ShapeError(`${what}: ${name} must be a number from 0, got ${value}`);
  }
}

/**
 * RMSprop (Tieleman and Hinton 2012) as PyTorch has it. Three moments: mean of the squares, velocity, mean
 * of the gradients. Throws a `ShapeError` for an invalid setting.
 */
export function rmsprop(tensors: UpdateTensors, attributes: RmspropAttributes = {}): Node {
  checkKeys("rmsprop", attributes, RMSPROP);
  checkSettings("rmsprop", attributes);
  return update(rmspropOp, tensors, attributes);
}

/** SGD with an L2 term or Nesterov's momentum. */
export function sgdL2(tensors: UpdateTensors, attributes: GeneralSgdAttributes): Node {
  checkSettings("sgd", attributes);
  return update(sgdL2Op, tensors, attributes);
}

/** Adam with an L2 term. */
export function adamL2(tensors: UpdateTensors, attributes: GeneralAdamAttributes): Node {
  checkSettings("adam", attributes);
  return update(adamL2Op, tensors, attributes);
}

export const sgdL2Op: Op<GeneralSgdAttributes> = {
  name: "sgd-l2",
  outputs: (inputs) => checkUpdate("sgd", inputs, 1),
  kernels: [
    {
      name: "sgd-l2",
      dispatches({ inputs: [parameters, gradients, step, scaling, clip, velocity], attributes }) {
        const { momentum, l2 = 0, decay = 0, nesterov = false } = attributes;
        return [
          perGroup(shaders.sgdL2, parameters, {
            constants: constantsOf(scaling, clip),
            bindings: [gradients, step, scaling, clip, parameters, velocity],
            uniforms: { momentum, l2, decay, nesterov: Number(nesterov) },
          }),
        ];
      },
    },
  ],
};

export const adamL2Op: Op<GeneralAdamAttributes> = {
  name: "adam-l2",
  outputs: (inputs) => checkUpdate("adam", inputs, 2),
  kernels: [
    {
      name: "adam-l2",
      dispatches({ inputs, attributes }) {
        const [parameters, gradients, step, scaling, clip, mean, square] = inputs;
        const { beta1, beta2, epsilon, l2 = 0, decay = 0 } = attributes;
        return [
          perGroup(shaders.adamL2, parameters, {
            constants: constantsOf(scaling, clip),
            bindings: [gradients, step, scaling, clip, parameters, mean, square],
            uniforms: { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon, l2, decay },
          }),
        ];
      },
    },
  ],
};

export const rmspropOp: Op<RmspropAttributes> = {
  name: "rmsprop",
  outputs: (inputs) => checkUpdate("rmsprop", inputs, 3),
  kernels: [
    {
      name: "rmsprop",
      dispatches({ inputs, attributes }) {
        const [parameters, gradients, step, scaling, clip, square, velocity, mean] = inputs;
        const { alpha = 0.99, epsilon = 1e-8, momentum = 0, l2 = 0, centered = false } = attributes;
        return [
          perGroup(shaders.rmsprop, parameters, {
            constants: constantsOf(scaling, clip),
            bindings: [gradients, step, scaling, clip, parameters, square, velocity, mean],
            uniforms: {
              alpha,
              rest: 1 - alpha,
              epsilon,
              momentum,
              l2,
              centered: Number(centered),
            },
          }),
        ];
      },
    },
  ],
};
