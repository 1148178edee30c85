// What the preprocessing of a package says about images: how a checkpoint normalises them, and what the network itself
// does before its first layer.

import { shown, shownText } from "../../arguments/shown.js";
import type { Normalisation } from "../../data/normalise.js";
import type { Known } from "../onnx/known-values.js";
import type { OnnxGraph, StoredNode } from "../onnx/onnx-graph.js";
import {
  axisOfList,
  isFixed,
  listOf,
  numberOr,
  type ProcessingStep,
  placesOf,
} from "./processing.js";

/** Steps that change the type of elements only. */
const isCast = ({ id, kwargs }: ProcessingStep) =>
  (id === "ensure_dtype" || id === "cast") && /^float/.test(String(kwargs.dtype ?? "float32"));

/** gain * x + offset for each channel. */
interface Affine {
  readonly gain: readonly number[];
  readonly offset: readonly number[];
}

/** A step as gains and offsets, if it is one. */
function affineOf(step: ProcessingStep, channels: number): Affine | undefined {
  const { id, kwargs } = step;
  const list = (value: unknown, what: string) => {
    const isOfChannels = !Array.isArray(value) || value.length === 1 || axisOfList(kwargs) === 1;
    if (isOfChannels) return listOf(value, channels, what);
    throw new Error(`${what} is ${shown(value)}, expected a number per channel`);
  };
  if (isFixed(step)) {
    const [mean, std] = [list(kwargs.mean, "mean"), list(kwargs.std, "std")];
    return { gain: std.map((one) => 1 / one), offset: mean.map((one, i) => -one / std[i]) };
  }
  if (id !== "scale_linear") return undefined;
  const { gain = 1, offset = 0 } = kwargs;
  return { gain: list(gain, "gain"), offset: list(offset, "offset") };
}

const after = (first: Affine, then: Affine): Affine => ({
  gain: first.gain.map((one, i) => one * then.gain[i]),
  offset: first.offset.map((one, i) => one * then.gain[i] + then.offset[i]),
});

/** How images are normalised, and the steps after that, which act on each pixel for itself. */
export interface PackageNormalisation {
  readonly normalisation: Normalisation;
  readonly rest: readonly ProcessingStep[];
}

/** Steps of which the network can do each pixel for itself. */
const OF_PIXELS = ["clip", "sigmoid", "scale_linear", "fixed_zero_mean_unit_variance"];

const isOfPixels = (step: ProcessingStep) =>
  (OF_PIXELS.includes(step.id) || isFixed(step)) &&
  (step.kwargs.min_percentile ?? step.kwargs.max_percentile ?? undefined) === undefined;

/**
 * Returns how images are normalised by these steps, if a checkpoint can say it: each channel by its own mean and
 * standard deviation, each image by percentiles, or all images by the same numbers; and what is left to do with each
 * pixel. `maximum`: the largest value of the type of the images, which is 1 here. Throws for other steps, and says
 * what to do.
 */
export function normalisationOf(
  steps: readonly ProcessingStep[],
  channels: number,
  maximum = 255,
): PackageNormalisation {
  const own = steps.filter((one) => !isCast(one));
  const refused = () => {
    const names = shownText(steps.map((one) => one.id).join(", "));
    return new Error(
      `images are preprocessed by ${names}, which predictions here cannot repeat: ` +
        "give --mean and --deviation, where 1 is white",
    );
  };
  // Stored values are from 0 to the maximum already.
  const isIdle = ({ id, kwargs }: ProcessingStep) =>
    id === "clip" &&
    isOfPixels({ id, kwargs }) &&
    numberOr(kwargs.min, 0, "min") <= 0 &&
    numberOr(kwargs.max, maximum, "max") >= maximum;
  let scale: Affine = { gain: Array(channels).fill(1), offset: Array(channels).fill(0) };
  let next = 0;
  for (; next < own.length; next++) {
    const affine = affineOf(own[next], channels);
    if (affine) scale = after(scale, affine);
    else if (!isIdle(own[next])) break;
  }
  const step = own[next];
  const { gain, offset } = scale;
  if (!step || isOfPixels(step)) {
    const isPlain = gain.every((one) => one > 0);
    const rest = isPlain ? own.slice(next) : own;
    if (!rest.every(isOfPixels)) throw refused();
    if (!isPlain) {
      const [mean, deviation] = [gain.map(() => 0), gain.map(() => 1 / maximum)];
      return { normalisation: { kind: "statistics", mean, deviation }, rest };
    }
    const mean = gain.map((one, i) => -offset[i] / one / maximum);
    const deviation = gain.map((one) => 1 / (one * maximum));
    return { normalisation: { kind: "statistics", mean, deviation }, rest };
  }
  const rest = own.slice(next + 1);
  const isSameScale = gain.every((one) => one === gain[0] && one > 0);
  const isJoint = channels === 1 || placesOf(step.kwargs.axes)?.includes(1) !== false;
  const hasSides = [2, 3].every((side) => placesOf(step.kwargs.axes)?.includes(side) ?? true);
  if (!rest.every(isOfPixels) || !hasSides) throw refused();
  if (step.id === "zero_mean_unit_variance" && (channels === 1 || !isJoint)) {
    if (gain.every((one) => one > 0)) return { normalisation: { kind: "image" }, rest };
  }
  if (step.id === "scale_range" && !step.kwargs.reference_tensor && isSameScale) {
    if (isJoint && offset.some((one) => one !== offset[0])) throw refused();
    const { min_percentile: low, max_percentile: high, eps } = step.kwargs;
    const normalisation = {
      kind: "percentiles",
      low: numberOr(low, 0, "min_percentile"),
      high: numberOr(high, 100, "max_percentile"),
      epsilon: numberOr(eps, 1e-6, "eps") / (maximum * gain[0]),
      isJoint,
    } as const;
    return { normalisation, rest };
  }
  throw refused();
}

/** The graph with steps on each pixel before its first node. */
export function withSteps(
  graph: OnnxGraph,
  steps: readonly ProcessingStep[],
  channels: number,
): OnnxGraph {
  if (steps.length === 0) return graph;
  const nodes: StoredNode[] = [];
  const constants: Record<string, Known> = { ...graph.constants };
  const input = `${graph.input}, normalised`;
  let x = input;
  const add = (operator: string, values: readonly (readonly number[] | number)[]) => {
    const names = values.map((value, i) => {
      const name = `${graph.input}, ${operator} ${nodes.length + 1}, ${i + 1}`;
      const list = typeof value === "number" ? [value] : value;
      constants[name] = {
        dims: typeof value === "number" ? [] : [1, list.length, 1, 1],
        values: list,
      };
      return name;
    });
    const output = `${input}, ${nodes.length + 1}`;
    nodes.push({
      operator,
      name: output,
      inputs: [x, ...names],
      outputs: [output],
      attributes: {},
    });
    x = output;
  };
  for (const step of steps) {
    const affine = affineOf(step, channels);
    const { min, max } = step.kwargs;
    if (affine) {
      add("Mul", [affine.gain]);
      add("Add", [affine.offset]);
    } else if (step.id === "sigmoid") add("Sigmoid", []);
    else add("Clip", [numberOr(min, -3e38, "min"), numberOr(max, 3e38, "max")]);
  }
  const last = nodes[nodes.length - 1];
  const named = [...nodes.slice(0, -1), { ...last, outputs: [graph.input] }];
  return { ...graph, input, constants, nodes: [...named, ...graph.nodes] };
}
