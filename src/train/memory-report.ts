// GPU memory of training and of prediction, including states, and whether it fits, before anything is allocated.

import type { Device } from "../gpu/device.js";
import { MemoryError } from "../gpu/errors.js";
import type { Search } from "../gpu/fitting.js";
import { measurePlan, type PlanBytes, type PlanSize } from "../gpu/plan-bytes.js";
import { stateBytes } from "../gpu/state.js";
import { withProposals } from "../gpu/with-proposals.js";
import { createModel } from "../model/architectures.js";
import { isModel, type Model, type ModelConfig } from "../model/model.js";
import { tileSearch } from "../predict/open-predictor.js";
import { automaticTile, predictionSpec } from "../predict/tile-graph.js";
import { MEAN_GRADIENTS, MEAN_LOSS } from "./accumulation.js";
import { trainingSearch } from "./step.js";
import { checkTrainerOptions, stateFloats, stepSpec } from "./step-graph.js";
import { stepParts } from "./step-parts.js";
import { AVERAGE, MOMENTS, SCALING, type TrainerOptions } from "./trainer-states.js";
import { watchSpec } from "./watch.js";

/** Bytes of buffers that outlive the plan. */
export interface StateBytes {
  /** Bytes of the weights. */
  readonly parameters: number;
  /** Of one batch; twice as much if a step has several batches. */
  readonly gradients: number;
  /** State of the optimizer: one moment for SGD, two for Adam. */
  readonly moments: number;
  /** Losses of the last steps, the state of the loss scale, and counts of NaN (watch.ts). */
  readonly losses: number;
}

/** What a training takes, known before it starts. */
export interface MemoryReport extends Omit<PlanSize, "bytes"> {
  /** Side of the tile in pixels. */
  readonly tile: number;
  /** Bytes by kind; `total` is the sum of all. */
  readonly bytes: StateBytes & PlanBytes;
}

/** Returns the memory of `createTrainer`. Throws for a tile that the model does not accept. */
export function trainingMemory(
  device: Device,
  given: ModelConfig | Model,
  options: TrainerOptions,
): MemoryReport {
  const model = modelOf(given);
  checkTrainerOptions("trainingMemory", options);
  const parts = stepParts(model, options);
  const floats: Partial<Record<string, number>> = stateFloats(model, options, parts);
  const watch = measurePlan(device, watchSpec(model, options));
  const bytesOf = (...names: readonly string[]) =>
    names.reduce((sum, name) => sum + stateBytes(floats[name] ?? 0), 0);
  return report(options.tile, measurePlan(device, stepSpec(model, options, parts)), {
    parameters: bytesOf("parameters"),
    gradients: bytesOf("gradients", MEAN_GRADIENTS),
    moments: bytesOf(...MOMENTS[options.optimizer], AVERAGE),
    losses: bytesOf("losses", MEAN_LOSS, SCALING) + watch.bytes.total,
  });
}

/**
 * Returns the memory of `createPredictor` for tiles of this side; by default the side used for
 * large images.
 */
export function predictionMemory(
  device: Device,
  given: ModelConfig | Model,
  tile?: number,
): MemoryReport {
  const model = modelOf(given);
  const side = tile ?? largeTile(device, model);
  const parameters = stateBytes(model.parameters.floats);
  const size = measurePlan(device, { ...predictionSpec(model, side), statesAreConstant: true });
  return report(side, size, { parameters, gradients: 0, moments: 0, losses: 0 });
}

/**
 * Returns the error with which `createTrainer` would refuse a training for its memory, with what fits;
 * undefined if the training fits. Nothing is allocated.
 */
export async function trainingRefusal(
  device: Device,
  given: ModelConfig | Model,
  options: TrainerOptions,
): Promise<MemoryError | undefined> {
  checkTrainerOptions("trainingRefusal", options);
  return refusalOf(trainingSearch(device, modelOf(given), options));
}

/** As `trainingRefusal`, of the prediction of tiles of this side. */
export async function predictionRefusal(
  device: Device,
  given: ModelConfig | Model,
  tile?: number,
): Promise<MemoryError | undefined> {
  const model = modelOf(given);
  return refusalOf(
    tileSearch(device, model, { tile: tile ?? largeTile(device, model), frozen: true }),
  );
}

async function refusalOf(search: Search): Promise<MemoryError | undefined> {
  try {
    await search.bytesOf({});
    return undefined;
  } catch (error) {
    const told = await withProposals(error, search);
    if (told instanceof MemoryError) return told;
    throw told;
  }
}

/** The side of the tiles of large images. */
const largeTile = (device: Device, model: Model) =>
  automaticTile(device, model, { width: Infinity, height: Infinity });

const modelOf = (given: ModelConfig | Model) => (isModel(given) ? given : createModel(given));

function report(tile: number, { bytes, ...size }: PlanSize, states: StateBytes): MemoryReport {
  const stateTotal = Object.values(states).reduce((sum, part) => sum + part, 0);
  return { tile, ...size, bytes: { ...states, ...bytes, total: bytes.total + stateTotal } };
}
