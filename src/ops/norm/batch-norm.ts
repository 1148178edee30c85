// Batch norm: the statistics of each channel over a batch in training, running averages of them in
// prediction.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { apply, type Node, type Op } from "../../graph/op.js";
import { expectDense, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { lerp } from "../update/assign.js";
import {
  applyNorm,
  channelView,
  checkNorm,
  NORM_OPTIONS,
  type NormOptions,
  statisticsOf,
} from "./norm.js";
import type { Sets } from "./norm-sets.js";

/** Running averages of a batch norm, each dense [C]: PyTorch's running_mean and running_var. */
export interface RunningStatistics {
  /** Begins as 0. A state, if it is to be updated. */
  readonly mean: Tensor;
  /** Of the unbiased variance; begins as 1. */
  readonly variance: Tensor;
}

/** How a batch norm is computed. */
export interface BatchNormOptions extends NormOptions {
  /** The running averages. Training updates them, prediction normalises by them. */
  readonly running?: RunningStatistics | undefined;
  /** Whether the statistics are those of the batch. By default true. */
  readonly training?: boolean | undefined;
  /** The share of a batch in the running averages. By default 0.1. */
  readonly momentum?: number | undefined;
}

const OPTIONS: Keys<BatchNormOptions> = { ...NORM_OPTIONS, running: 1, training: 1, momentum: 1 };

/** A batch norm, and what keeps its running averages. */
export interface BatchNorm {
  /** The result, like the input. */
  readonly y: Tensor;
  /** For `PlanSpec.updates`; empty in prediction and without running averages. */
  readonly updates: readonly Node[];
}

/**
 * Batch norm (Ioffe, Szegedy 2015): y = (x - mean) / sqrt(variance + epsilon) * gain + bias for each
 * channel. x [N,C,...], gain and bias [C]. In training the mean and the biased variance are those of
 * all images, and `updates` move the running averages by `momentum` towards the mean and the
 * unbiased variance, as in PyTorch; in prediction they are the running averages. Throws a
 * `ShapeError` if the shapes do not fit, if a channel of a batch is a single number, and for
 * prediction without running averages.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): BatchNorm {
  checkKeys("batchNorm", options, OPTIONS);
  const { running, training = true, momentum = 0.1, name = "batchNorm" } = options;
  const view = channelView("batchNorm", x);
  const [n, c, p] = view;
  checkNorm("batchNorm", options, [c]);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new ShapeError(`batchNorm: momentum must be a number from 0 to 1, got ${momentum}`);
  }
  for (const what of running ? (["mean", "variance"] as const) : []) {
    expectTensor("batchNorm", `running.${what}`, running?.[what]);
    expectDense("batchNorm", `running.${what}`, running?.[what] as Tensor, [c]);
  }
  const sets: Sets = { over: "batch", view, groups: 1 };
  if (!training) {
    if (!running) {
      throw new ShapeError(
        "batchNorm: prediction needs running averages: pass running, or leave out training to use those of the batch",
      );
    }
    const stats = runningStats(running, options, name);
    return { y: applyNorm(x, stats, sets, options, name, true), updates: [] };
  }
  if (n * p < 2) {
    throw new ShapeError(
      `batchNorm: a channel of ${text(x.shape)} is a single number, which equals its mean: expected several`,
    );
  }
  const [stats, mean, variance] = statisticsOf(x, sets, options, name);
  const y = applyNorm(x, stats, sets, options, name);
  const updates = running
    ? [
        lerp(running.mean, mean, momentum, `${name}: running mean`),
        lerp(running.variance, variance, momentum, `${name}: running variance`),
      ]
    : [];
  return { y, updates };
}

interface RunningAttributes {
  readonly epsilon: number;
}

function runningStats(running: RunningStatistics, { epsilon = 1e-5 }: NormOptions, name: string) {
  const inputs = [running.mean, running.variance];
  return apply(runningStatisticsOp, inputs, { epsilon }, `${name}: running statistics`)[0];
}

/** Mean and variance [C] -> the statistics [C,2] that `normOp` reads. */
export const runningStatisticsOp: Op<RunningAttributes> = {
  name: "running-statistics",
  outputs: ([mean]) => [{ shape: [mean.shape[0], 2], layout: "dense" }],
  kernels: [
    {
      name: "running-statistics",
      dispatches({ inputs: [mean, variance], outputs: [stats], attributes: { epsilon } }) {
        const channels = mean.shape[0];
        return [
          dispatch(shaders.normRunning, {
            bindings: [mean, variance, stats],
            uniforms: { channels, epsilon },
            workgroups: workgroupsFor(channels, ELEMENTWISE_LANES),
          }),
        ];
      },
    },
  ],
};
