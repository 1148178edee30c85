// The kernels of norms of any tensor, image or dense: they find the set of each element from its place.
// For images with a set per channel those of norm-planes.ts are faster, for those with a set per pixel those
// of norm-pixels.ts.

import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { floatCount, imageSizes } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import {
  type NormAttributes,
  normUniforms,
  type Sets,
  type StatisticsAttributes,
  setCount,
  setSize,
  shareOf,
} from "./norm-sets.js";

/** After `norm-planes.ts` and `norm-pixels.ts`. */
const rank = () => 1;

/** The sizes of an image, which give the place of an element in memory. */
function imageUniforms(x: Tensor) {
  if (x.layout === "dense") return { channels: 1, height: 1, blocks: 1, width: 0 };
  const { c, h, w, blocks } = imageSizes(x);
  return { channels: c, height: h, blocks, width: w };
}

/** How the elements of a set are found, and how many invocations share a set. */
function setUniforms(sets: Sets) {
  const {
    over,
    view: [, c, p],
    groups,
  } = sets;
  const size = setSize(sets);
  const plane = c * p;
  let lanes = 1;
  while (lanes < ELEMENTWISE_LANES && lanes * 8 < size) lanes *= 2;
  const found = { sets: setCount(sets), lanes, size };
  if (over === "batch") {
    const one = { setsInner: c, setOuter: 0, setInner: p };
    return { ...found, ...one, inner: p, outerStride: plane, innerStride: 1 };
  }
  if (over === "group") {
    const inner = plane / groups;
    const one = { setsInner: found.sets, setOuter: 0, setInner: inner };
    return { ...found, ...one, inner, outerStride: 0, innerStride: 1 };
  }
  const one = { setsInner: p, setOuter: plane, setInner: 1 };
  return { ...found, ...one, inner: c, outerStride: 0, innerStride: p };
}

/** How channel and set of an element are found. */
function viewUniforms({ over, view: [, c, p], groups }: Sets) {
  return {
    viewChannels: c,
    viewPixels: p,
    channelsPerSet: over === "group" ? c / groups : 1,
    setsPerImage: over === "batch" ? 0 : over === "group" ? groups : p,
    setPerChannel: Number(over !== "channels"),
    setPerPixel: Number(over === "channels"),
  };
}

/** Mean and variance of each set: outputs as in `normStatisticsOp`. */
export const anyStatistics: Kernel<StatisticsAttributes> = {
  name: "any",
  rank,
  dispatches({ inputs: [x], outputs: [stats, mean, variance], attributes }) {
    const found = setUniforms(attributes);
    return [
      dispatch(shaders.normStatistics, {
        bindings: [x, stats, mean, variance],
        uniforms: { ...found, epsilon: attributes.epsilon, ...imageUniforms(x) },
        workgroups: workgroupsFor(found.sets * found.lanes, ELEMENTWISE_LANES),
      }),
    ];
  },
};

/** y of x, statistics, gain and bias. */
export const anyNorm: Kernel<NormAttributes> = {
  name: "any",
  rank,
  dispatches(node) {
    const {
      inputs: [x, stats, gain, bias],
      outputs: [y],
      attributes,
    } = node;
    const count = floatCount(x);
    return [
      dispatch(shaders.norm, {
        bindings: [x, stats, gain, bias, y],
        uniforms: {
          count,
          ...viewUniforms(attributes),
          ...normUniforms(node),
          ...imageUniforms(x),
        },
        workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
      }),
    ];
  },
};

/** The sums that a gradient needs: outputs as in `normGradientSumsOp`. */
export const anyGradientSums: Kernel<NormAttributes> = {
  name: "any",
  rank,
  dispatches(node) {
    return [sumsOver(node, node.attributes, true), channelSums(node)];
  },
};

/** Writes the gradients of gain and bias: sums with one set per channel of the view. */
const channelSums = (node: Node<NormAttributes>) =>
  sumsOver(node, { ...node.attributes, over: "batch" }, false);

function sumsOver(node: Node<NormAttributes>, sets: Sets, isTotal: boolean) {
  const {
    inputs: [x, stats, gain, bias, dy],
    outputs: [totals, dgain, dbias],
    attributes,
  } = node;
  const found = setUniforms(sets);
  return dispatch(shaders.normGradientSums, {
    bindings: [x, stats, gain, bias, dy, totals, dgain, dbias],
    uniforms: {
      ...found,
      isTotal: Number(isTotal),
      ...viewUniforms(attributes),
      ...normUniforms(node),
      ...imageUniforms(x),
    },
    workgroups: workgroupsFor(found.sets * found.lanes, ELEMENTWISE_LANES),
  });
}

/** dx of x, statistics, gain, bias, dy and totals. */
export const anyGradient: Kernel<NormAttributes> = {
  name: "any",
  rank,
  dispatches(node) {
    const {
      inputs: [x, stats, gain, bias, dy, totals],
      outputs: [dx],
      attributes,
    } = node;
    const count = floatCount(x);
    return [
      dispatch(shaders.normGradient, {
        bindings: [x, stats, gain, bias, dy, totals, dx],
        uniforms: {
          count,
          ...viewUniforms(attributes),
          ...normUniforms(node),
          share: shareOf(attributes),
          ...imageUniforms(x),
        },
        workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
      }),
    ];
  },
};
