// What the engine computes for a whole image with the graph of an ONNX file.

import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { importOnnx } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { softmax } from "../../src/operations.js";
import { flatten } from "../../src/train/restore.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";

/** A valid image of random numbers from 0 to 1. */
export function imageOf(checkpoint: Checkpoint, width: number, height: number) {
  const { channels } = checkpoint.metadata.model;
  const data = noise(channels * width * height, 4).map((value) => Math.abs(value) % 1);
  return { width, height, channels, data };
}

/** The file's probabilities for a whole image, computed by the engine. */
export async function computedBy(
  bytes: Uint8Array,
  { width, height, channels, data }: ReturnType<typeof imageOf>,
  { external, halo }: { external?: Uint8Array; halo?: number } = {},
) {
  const device = await testDevice();
  const { checkpoint: foreign } = await importOnnx(bytes, {
    name: "out.onnx",
    halo,
    readExternal: async ({ offset, length = 0 }) =>
      external?.slice(offset, offset + length) ?? new Uint8Array(),
  });
  const model = createModel(foreign.metadata.model, foreign.models);
  const x = input("image", [1, channels, height, width]);
  const logits = model.logits(x, parameterTensors(model.parameters));
  const y = model.probabilities?.(logits) ?? softmax(logits);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, foreign.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "exported", outputs: [y], states });
  plan.run({ image: data });
  const computed = await plan.read(y);
  plan.close();
  state.close();
  return { computed, shape: y.shape };
}

/** The largest difference. */
export const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
