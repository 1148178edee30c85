// What the network of a checkpoint computes for whole images, without tiles: the test of a package.

import type { Device } from "../../gpu/device.js";
import { compilePlan } from "../../gpu/plan.js";
import { createState } from "../../gpu/state.js";
import { input } from "../../graph/tensor.js";
import { createModel } from "../../model/architectures.js";
import { parameterTensors } from "../../model/parameters.js";
import { flatten } from "../../train/restore.js";
import type { Checkpoint } from "../../train/training-types.js";
import type { ImageArray } from "./processing.js";

/** Returns the maps of normalised images, before an activation; `count` of them, 1 for a single map with a sigmoid. */
export async function runMaps(
  device: Device,
  { metadata, tensors, models }: Checkpoint,
  { shape, data }: ImageArray,
  count: number,
): Promise<ImageArray> {
  const model = createModel(metadata.model, models);
  const logits = model.logits(input("image", shape), parameterTensors(model.parameters));
  const parameters = createState(device, "parameters", model.parameters.floats);
  parameters.write(flatten(model, tensors));
  const states = { parameters: parameters.buffer };
  const plan = await compilePlan(device, { name: "test of a package", outputs: [logits], states });
  try {
    plan.run({ image: Float32Array.from(data) });
    const values = Float64Array.from(await plan.read(logits));
    const [n, classes, height, width] = logits.shape;
    // A map with a sigmoid is the second of two classes.
    if (!(classes === 2 && count === 1)) return { shape: logits.shape, data: values };
    const area = height * width;
    const second = values.filter((_, i) => Math.floor(i / area) % 2 === 1);
    return { shape: [n, 1, height, width], data: second };
  } finally {
    plan.close();
    parameters.close();
  }
}
