// A batch norm after a convolution, in prediction: both are linear, so the norm becomes part of the
// weights. A plan whose states are constant computes them once (`PlanSpec.statesAreConstant`).

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { apply, type Op } from "../../graph/op.js";
import {
  elementCount,
  expectDense,
  expectTensor,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import type { RunningStatistics } from "./batch-norm.js";

/** The batch norm that is folded. */
export interface FoldOptions {
  /** The running averages [O]. */
  readonly running: RunningStatistics;
  /** [O], by default 1. */
  readonly gain?: Tensor | undefined;
  /** [O], by default 0. */
  readonly bias?: Tensor | undefined;
  /** Added to the variance. By default 1e-5. */
  readonly epsilon?: number | undefined;
  /** Whether the weight is [I,O,...], that of an up-convolution. By default it is [O,I,...]. */
  readonly transposed?: boolean | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<FoldOptions> = {
  running: 1,
  gain: 1,
  bias: 1,
  epsilon: 1,
  transposed: 1,
  name: 1,
};

/**
 * Returns the weight and bias of a convolution that gives what the given one and a batch norm with
 * running averages give: weight * f and (bias - mean) * f + norm's bias, f = gain / sqrt(variance +
 * epsilon). weight [O,I,K,K], or [I,O,K,K] if transposed; bias [O] or none. Throws a `ShapeError` if
 * the shapes do not fit.
 */
export function foldBatchNorm(
  weight: Tensor,
  bias: Tensor | undefined,
  options: FoldOptions,
): { readonly weight: Tensor; readonly bias: Tensor } {
  checkKeys("foldBatchNorm", options, OPTIONS);
  const { running, gain, bias: shift, epsilon = 1e-5, transposed = false, name } = options;
  expectTensor("foldBatchNorm", "weight", weight);
  expectTensor("foldBatchNorm", "running.mean", running?.mean);
  expectTensor("foldBatchNorm", "running.variance", running?.variance);
  const attributes = {
    transposed,
    epsilon,
    hasBias: bias !== undefined,
    hasGain: gain !== undefined,
    hasShift: shift !== undefined,
  };
  const vectors = [
    bias ?? ABSENT,
    gain ?? ABSENT,
    shift ?? ABSENT,
    running?.mean,
    running?.variance,
  ];
  const [folded, moved] = apply(foldNormOp, [weight, ...vectors], attributes, name);
  return { weight: folded, bias: moved };
}

interface FoldAttributes {
  readonly transposed: boolean;
  readonly epsilon: number;
  readonly hasBias: boolean;
  readonly hasGain: boolean;
  readonly hasShift: boolean;
}

const NAMES = ["bias", "gain", "the norm's bias", "running.mean", "running.variance"];

/** Inputs weight, bias, gain, the norm's bias, mean, variance; outputs the folded weight and bias. */
export const foldNormOp: Op<FoldAttributes> = {
  name: "fold-norm",
  outputs([weight, ...vectors], { transposed }) {
    const channels = weight.shape[transposed ? 1 : 0];
    if (weight.layout !== "dense" || channels === undefined) {
      throw new ShapeError(
        `foldBatchNorm: weight must be a dense ${transposed ? "[I,O,...]" : "[O,I,...]"}, got ` +
          `${weight.layout} ${text(weight.shape)}`,
      );
    }
    for (const [i, tensor] of vectors.entries()) {
      if (tensor !== ABSENT) expectDense("foldBatchNorm", NAMES[i], tensor, [channels]);
    }
    return [weight.shape, [channels]].map((shape) => ({ shape, layout: "dense" }));
  },
  words: () => "weights of a folded batch norm",
  kernels: [
    {
      name: "fold-norm",
      dispatches({ inputs: [weight, bias, gain, shift, mean, variance], outputs, attributes }) {
        const [folded, moved] = outputs;
        const { transposed, epsilon, hasBias, hasGain, hasShift } = attributes;
        const count = elementCount(weight.shape);
        const channels = moved.shape[0];
        return [
          dispatch(shaders.normFold, {
            bindings: [weight, bias, gain, shift, mean, variance, folded, moved],
            uniforms: {
              count,
              channels,
              perChannel: elementCount(weight.shape.slice(transposed ? 2 : 1)),
              hasBias: Number(hasBias),
              hasGain: Number(hasGain),
              hasShift: Number(hasShift),
              epsilon,
            },
            workgroups: workgroupsFor(count + channels, ELEMENTWISE_LANES),
          }),
        ];
      },
    },
  ],
};
