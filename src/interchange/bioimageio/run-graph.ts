// What the graph of a network computes for whole images, without tiles: the test of a package.

import type { Device } from "../../gpu/device.js";
import { compilePlan } from "../../gpu/plan.js";
import { createState } from "../../gpu/state.js";
import { input } from "../../graph/tensor.js";
import { parameterTensors, slice } from "../../model/parameters.js";
import { type GraphFile, graphTensors, layoutOf } from "../graph-checkpoint.js";
import { buildOnnx } from "../onnx/onnx-graph.js";
import type { ImageArray } from "../onnx/tensor-axes.js";

/** Returns the graph's output for images [N,C,H,W]. */
export async function runGraph(
  device: Device,
  file: GraphFile,
  { shape, data }: ImageArray,
): Promise<ImageArray> {
  const { graph, name } = file;
  const layout = layoutOf(graph);
  const flat = new Float32Array(layout.floats);
  const tensors = graphTensors(file);
  for (const parameter of layout.list) {
    slice(parameter, flat).set(tensors.get(parameter.name)?.data ?? []);
  }
  const output = buildOnnx(graph, input("image", shape), parameterTensors(layout));
  const parameters = createState(device, "parameters", layout.floats);
  try {
    parameters.write(flat);
    const states = { parameters: parameters.buffer };
    const plan = await compilePlan(device, { name, outputs: [output], states });
    try {
      plan.run({ image: Float32Array.from(data) });
      return { shape: output.shape, data: Float64Array.from(await plan.read(output)) };
    } finally {
      plan.close();
    }
  } finally {
    parameters.close();
  }
}
