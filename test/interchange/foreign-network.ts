// Networks that test/pytorch/foreign_networks.py wrote, and how far the engine's numbers are from PyTorch's.

import { readFileSync } from "node:fs";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { relativeError } from "../../src/graph/tolerances.js";
import { importPytorch } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { flatten } from "../../src/train/restore.js";
import { createTrainer } from "../../src/train/step.js";

/** What PyTorch computed. */
interface Golden {
  /** The image [1,C,S,S], in thousandths. */
  readonly x: readonly number[];
  /** Of the output. */
  readonly shape: readonly number[];
  readonly mean: number;
  /** Every third row and column of the upper left quarter of each map, from the second column on. */
  readonly corner: readonly number[];
  /** How batch norms were trained. */
  readonly norms: "frozen" | "trained";
  /** The learning rate. */
  readonly rate: number;
  /** The loss before each of ten steps, and the same numbers of the output after them. */
  readonly losses: readonly number[];
  readonly after: readonly number[];
}

/** The optimiser of foreign_networks.py. */
const SGD = { batch: 1, optimizer: "sgd", momentum: 0.9, seed: 1 } as const;

export const goldenNetworks = (folder: string): Record<string, Golden> =>
  JSON.parse(readFileSync(`${folder}/networks.json`, "utf8"));

/** The numbers of a golden network in an output [1,maps,S,S]. */
function cornerOf(all: Float32Array, { shape }: Golden): { got: number[]; average: number } {
  const side = shape[2];
  // One map is the second of two classes.
  const maps = shape[1] === 1 && all.length === 2 * side * side ? all.subarray(side * side) : all;
  const got: number[] = [];
  for (let map = 0; map < shape[1]; map++) {
    for (let row = 0; row < side / 2; row += 3) {
      for (let column = 1; column < side / 2; column += 3) {
        got.push(maps[(map * side + row) * side + column]);
      }
    }
  }
  return { got, average: maps.reduce((sum, value) => sum + value, 0) / maps.length };
}

/** The largest difference as a share of the largest value wanted. */
function shareOff(got: readonly number[], wanted: readonly number[]): number {
  const most = Math.max(...wanted.map(Math.abs));
  const off = Math.max(...wanted.map((value, i) => Math.abs(value - got[i])));
  return got.length === wanted.length ? off / most : Number.NaN;
}

/**
 * Computes a network's output, and after ten steps of training as PyTorch took them. Returns the largest differences
 * from PyTorch's numbers, as a share of the largest of them: of the output, and of the losses; and the error in the 2-norm of
 * the output after training.
 */
export async function foreignError(
  device: Device,
  folder: string,
  name: string,
  golden: Golden,
): Promise<{
  readonly error: number;
  readonly losses: number;
  readonly after: number;
  readonly remarks: readonly string[];
}> {
  const side = golden.shape[2];
  const bytes = readFileSync(`${folder}/${name}.pt`);
  const { checkpoint, remarks } = importPytorch(bytes, { name, norms: golden.norms });
  const { model: config } = checkpoint.metadata;
  const model = createModel(config, checkpoint.models);
  const image = input("image", [1, config.channels, side, side]);
  const logits = model.logits(image, parameterTensors(model.parameters));
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, checkpoint.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name, outputs: [logits], states });
  const x = Float32Array.from(golden.x, (value) => value / 1000);
  const outputOf = async () => {
    plan.run({ image: x });
    return cornerOf(await plan.read(logits), golden);
  };
  try {
    const before = await outputOf();
    const error = Math.max(
      shareOff(before.got, golden.corner),
      Math.abs(before.average - golden.mean) / Math.max(...golden.corner.map(Math.abs)),
    );
    using trainer = await createTrainer(device, model, {
      ...SGD,
      tile: side,
      learningRate: golden.rate,
    });
    trainer.parameters.write(flatten(model, checkpoint.tensors));
    const label = Float32Array.from(
      { length: side * side },
      (_, i) => ((i * 7919) % 2003) % config.classes,
    );
    const batch = { image: x, label, weight: new Float32Array(side * side).fill(1) };
    for (const _ of golden.losses) trainer.step(batch);
    const losses = (await trainer.losses()).map(({ loss }) => loss);
    state.write(flatten(model, await trainer.tensors()));
    const after = (await outputOf()).got;
    return {
      error,
      losses: shareOff(losses, golden.losses),
      after: relativeError(after, golden.after),
      remarks,
    };
  } finally {
    plan.close();
    state.close();
  }
}
