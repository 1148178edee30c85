// What a run needs before its first step: the model, the weights that it starts from, the data.

import type { Normalisation } from "../data/normalise.js";
import type { ObjectTask } from "../data/task.js";
import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import { layerOf } from "../model/parameters.js";
import type { OpenBatches } from "./batches.js";
import type { TrainingData, TrainOptions } from "./run-options.js";
import type { Checkpoint, TrainingConfig } from "./training-types.js";

interface Preparation extends Pick<TrainOptions, "batches"> {
  readonly normalisation: Normalisation;
  readonly objects: ObjectTask | undefined;
}

/** Loads what is apart from the core of a page: weight maps, augmentation and figures of the data. */
export async function prepareData(
  data: TrainingData,
  model: Model,
  config: TrainingConfig,
  { normalisation, objects, batches }: Preparation,
) {
  const { createValidator } = await import("./validate.js");
  if (batches) {
    const { ownBatches } = await import("./own-batches.js");
    const balance = Array.from({ length: model.config.classes }, () => 1);
    return {
      validate: createValidator(data.validation, balance, config, objects),
      open: async (_open: OpenBatches | undefined, first: number) => ownBatches(batches, first),
    };
  }
  const { prepareSampleFiles, readSample, cutBatches } = await import("./batches.js");
  const { classWeights, w0, sigma, tile, tileStride: stride, augmentation, seed } = config;
  const output = model.outputSize(tile);
  const samples = data.training;
  const weights = { classWeights, w0, sigma };
  const prepared = await prepareSampleFiles({ samples, output, stride, ...weights, normalisation });
  return {
    validate: createValidator(data.validation, prepared.balance, config, objects),
    open: async (open: OpenBatches = cutBatches, first: number) =>
      open({
        prepared,
        read: ({ given }) => readSample(samples[given]),
        tiles: { input: tile, output, augmentation, seed },
        size: config.batch,
        first,
        end: config.steps * config.accumulate,
      }),
  };
}

/** Default runs do not load the checks of other normalisations. */
export async function normalisationOf(
  options: TrainOptions,
  channels: number,
): Promise<Normalisation> {
  const { resume, from, normalisation: given } = options;
  const known = (resume ?? from)?.metadata.normalisation ?? { kind: "image" };
  if (!given && known.kind === "image") return known;
  const { chooseNormalisation } = await import("./choose-normalisation.js");
  return chooseNormalisation(given, known, { channels, isResumed: resume !== undefined });
}

/** Runs from random weights do not load fine-tuning. */
export async function startFrom(checkpoint: Checkpoint, model: Model, seed: number, strict = true) {
  if (!strict) {
    const { partialWeights } = await import("./partial-weights.js");
    const { values, partial } = partialWeights(model, checkpoint, seed);
    const newLayers = [...new Set(partial.missing.map(layerOf))];
    return { values, newLayers, partial };
  }
  const { startingWeights } = await import("./fine-tune.js");
  return { ...(await startingWeights(model, checkpoint, seed)), partial: undefined };
}

/** The model, with the initial values of the caller. */
export async function modelOf(
  given: ModelConfig | Model,
  initial: TrainOptions["initial"],
): Promise<Model> {
  const model = await loadModel(given);
  if (initial === undefined) return model;
  const { withInitialValues } = await import("../model/own-initial-values.js");
  return withInitialValues(model, initial);
}
