// Updates of all parameters in one dispatch. Parameters, gradients and moments are flat states.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { dispatch } from "../../graph/dispatch.js";
import { applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, expectTensor, ShapeError, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { perGroup } from "../common/per-group.js";

/**
 * Flat states of the same length, or ranges of them (`stateTensor` with an offset); `step` is an input [4]: step, learning rate, 1 - b1^t, 1 - b2^t.
 */
export interface UpdateTensors {
  /** Dense: the flat buffer of weights, a state. */
  readonly parameters: Tensor;
  /** As large as `parameters`. */
  readonly gradients: Tensor;
  /** The optimiser's states, each as large as `parameters`: one of SGD, two of Adam. */
  readonly moments: readonly Tensor[];
  /** `[4]`: step, learning rate, 1 - beta1^t, 1 - beta2^t. */
  readonly step: Tensor;
  /** State of the loss scale (loss-scaling.ts): a step that overflowed changes nothing. */
  readonly scaling?: Tensor | undefined;
  /** The factor for all gradients (gradient-clip.ts). By default 1. */
  readonly clip?: Tensor | undefined;
  /** The tensors that make up `gradients`, which must be computed first. */
  readonly after: readonly Tensor[];
}

/** The settings of SGD with momentum. */
export interface SgdAttributes {
  /** Share of the last update that is kept, 0 to below 1. */
  readonly momentum: number;
  /** Weight decay of all parameters, decoupled from the gradient (Loshchilov and Hutter 2019). */
  readonly decay?: number | undefined;
}

const SGD: Keys<SgdAttributes> = { momentum: 1, decay: 1 };

/** SGD with momentum: v = momentum v + g, p = p - rate (v + decay p). One moment: the velocity. */
export function sgd(tensors: UpdateTensors, attributes: SgdAttributes): Node {
  checkKeys("sgd", attributes, SGD);
  return update(sgdOp, tensors, attributes);
}

export const sgdOp: Op<SgdAttributes> = {
  name: "sgd",
  outputs: (inputs) => checkUpdate("sgd", inputs, 1),
  kernels: [
    {
      name: "sgd",
      dispatches({ inputs: [parameters, gradients, step, scaling, clip, velocity], attributes }) {
        const { momentum, decay = 0 } = attributes;
        return [
          perGroup(shaders.sgd, parameters, {
            constants: constantsOf(scaling, clip),
            bindings: [gradients, step, scaling, clip, parameters, velocity],
            uniforms: { momentum, decay },
          }),
        ];
      },
    },
  ],
};

/** The settings of Adam (Kingma and Ba 2015). */
export interface AdamAttributes {
  /** Decay of the mean of the gradients. */
  readonly beta1: number;
  /** Decay of the mean of their squares. */
  readonly beta2: number;
  /** Added to the root of the squares' mean. */
  readonly epsilon: number;
  /** Weight decay of all parameters, decoupled from the gradient (Loshchilov and Hutter 2019). */
  readonly decay?: number | undefined;
}

const ADAM: Keys<AdamAttributes> = { beta1: 1, beta2: 1, epsilon: 1, decay: 1 };

/** Adam (Kingma and Ba 2015). Two moments: the means of the gradient and of its square. */
export function adam(tensors: UpdateTensors, attributes: AdamAttributes): Node {
  checkKeys("adam", attributes, ADAM);
  return update(adamOp, tensors, attributes);
}

export const adamOp: Op<AdamAttributes> = {
  name: "adam",
  outputs: (inputs) => checkUpdate("adam", inputs, 2),
  kernels: [
    {
      name: "adam",
      dispatches({
        inputs: [parameters, gradients, step, scaling, clip, mean, square],
        attributes,
      }) {
        const { beta1, beta2, epsilon, decay = 0 } = attributes;
        return [
          perGroup(shaders.adam, parameters, {
            constants: constantsOf(scaling, clip),
            bindings: [gradients, step, scaling, clip, parameters, mean, square],
            uniforms: { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon, decay },
          }),
        ];
      },
    },
  ],
};

/** Constants of a shader that skips steps that overflowed, and clips. */
export const constantsOf = (scaling: Tensor, clip: Tensor) => ({
  SKIPS: Number(scaling !== ABSENT),
  CLIPS: Number(clip !== ABSENT),
});

interface LogAttributes {
  readonly length: number;
}

/** Stores `value` [1] of each step in the state `history` [length], at step modulo length. */
export function logValue(value: Tensor, step: Tensor, history: Tensor): Node {
  const attributes = { length: history.shape[0] };
  return applyUpdate(logValueOp, [value, step, history], attributes, {
    name: `log of ${value.name}`,
  });
}

export const logValueOp: Op<LogAttributes> = {
  name: "log-value",
  outputs([value, step, history], { length }) {
    expectDense("log-value", "value", value, [1]);
    expectDense("log-value", "step", step, step.shape);
    expectDense("log-value", "history", history, [length]);
    return [];
  },
  kernels: [
    {
      name: "log-value",
      dispatches({ inputs: [value, step, history], attributes: { length } }) {
        const bindings = [value, step, history] as const;
        return [
          dispatch(shaders.logValue, { bindings, uniforms: { length }, workgroups: [1, 1, 1] }),
        ];
      },
    },
  ],
};

const TENSORS: Keys<UpdateTensors> = {
  parameters: 1,
  gradients: 1,
  moments: 1,
  step: 1,
  scaling: 1,
  clip: 1,
  after: 1,
};

/** Creates the node of an optimiser. */
export function update<A>(op: Op<A>, tensors: UpdateTensors, attributes: A): Node {
  checkKeys(op.name, tensors, TENSORS);
  const { parameters, gradients, step, scaling = ABSENT, clip = ABSENT, moments, after } = tensors;
  for (const [what, list] of Object.entries({ moments, after })) {
    if (Array.isArray(list)) continue;
    throw new ShapeError(`${op.name}: ${what} must be a list of tensors, got ${kindOf(list)}`);
  }
  for (const [what, tensor] of Object.entries({ parameters, gradients, step })) {
    expectTensor(op.name, what, tensor);
  }
  for (const [i, tensor] of after.entries()) expectTensor(op.name, `after[${i}]`, tensor);
  const states = [parameters, gradients, step, scaling, clip, ...moments];
  return applyUpdate(op, states, attributes, { after });
}

/** Throws unless the inputs of an optimiser fit. */
export function checkUpdate(op: string, inputs: readonly Tensor[], momentCount: number): [] {
  const [parameters, gradients, step, , clip, ...moments] = inputs;
  if (moments.length !== momentCount) {
    throw new ShapeError(`${op}: ${momentCount} moments are needed, got ${moments.length}`);
  }
  expectDense(op, "gradients", gradients, parameters.shape);
  for (const moment of moments) expectDense(op, "moment", moment, parameters.shape);
  expectDense(op, "step", step, [4]);
  if (clip !== ABSENT) expectDense(op, "clip", clip, [2]);
  return [];
}
