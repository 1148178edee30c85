// The kernels of norms of images whose channels lie in one set each. Lanes lie over the groups of four
// pixels of a block and over channels, as memory does; an invocation walks over rows, so that it
// looks up its set only once. Sums are made in parts, which are merged in a fixed order.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratch, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import {
  isPlanes,
  type NormAttributes,
  normUniforms,
  type Sets,
  type StatisticsAttributes,
  setCount,
  shareOf,
} from "./norm-sets.js";

/** Groups of four pixels in a block. */
const GROUPS = 8;

const rank = ({ inputs: [x], attributes }: Node<Sets>) => (isPlanes(attributes, x) ? 0 : undefined);

/** Cuts the rows of each image into parts: workgroups for `wanted` invocations, and their uniforms. */
function cut(x: Tensor, { kind }: Capabilities, onGpu: number) {
  const { n, c, h, w, blocks } = imageSizes(x);
  const across = Math.ceil((c * GROUPS) / ELEMENTWISE_LANES);
  const wanted = kind === "cpu" ? 32 : onGpu;
  const most = Math.max(1, Math.min(h, Math.ceil(wanted / (across * n))));
  const rowsPerSplit = Math.ceil(h / most);
  const splits = Math.ceil(h / rowsPerSplit);
  return {
    splits,
    parts: n * splits * c * GROUPS,
    uniforms: { channels: c, height: h, width: w, blocks, rowsPerSplit },
    workgroups: [across, splits, n] as const,
  };
}

/** Where the sets of an image are: what the shaders call so. */
function placeOf({ over, view: [, c], groups }: Sets) {
  const isBatch = over === "batch";
  return { setsPerImage: isBatch ? 0 : groups, channelsPerSet: isBatch ? 1 : c / groups };
}

/** Mean and variance of each set: outputs as in `normStatisticsOp`. */
export const planesStatistics: Kernel<StatisticsAttributes> = {
  name: "planes",
  rank,
  dispatches(node, capabilities) {
    const {
      inputs: [x],
      outputs: [stats, mean, variance],
      attributes,
      name,
    } = node;
    const { splits, parts: floats, uniforms, workgroups } = cut(x, capabilities, 1024);
    const parts = scratch(`${name}: parts`, floats * 4);
    const {
      over,
      view: [n, c],
    } = attributes;
    const { channelsPerSet } = placeOf(attributes);
    const sets = setCount(attributes);
    return [
      dispatch(shaders.normParts, {
        bindings: [x, parts],
        uniforms: { ...uniforms, splits },
        workgroups,
      }),
      dispatch(shaders.normMerge, {
        bindings: [parts, stats, mean, variance],
        uniforms: {
          sets,
          setsPerImage: over === "batch" ? sets : attributes.groups,
          channels: c,
          channelsPerSet,
          partsPerChannel: over === "batch" ? n * splits : splits,
          epsilon: attributes.epsilon,
        },
        workgroups: workgroupsFor(sets * GROUPS, ELEMENTWISE_LANES),
      }),
    ];
  },
};

/** y of x, statistics, gain and bias. */
export const planesNorm: Kernel<NormAttributes> = {
  name: "planes",
  rank,
  dispatches(node, capabilities) {
    const {
      inputs: [x, stats, gain, bias],
      outputs: [y],
      attributes,
    } = node;
    const { uniforms, workgroups } = cut(x, capabilities, 4096);
    return [
      dispatch(shaders.normPlanes, {
        bindings: [x, stats, gain, bias, y],
        uniforms: { ...uniforms, ...placeOf(attributes), ...normUniforms(node) },
        workgroups,
      }),
    ];
  },
};

/** The sums that a gradient needs: outputs as in `normGradientSumsOp`. */
export const planesGradientSums: Kernel<NormAttributes> = {
  name: "planes",
  rank,
  dispatches(node, capabilities): Dispatch[] {
    const {
      inputs: [x, stats, gain, bias, dy],
      outputs: [totals, dgain, dbias],
      name,
    } = node;
    const { attributes } = node;
    const { splits, parts: floats, uniforms, workgroups } = cut(x, capabilities, 1024);
    const {
      over,
      view: [n, c],
    } = attributes;
    const parts = scratch(`${name}: parts`, floats * 2);
    const sums = scratch(`${name}: sums`, n * c * 2);
    const place = placeOf(attributes);
    const sets = setCount(attributes);
    const { hasGain } = normUniforms(node);
    return [
      dispatch(shaders.normGradientParts, {
        bindings: [x, stats, gain, bias, dy, parts],
        uniforms: { ...uniforms, splits, ...place, ...normUniforms(node) },
        workgroups,
      }),
      dispatch(shaders.normGradientMerge, {
        bindings: [parts, sums],
        uniforms: { count: n * c, channels: c, splits },
        workgroups: workgroupsFor(n * c * GROUPS, ELEMENTWISE_LANES),
      }),
      dispatch(shaders.normGradientTotals, {
        bindings: [sums, gain, totals, dgain, dbias],
        uniforms: {
          sets,
          setsPerImage: over === "batch" ? sets : attributes.groups,
          channels: c,
          channelsPerSet: place.channelsPerSet,
          images: n,
          imagesPerSet: over === "batch" ? n : 1,
          hasGain,
        },
        workgroups: workgroupsFor(sets + c, ELEMENTWISE_LANES),
      }),
    ];
  },
};

/** dx of x, statistics, gain, bias, dy and totals. */
export const planesGradient: Kernel<NormAttributes> = {
  name: "planes",
  rank,
  dispatches(node, capabilities) {
    const {
      inputs: [x, stats, gain, bias, dy, totals],
      outputs: [dx],
      attributes,
    } = node;
    const { uniforms, workgroups } = cut(x, capabilities, 4096);
    return [
      dispatch(shaders.normGradientPlanes, {
        bindings: [x, stats, gain, bias, dy, totals, dx],
        uniforms: {
          ...uniforms,
          ...placeOf(attributes),
          ...normUniforms(node),
          share: shareOf(attributes),
        },
        workgroups,
      }),
    ];
  },
};
