// Nodes of an imported graph, of operators of version 7 to 22, as nodes of version 13.

import type { Known } from "./known-values.js";
import type { NodeWriter } from "./node-writer.js";
import { groupNorm } from "./norm-writers.js";
import { type StoredAttribute, type StoredNode, shownNode } from "./onnx-graph.js";

/** A node of another version, whose inputs and outputs have the names of the file that is written. */
interface Given {
  readonly node: StoredNode;
  /** Input i, if it is a constant of the graph. */
  readonly known: (i: number) => Known | undefined;
  readonly w: NodeWriter;
}

type Convert = (given: Given) => StoredNode;

/** Thrown for what version 13 cannot say. */
const refused = (node: StoredNode, what: string) =>
  new Error(`node ${shownNode(node)}: ${what} cannot be written with operators of version 13`);

/** The node with other attributes; undefined leaves one out. */
function withAttributes(
  node: StoredNode,
  changes: Readonly<Record<string, StoredAttribute | undefined>>,
): StoredNode {
  const all = Object.entries({ ...node.attributes, ...changes });
  const given = all.filter((one): one is [string, StoredAttribute] => one[1] !== undefined);
  return { ...node, attributes: Object.fromEntries(given) };
}

/** Leaves attributes out that have the value which version 13 means; another value is refused. */
const without =
  (usual: Readonly<Record<string, string | number>>): Convert =>
  ({ node }) => {
    for (const [name, value] of Object.entries(usual)) {
      const own = node.attributes[name];
      const isUsual = Array.isArray(own) ? own.every((one) => one === value) : own === value;
      if (own !== undefined && !isUsual) throw refused(node, `${name} ${own}`);
    }
    return withAttributes(node, Object.fromEntries(Object.keys(usual).map((n) => [n, undefined])));
  };

/** Attributes, lists of integers, as inputs from 1 on. */
const asInputs =
  (...names: readonly string[]): Convert =>
  ({ node, w }) => {
    if (!names.some((name) => name in node.attributes)) return node;
    const inputs = names.map((name) => {
      const value = node.attributes[name];
      return Array.isArray(value) ? w.list(...(value as number[])) : "";
    });
    while (inputs.at(-1) === "") inputs.pop();
    const left = withAttributes(node, Object.fromEntries(names.map((name) => [name, undefined])));
    return { ...left, inputs: [node.inputs[0], ...inputs] };
  };

/** Axes as an attribute: from version 18 on they are an input. */
const reduction: Convert = ({ node, known }) => {
  const { noop_with_empty_axes: noop = 0 } = node.attributes;
  const left = withAttributes(
    { ...node, inputs: [node.inputs[0]] },
    { noop_with_empty_axes: undefined },
  );
  const hasInput = (node.inputs[1] ?? "") !== "";
  const axes = hasInput ? known(1)?.values : node.attributes.axes;
  if (hasInput && !axes) throw refused(node, `axes that ${node.inputs[1]} computes`);
  if (Array.isArray(axes) && axes.length > 0) return withAttributes(left, { axes: [...axes] });
  return noop === 1 ? { ...left, operator: "Identity", attributes: {} } : left;
};

const clip: Convert = ({ node, w }) => {
  const { min, max } = node.attributes;
  if (min === undefined && max === undefined) return node;
  const scalar = (value: StoredAttribute | undefined) =>
    value === undefined ? "" : w.scalar(value as number);
  const inputs = [node.inputs[0], scalar(min), scalar(max)];
  return { ...withAttributes(node, { min: undefined, max: undefined }), inputs };
};

const pad: Convert = ({ node, w }) => {
  const { mode, pads, value } = node.attributes;
  if (mode === "wrap") throw refused(node, "mode wrap");
  if ((node.inputs[3] ?? "") !== "") throw refused(node, "an input of axes");
  if (!Array.isArray(pads)) return node;
  const filling = typeof value === "number" ? [w.scalar(value)] : [];
  const inputs = [node.inputs[0], w.list(...(pads as number[])), ...filling];
  return { ...withAttributes(node, { pads: undefined, value: undefined }), inputs };
};

/** Version 10 removed it. */
const upsample: Convert = ({ node }) => ({
  ...withAttributes(node, { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }),
  operator: "Resize",
  inputs: [node.inputs[0], "", node.inputs[1]],
});

/** Of version 10 it has two inputs, and the rule of Upsample. */
const resize: Convert = (given) => {
  if (given.node.inputs.length === 2) return upsample(given);
  return without({ antialias: 0, keep_aspect_ratio_policy: "stretch" })(given);
};

/** A part of the shape is from version 15 on. */
const shape: Convert = ({ node, w }) => {
  const { start = 0, end = 2 ** 31 - 1 } = node.attributes as Record<string, number>;
  if (!("start" in node.attributes || "end" in node.attributes)) return node;
  const whole = w.add("Shape", node.inputs);
  const inputs = [whole, w.list(start), w.list(end)];
  return { ...node, operator: "Slice", inputs, attributes: {} };
};

const groupNormalisation: Convert = ({ node, w }) => {
  const { num_groups: groups, epsilon = 1e-5 } = node.attributes as Record<string, number>;
  const [x, gain, bias] = node.inputs;
  const whole = groupNorm(x, { groups, epsilon }, w);
  const made = { ...node, attributes: {} };
  if (!gain) return { ...made, operator: "Identity", inputs: [whole] };
  const column = (name: string) => w.add("Reshape", [name, w.list(1, -1, 1, 1)]);
  const scaled = w.add("Mul", [whole, column(gain)]);
  return { ...made, operator: "Add", inputs: [scaled, column(bias)] };
};

const layerNormalisation: Convert = ({ node, w }) => {
  const { axis = -1, epsilon = 1e-5 } = node.attributes as Record<string, number>;
  if (axis >= 0 || node.outputs.length > 1) throw refused(node, "an axis from the front");
  const axes = Array.from({ length: -axis }, (_, i) => axis + i);
  const mean = (name: string) => w.add("ReduceMean", [name], { axes, keepdims: 1 });
  const [x, gain, bias] = node.inputs;
  const centred = w.add("Sub", [x, mean(x)]);
  const variance = mean(w.add("Mul", [centred, centred]));
  const deviation = w.add("Sqrt", [w.add("Add", [variance, w.scalar(epsilon)])]);
  const inputs = [w.add("Div", [centred, deviation]), gain];
  const made = { ...node, attributes: {} };
  if (!bias) return { ...made, operator: "Mul", inputs };
  return { ...made, operator: "Add", inputs: [w.add("Mul", inputs), bias] };
};

const RULES: Readonly<Record<string, Convert>> = {
  AveragePool: without({ dilations: 1 }),
  BatchNormalization: without({ training_mode: 0, spatial: 1 }),
  Clip: clip,
  Dropout: ({ node }) => ({
    ...node,
    operator: "Identity",
    inputs: [node.inputs[0]],
    attributes: {},
  }),
  GroupNormalization: groupNormalisation,
  HardSwish: ({ node, w }) => {
    const gate = w.add("HardSigmoid", node.inputs, { alpha: 1 / 6, beta: 0.5 });
    return { ...node, operator: "Mul", inputs: [node.inputs[0], gate] };
  },
  LayerNormalization: layerNormalisation,
  Pad: pad,
  ReduceSum: asInputs("axes"),
  Reshape: without({ allowzero: 0 }),
  Resize: resize,
  Shape: shape,
  Slice: asInputs("starts", "ends", "axes", "steps"),
  Split: (given) => {
    const node = asInputs("split")(given);
    return withAttributes(node, { num_outputs: undefined });
  },
  Squeeze: asInputs("axes"),
  Unsqueeze: asInputs("axes"),
  Upsample: upsample,
  ...Object.fromEntries(
    ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare"].map((name) => [
      `Reduce${name}`,
      reduction,
    ]),
  ),
};

/**
 * Returns the node with operators of version 13, after nodes that it needs before it were added to `w`. Throws for
 * one that version 13 cannot say, and names it.
 */
export function inOpset13(given: Given): StoredNode {
  const { operator } = given.node;
  return Object.hasOwn(RULES, operator) ? RULES[operator](given) : given.node;
}
