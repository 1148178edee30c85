// Networks that test/pytorch/foreign_networks.py wrote, and how far the engine's numbers are from PyTorch's.

import { readFileSync } from "node:fs";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { importPytorch } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { flatten } from "../../src/train/restore.js";

/** What PyTorch computed. */
interface Golden {
  /** The image [1,C,32,32], in thousandths. */
  readonly x: readonly number[];
  /** Of the output. */
  readonly shape: readonly number[];
  readonly mean: number;
  /** Every third row and column of the upper left quarter of each map, from the second column on. */
  readonly corner: readonly number[];
}

const SIDE = 32;

export const goldenNetworks = (folder: string): Record<string, Golden> =>
  JSON.parse(readFileSync(`${folder}/networks.json`, "utf8"));

/** Computes a network's output. Returns the largest difference from PyTorch's, as a share of its largest value. */
export async function foreignError(
  device: Device,
  folder: string,
  name: string,
  { x, shape, mean, corner }: Golden,
): Promise<{ readonly error: number; readonly remarks: readonly string[] }> {
  const { checkpoint, remarks } = importPytorch(readFileSync(`${folder}/${name}.pt`), { name });
  const { model: config } = checkpoint.metadata;
  const model = createModel(config, checkpoint.models);
  const image = input("image", [1, config.channels, SIDE, SIDE]);
  const logits = model.logits(image, parameterTensors(model.parameters));
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, checkpoint.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name, outputs: [logits], states });
  plan.run({ image: Float32Array.from(x, (value) => value / 1000) });
  const all = await plan.read(logits);
  plan.close();
  state.close();
  // One map is the second of two classes.
  const maps = shape[1] === 1 && logits.shape[1] === 2 ? all.subarray(SIDE * SIDE) : all;
  const got: number[] = [];
  for (let map = 0; map < shape[1]; map++) {
    for (let row = 0; row < SIDE / 2; row += 3) {
      for (let column = 1; column < SIDE / 2; column += 3) {
        got.push(maps[(map * SIDE + row) * SIDE + column]);
      }
    }
  }
  const most = Math.max(...corner.map(Math.abs));
  const differences = corner.map((value, i) => Math.abs(value - got[i]));
  const average = maps.reduce((sum, value) => sum + value, 0) / maps.length;
  const error = Math.max(...differences, Math.abs(average - mean)) / most;
  return { error: got.length === corner.length ? error : Number.NaN, remarks };
}
