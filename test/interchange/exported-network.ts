// Networks of this engine that are written for other programs: their weights, and what the engine computes with them.

import type { Image } from "../../src/data/image-types.js";
import { cutTile } from "../../src/data/mirror.js";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input, type Shape } from "../../src/graph/tensor.js";
import { noise } from "../../src/graph/uniform-noise.js";
import { marginsOf } from "../../src/interchange/margins.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { softmax } from "../../src/ops/index.js";
import { crop2d } from "../../src/ops/network-ops.js";
import type { modelConfig } from "../../src/train/config.js";
import { flatten } from "../../src/train/restore.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { untrained } from "./untrained.js";

type Changes = Parameters<typeof modelConfig>[0];

const same = { padding: "same" } as const;
const small = { base: 2, depth: 2 } as const;

/** Together they have every value of every option. */
const CONFIGS = {
  paper: { ...small, channels: 2, classes: 3, dropout: 0.25 },
  batch: { ...small, ...same, norm: "batch" },
  "instance-first": {
    ...small,
    ...same,
    norm: "instance",
    normFirst: true,
    upsampling: "linear-conv",
  },
  deep: {
    base: 2,
    depth: 3,
    ...same,
    norm: "instance",
    activation: "leaky-relu",
    downsampling: "strided",
    deepSupervision: true,
  },
  group: { base: 12, depth: 1, ...same, norm: "group", activation: "elu", residual: true },
  "group-first": { base: 4, depth: 1, norm: "group", normFirst: true, residual: true },
  "batch-first": { ...small, ...same, norm: "batch", normFirst: true, upsampling: "nearest-conv" },
  strided: { ...small, ...same, norm: "batch", residual: true, downsampling: "strided" },
  nearest: { ...small, upsampling: "nearest", activation: "silu", widths: "3,5,4" },
  linear: { ...small, ...same, upsampling: "linear", dropout: 0.5 },
  corners: { ...small, ...same, norm: "batch", upsampling: "linear-corners", widths: "3,5,5" },
  fcn8s: { architecture: "fcn8s", base: 1, dropout: 0.5 },
  "fcn8s-vgg16": { architecture: "fcn8s-vgg16", base: 1, channels: 3, classes: 4 },
  "fcn16s-vgg16": { architecture: "fcn16s-vgg16", base: 1 },
  "fcn32s-vgg16": { architecture: "fcn32s-vgg16", base: 1 },
} as const satisfies Readonly<Record<string, Changes>>;

export type ExportedName = keyof typeof CONFIGS;

export const EXPORTED = Object.keys(CONFIGS) as readonly ExportedName[];

/** Those whose numbers of PyTorch are stored in test/fixtures/exported. */
export const STORED: readonly ExportedName[] = ["paper", "batch", "deep"];

/** A network whose norms are those of a trained one: none of their numbers is 0 or 1. */
export function scattered(name: ExportedName): Checkpoint {
  const { tensors, metadata } = untrained(CONFIGS[name]);
  const changed = [...tensors].map(([key, { shape, data }], i) => {
    const random = noise(data.length, i + 1);
    const isPositive = /norm\d\.(weight|running_var)$/.test(key);
    const isVector = shape.length === 1;
    const moved = data.map((value, at) =>
      isPositive ? 1 + 0.5 * random[at] : isVector ? 0.1 * random[at] : value + 0.01 * random[at],
    );
    return [key, { shape, data: moved }] as const;
  });
  return { tensors: new Map(changed), metadata };
}

/** A valid image for a network, of numbers around 0. */
export function imageFor({ metadata, models }: Checkpoint): { shape: Shape; data: Float32Array } {
  const model = createModel(metadata.model, models);
  const side = model.inputFor(12);
  const shape = [1, metadata.model.channels, side, side];
  return {
    shape,
    data: noise(
      shape.reduce((a, b) => a * b),
      5,
    ),
  };
}

/** The network's output for such an image. */
export async function logitsOf(device: Device, checkpoint: Checkpoint): Promise<Float32Array> {
  const model = createModel(checkpoint.metadata.model, checkpoint.models);
  const { shape, data } = imageFor(checkpoint);
  const logits = model.logits(input("image", shape), parameterTensors(model.parameters));
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, checkpoint.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "exported", outputs: [logits], states });
  try {
    plan.run({ image: data });
    return await plan.read(logits);
  } finally {
    plan.close();
    state.close();
  }
}

/** The largest difference, as a share of the largest value. */
export function shareOff(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Number.NaN;
  const most = Array.from(wanted).reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const off = Array.from(got, (value, i) => Math.abs(value - wanted[i]));
  return off.reduce((top, value) => (value <= top ? top : value), 0) / most;
}

/** Probabilities of a whole image in one pass, its border mirrored: what an exported network gives. */
export async function wholeImage(
  device: Device,
  checkpoint: Checkpoint,
  { width, height, channels, data }: Image,
): Promise<Float32Array> {
  const model = createModel(checkpoint.metadata.model, checkpoint.models);
  const { before, after, cut } = marginsOf(model);
  const area = {
    x: -before,
    y: -before,
    width: width + before + after,
    height: height + before + after,
  };
  const mirrored = cutTile({ width, height, channels, data }, area);
  const shape = [1, channels, area.height, area.width];
  const logits = model.logits(input("image", shape), parameterTensors(model.parameters));
  const inner = crop2d(logits, { top: cut.top, left: cut.top, height, width });
  const y = model.probabilities?.(inner) ?? softmax(inner);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, checkpoint.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "whole", outputs: [y], states });
  try {
    plan.run({ image: mirrored });
    return await plan.read(y);
  } finally {
    plan.close();
    state.close();
  }
}

/** A valid size of an image for an exported network. */
export function sizeFor(checkpoint: Checkpoint): {
  readonly width: number;
  readonly height: number;
} {
  const { smallest, step } = marginsOf(createModel(checkpoint.metadata.model, checkpoint.models));
  return { width: smallest + 2 * step, height: smallest };
}
