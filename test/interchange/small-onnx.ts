// A small network as an exporter writes it.

import { noise } from "../numbers.js";
import type { ModelGiven, NodeGiven, TensorGiven } from "./onnx-bytes.js";

/** A tensor of random numbers. */
export const floats = (dims: readonly number[], seed: number): TensorGiven => {
  const values = noise(
    dims.reduce((a, b) => a * b, 1),
    seed,
  );
  return { dims, values: values.map((value) => value / 3) };
};
/** A list of 64-bit integers. */
export const integers = (...values: number[]): TensorGiven => ({
  dims: [values.length],
  type: 7,
  values,
});

const conv = (x: string, name: string, y: string, pad = 1): NodeGiven => ({
  op: "Conv",
  name,
  inputs: [x, `${name}.weight`, `${name}.bias`],
  outputs: [y],
  attributes: { kernel_shape: pad ? [3, 3] : [1, 1], pads: [pad, pad, pad, pad] },
});

/** A U-Net of one level that resizes by the shape of its skip, as exporters write it. */
export const smallOnnx: ModelGiven = {
  inputs: [["image", ["N", 1, "H", "W"]]],
  outputs: ["y"],
  nodes: [
    conv("image", "down", "a"),
    { op: "Relu", inputs: ["a"], outputs: ["b"] },
    {
      op: "MaxPool",
      inputs: ["b"],
      outputs: ["c"],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    },
    conv("c", "bottom", "d"),
    { op: "Shape", inputs: ["b"], outputs: ["shape"] },
    { op: "Constant", inputs: [], outputs: ["two"], attributes: { value: integers(2) } },
    { op: "Constant", inputs: [], outputs: ["four"], attributes: { value: integers(4) } },
    { op: "Slice", inputs: ["shape", "two", "four"], outputs: ["sides"] },
    { op: "Shape", inputs: ["d"], outputs: ["shape of d"] },
    { op: "Constant", inputs: [], outputs: ["zero"], attributes: { value: integers(0) } },
    { op: "Slice", inputs: ["shape of d", "zero", "two"], outputs: ["first"] },
    { op: "Concat", inputs: ["first", "sides"], outputs: ["sizes"], attributes: { axis: 0 } },
    {
      op: "Resize",
      inputs: ["d", "", "", "sizes"],
      outputs: ["e"],
      attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
    },
    { op: "Concat", inputs: ["b", "e"], outputs: ["f"], attributes: { axis: 1 } },
    conv("f", "head", "y", 0),
  ],
  initializers: {
    "down.weight": floats([3, 1, 3, 3], 1),
    "down.bias": floats([3], 2),
    "bottom.weight": floats([4, 3, 3, 3], 3),
    "bottom.bias": floats([4], 4),
    "head.weight": floats([2, 7, 1, 1], 5),
    "head.bias": floats([2], 6),
  },
};
