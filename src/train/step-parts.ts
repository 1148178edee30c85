// Optional parts of a step besides forward, loss, backward and update. Pages load this only if the
// options ask for them.

import type { Node } from "../graph/op.js";
import { everySecond, recompute } from "../graph/recompute.js";
import type { Tensor } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { averageWeights, gradientClip } from "../ops/network-ops.js";
import { type Accumulation, accumulation } from "./accumulation.js";
import { type HalfPrecision, halfPrecision } from "./half-precision.js";
import type { OwnLoss } from "./own-loss.js";
import { AVERAGE, SCALING, type TrainerOptions } from "./trainer-states.js";
import type { GroupedUpdates } from "./training-groups.js";

export interface StepParts {
  /** The loss, if it is not the model's. */
  readonly own?: OwnLoss | undefined;
  /** The updates of groups of parameters. */
  readonly groups?: GroupedUpdates | undefined;
  /** Floats of the additional states, by name. */
  readonly states?: Readonly<Record<string, number>> | undefined;
  readonly half?: HalfPrecision | undefined;
  readonly accumulation?: Accumulation | undefined;
  /** Returns the factor for the flat gradients. */
  readonly clip?: ((gradients: Tensor) => Tensor) | undefined;
  /** The moving average of the weights, to run after the update. */
  readonly average?: ((states: Parameters<typeof averageWeights>[0]) => Node) | undefined;
  /** Returns the gradients of a loss with a backward pass that recomputes activations. */
  readonly recomputed?: ((loss: Tensor, gradients: readonly Gradient[]) => Gradient[]) | undefined;
}

type Gradient = Tensor | undefined;

export function stepParts(model: Model, options: TrainerOptions): StepParts {
  const { precision, accumulate = 1, clipNorm = 0, ema = 0 } = options;
  const half = precision === "f16" ? halfPrecision() : undefined;
  const more = accumulate > 1 ? accumulation(model, options) : undefined;
  return {
    states: {
      ...(half && { [SCALING]: half.initialScaling.length }),
      ...more?.states,
      ...(ema > 0 && { [AVERAGE]: model.parameters.floats }),
    },
    half,
    accumulation: more,
    clip: clipNorm > 0 ? (flat) => gradientClip(flat, clipNorm) : undefined,
    average: ema > 0 ? (states) => averageWeights(states, ema) : undefined,
    recomputed: options.recompute ? recomputed : undefined,
  };
}

function recomputed(loss: Tensor, gradients: readonly Gradient[]): Gradient[] {
  const present = gradients.filter((tensor) => tensor !== undefined);
  const dropped = everySecond(loss, ({ op }) => op.isCostly === true);
  const again = recompute(loss, present, dropped);
  return gradients.map((tensor) => tensor && again[present.indexOf(tensor)]);
}
