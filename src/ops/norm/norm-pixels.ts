// The kernels of norms of images over the channels of each pixel. An invocation walks over the
// channels of four pixels, which lie 32 pixels apart in memory.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratch, type Tensor } from "../../graph/tensor.js";
import { sumSplits } from "../../shaders/embedded.generated.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
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
  dispatches(node, capabilities) {
    const [x, stats, gain, bias, dy] = node.inputs;
    const { uniforms, workgroups } = callOf(x);
    const totals = dispatch(shaders.normGradientPixelTotals, {
      bindings: [x, stats, gain, bias, dy, node.outputs[0]],
      uniforms: { ...uniforms, ...normUniforms(node) },
      workgroups,
    });
    const { hasGain, hasBias } = node.attributes;
    return hasGain || hasBias ? [totals, ...sumsOfChannels(node, capabilities)] : [totals];
  },
};

/** Channels per invocation of norm-gradient-pixel-sums. */
const CHANNELS = 4;
/** Groups of four pixels in a block. */
const GROUPS = 8;

/** The gradients of gain and bias, in parts that are then added. */
function sumsOfChannels(node: Node<NormAttributes>, { kind }: Capabilities): Dispatch[] {
  const [x, stats, gain, bias, dy] = node.inputs;
  const [, dgain, dbias] = node.outputs;
  const { n, c, h } = imageSizes(x);
  const { uniforms } = callOf(x);
  const across = Math.ceil(c / CHANNELS) * GROUPS; // invocations per split
  const wanted = Math.ceil((kind === "cpu" ? 2048 : 32768) / across);
  const splits = Math.min(n * h, wanted);
  const [gainParts, biasParts] = ["gain", "bias"].map((what) =>
    scratch(`${node.name}: parts of the ${what}`, splits * GROUPS * c),
  );
  return [
    dispatch(shaders.normGradientPixelSums, {
      constants: { CHANNELS },
      bindings: [x, stats, gain, bias, dy, gainParts, biasParts],
      uniforms: { ...uniforms, ...normUniforms(node) },
      workgroups: [Math.ceil(across / ELEMENTWISE_LANES), splits, 1],
    }),
    dispatch(sumSplits, {
      constants: { LANES: ELEMENTWISE_LANES },
      bindings: [gainParts, biasParts, dgain, dbias],
      uniforms: { splits: splits * GROUPS, count: c, biasCount: c },
      workgroups: workgroupsFor(2 * c, ELEMENTWISE_LANES),
    }),
  ];
}

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
