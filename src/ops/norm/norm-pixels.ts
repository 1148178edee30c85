// The kernels of norms of images over the channels of each pixel. An invocation walks over the
// channels of four pixels, which lie 32 pixels apart in memory.

import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { channelSums } from "./norm-any.js";
import {
  isPixels,
  type NormAttributes,
  normUniforms,
  type Sets,
  type StatisticsAttributes,
} from "./norm-sets.js";

const rank = ({ inputs: [x], attributes }: Node<Sets>) => (isPixels(attributes, x) ? 0 : undefined);

function callOf(x: Tensor) {
  const { n, c, h, w, blocks } = imageSizes(x);
  const count = n * h * blocks * 8;
  return {
    uniforms: { channels: c, width: w, blocks, count },
    workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
  };
}

/** Mean and variance of each pixel: outputs as in `normStatisticsOp`. */
export const pixelsStatistics: Kernel<StatisticsAttributes> = {
  name: "pixels",
  rank,
  dispatches({ inputs: [x], outputs: [stats, mean, variance], attributes: { epsilon } }) {
    const { uniforms, workgroups } = callOf(x);
    return [
      dispatch(shaders.normPixelStatistics, {
        bindings: [x, stats, mean, variance],
        uniforms: { ...uniforms, epsilon },
        workgroups,
      }),
    ];
  },
};

/** y of x, statistics, gain and bias. */
export const pixelsNorm: Kernel<NormAttributes> = {
  name: "pixels",
  rank,
  dispatches(node) {
    const [x, stats, gain, bias] = node.inputs;
    const { uniforms, workgroups } = callOf(x);
    return [
      dispatch(shaders.normPixels, {
        bindings: [x, stats, gain, bias, node.outputs[0]],
        uniforms: { ...uniforms, ...normUniforms(node) },
        workgroups,
      }),
    ];
  },
};

/** The sums that a gradient needs: outputs as in `normGradientSumsOp`. */
export const pixelsGradientSums: Kernel<NormAttributes> = {
  name: "pixels",
  rank,
  dispatches(node) {
    const [x, stats, gain, bias, dy] = node.inputs;
    const { uniforms, workgroups } = callOf(x);
    const totals = dispatch(shaders.normGradientPixelTotals, {
      bindings: [x, stats, gain, bias, dy, node.outputs[0]],
      uniforms: { ...uniforms, ...normUniforms(node) },
      workgroups,
    });
    const { hasGain, hasBias } = node.attributes;
    return hasGain || hasBias ? [totals, channelSums(node)] : [totals];
  },
};

/** dx of x, statistics, gain, bias, dy and totals. */
export const pixelsGradient: Kernel<NormAttributes> = {
  name: "pixels",
  rank,
  dispatches(node) {
    const [x, stats, gain, bias, dy, totals] = node.inputs;
    const { uniforms, workgroups } = callOf(x);
    return [
      dispatch(shaders.normGradientPixels, {
        bindings: [x, stats, gain, bias, dy, totals, node.outputs[0]],
        uniforms: { ...uniforms, ...normUniforms(node) },
        workgroups,
      }),
    ];
  },
};
