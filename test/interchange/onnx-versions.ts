// Graphs of operators as they were in several versions of ONNX.

import type { ModelGiven, NodeGiven } from "./onnx-bytes.js";
import { floats, integers } from "./small-onnx.js";

/** A graph of nodes after each other, from x [N,4,H,W] to the maps, of operators of a version. */
export function chain(opset: number, nodes: readonly NodeGiven[], initializers = {}): ModelGiven {
  const conv = (x: string, y: string, weight: string): NodeGiven => ({
    op: "Conv",
    inputs: [x, weight],
    outputs: [y],
    attributes: { kernel_shape: [1, 1] },
  });
  return {
    opset,
    inputs: [["image", ["N", 1, "H", "W"]]],
    outputs: ["maps"],
    nodes: [conv("image", "x", "first"), ...nodes, conv("y", "maps", "last")],
    initializers: {
      first: floats([4, 1, 1, 1], 1),
      last: floats([2, 4, 1, 1], 2),
      ...initializers,
    },
  };
}

/** What is in a graph, and the graph. */
export const VERSIONS: readonly (readonly [string, ModelGiven])[] = [
  [
    "7 to 9: limits of Clip, pads, slices, axes as attributes, Upsample",
    chain(
      9,
      [
        {
          op: "Clip",
          inputs: ["x"],
          outputs: ["a"],
          attributes: { min: { float: 0 }, max: { float: 0.25 } },
        },
        {
          op: "Pad",
          inputs: ["a"],
          outputs: ["b"],
          attributes: { pads: [0, 0, 2, 2, 0, 0, 2, 2], value: { float: 0.5 } },
        },
        {
          op: "Slice",
          inputs: ["b"],
          outputs: ["c"],
          attributes: { axes: [2, 3], starts: [1, 1], ends: [-3, -3] },
        },
        { op: "Dropout", inputs: ["c"], outputs: ["d"], attributes: { ratio: { float: 0.5 } } },
        {
          op: "AveragePool",
          inputs: ["d"],
          outputs: ["e"],
          attributes: { kernel_shape: [2, 2], strides: [2, 2] },
        },
        {
          op: "Upsample",
          inputs: ["e", "scales"],
          outputs: ["f"],
          attributes: { mode: "nearest" },
        },
        { op: "ReduceSum", inputs: ["f"], outputs: ["g"], attributes: { axes: [1], keepdims: 0 } },
        { op: "Unsqueeze", inputs: ["g"], outputs: ["h"], attributes: { axes: [1] } },
        { op: "Add", inputs: ["d", "h"], outputs: ["y"] },
      ],
      { scales: { dims: [4], values: [1, 1, 2, 2] } },
    ),
  ],
  [
    "18 to 21: axes of ReduceMean as an input, norms, HardSwish, parts of a shape",
    chain(
      21,
      [
        { op: "ReduceMean", inputs: ["x", "axes"], outputs: ["a"], attributes: { keepdims: 1 } },
        { op: "Sub", inputs: ["x", "a"], outputs: ["b"] },
        { op: "HardSwish", inputs: ["b"], outputs: ["c"] },
        {
          op: "GroupNormalization",
          inputs: ["c", "gain", "bias"],
          outputs: ["d"],
          attributes: { num_groups: 2 },
        },
        { op: "Shape", inputs: ["x"], outputs: ["sides"], attributes: { start: 2, end: 4 } },
        { op: "Shape", inputs: ["x"], outputs: ["start"], attributes: { start: 0, end: 2 } },
        { op: "Concat", inputs: ["start", "sides"], outputs: ["sizes"], attributes: { axis: 0 } },
        { op: "Reshape", inputs: ["d", "sizes"], outputs: ["e"], attributes: { allowzero: 0 } },
        { op: "Transpose", inputs: ["e"], outputs: ["f"], attributes: { perm: [0, 2, 3, 1] } },
        {
          op: "LayerNormalization",
          inputs: ["f", "gain", "bias"],
          outputs: ["g"],
          attributes: { axis: -1 },
        },
        { op: "Transpose", inputs: ["g"], outputs: ["h"], attributes: { perm: [0, 3, 1, 2] } },
        {
          op: "ReduceMax",
          inputs: ["h", ""],
          outputs: ["i"],
          attributes: { noop_with_empty_axes: 1 },
        },
        { op: "Add", inputs: ["h", "i"], outputs: ["y"] },
      ],
      { axes: integers(1), gain: floats([4], 3), bias: floats([4], 4) },
    ),
  ],
];
