// Predicts whole images with overlapping tiles and mirrored borders (Ronneberger et al. 2015,
// figure 2). The memory on the GPU depends only on the tile size.

import { checkImage } from "../data/check-image.js";
import { checkNormalisation } from "../data/check-normalisation.js";
import type { StoredImage } from "../data/image-types.js";
import { channelScales, givenScales, type Normalisation } from "../data/normalise.js";
import type { Device } from "../gpu/device.js";
import type { Search } from "../gpu/fitting.js";
import { compilePlan, plannedBytes } from "../gpu/plan.js";
import { orAborted } from "../gpu/slices.js";
import { checkStateSize, createState, type State } from "../gpu/state.js";
import { surviving } from "../gpu/survive.js";
import { withProposals } from "../gpu/with-proposals.js";
import { loadModel } from "../model/load-model.js";
import type { Model } from "../model/model.js";
import { flatten } from "../train/restore.js";
import type { Checkpoint } from "../train/training-types.js";
import type { ImageSize, Predictor, PredictorOptions } from "./predictor.js";
import { runTiles, type TileTools } from "./run-tiles.js";
import { automaticTile, planeCount, predictedSize, predictionSpec } from "./tile-graph.js";
import { type TilePlan, tilePlans } from "./tile-plans.js";
import { pasteTile, readTiles } from "./tile-sink.js";
import { originStep, type Tiling, tileOrigins } from "./tiling.js";

/** Like `createPredictor`, for a checkpoint that has been checked. */
export async function openPredictor(
  device: Device,
  { metadata, tensors, models }: Checkpoint,
  options: PredictorOptions,
): Promise<Predictor> {
  const { signal } = options;
  const model = await orAborted(loadModel(metadata.model, options.models ?? models), signal);
  if (options.tile !== undefined && options.tile !== "image") predictedSize(model, options.tile);
  const { symmetries = 1 } = options;
  // Few pages average views, so this is loaded when needed.
  const views =
    symmetries === 1 ? undefined : await orAborted(import("./test-time-mean.js"), signal);
  views?.checkSymmetries(symmetries);
  const { normalisation = { kind: "image" } } = metadata;
  checkNormalisation(normalisation, metadata.model.channels, "createPredictor");
  const percentiles = await orAborted(percentilesOf(normalisation), signal);
  const values = flatten(model, tensors);
  const open = () => {
    const parameters = createState(device, "parameters", model.parameters.floats);
    parameters.write(values);
    return parameters;
  };
  const first = await surviving(device, async () => open(), signal);
  const further = await orAborted(furtherInputsOf(model), signal);
  const own = { ...options, normalisation, frozen: true, views, percentiles, further };
  return predictorOf(device, model, { first, again: open }, own);
}

/** Only networks that read more than the image load the code for it. */
export const furtherInputsOf = async ({ inputs }: Model) => inputs && import("./further-inputs.js");

/** Only networks that normalise by percentiles load the code for it. */
export const percentilesOf = async ({ kind }: Normalisation) =>
  kind === "percentiles" ? import("../data/percentile-scales.js") : undefined;

/** The weights of a predictor. */
interface OpenWeights {
  readonly first: State;
  /** Opens them on a device that was renewed. The predictor then owns both. */
  readonly again: () => State;
}

interface LivePredictorOptions extends PredictorOptions {
  /**
   * Whether the parameters keep their values, so that their packed forms are computed only once.
   */
  readonly frozen?: boolean | undefined;
  /** By default "image". */
  readonly normalisation?: Normalisation | undefined;
  /** The code for normalisation by percentiles: `percentilesOf`. */
  readonly percentiles?: typeof import("../data/percentile-scales.js") | undefined;
  /** The code for networks that read more than the image. */
  readonly further?: typeof import("./further-inputs.js") | undefined;
  /** The code for the mean of several views. */
  readonly views?: typeof import("./test-time-mean.js") | undefined;
}

/**
 * Creates a predictor. Parameters that are only a state are the caller's, who may continue to change
 * them: such a predictor does not survive the loss of the GPU.
 */
export function predictorOf(
  device: Device,
  model: Model,
  weights: State | OpenWeights,
  options: LivePredictorOptions = {},
): Predictor {
  const owned = "again" in weights ? weights : undefined;
  let parameters = "again" in weights ? weights.first : weights;
  let { renewals } = device;
  const {
    symmetries = 1,
    normalisation = { kind: "image" },
    views,
    percentiles,
    further,
  } = options;
  const { channels } = model.config;
  const classes = planeCount(model, options.output);
  const closing = new AbortController(); // aborts the compilation of plans
  const bound = { ...options, signal: closing.signal };
  const compiled = () => tilePlans((tile) => compileTile(device, model, parameters, tile, bound));
  let plans = compiled();
  const reopen = () => {
    if (!owned || device.renewals === renewals) return;
    plans.close();
    parameters = owned.again();
    plans = compiled();
    renewals = device.renewals;
  };
  const checkOpen = (name: string) => {
    // The parameters may have been released: using them would fail the whole device.
    if (closing.signal.aborted) {
      throw new Error(`${name} cannot be predicted: the predictor is closed`);
    }
  };
  /** Closing the predictor aborts pending work. That is then the error, whatever failed. */
  const whileOpen = async <T>(pending: Promise<T>, name: string): Promise<T> => {
    try {
      return await pending;
    } catch (error) {
      checkOpen(name);
      throw error;
    }
  };
  const sideOf = (tile: PredictorOptions["tile"], image: ImageSize) =>
    tile === "image"
      ? model.inputFor(Math.max(image.width, image.height) + 2 * model.halo)
      : (tile ?? automaticTile(device, model, image, options.output));
  const tiles = async (image: ImageSize, name: string): Promise<Tiling> => {
    checkOpen(name);
    const { channels: given = channels } = image;
    if (given !== channels) {
      throw new Error(`${name} has ${given} channels, but the model was trained on ${channels}`);
    }
    const tile = sideOf(options.tile, image);
    const side = predictedSize(model, tile);
    const step = originStep(side, model.gridStep);
    const origins = tileOrigins(image, side, model.gridStep);
    reopen();
    const current = plans;
    const release = () => current.release(tile);
    try {
      const ready = await whileOpen(current.take(tile), name);
      checkOpen(name);
      return { ...ready, tile, side, originStep: step, gridStep: model.gridStep, origins, release };
    } catch (error) {
      release();
      throw error;
    }
  };
  const run: Predictor["runTiles"] = async (source, output, how) => {
    const { name } = how;
    const { kind } = normalisation;
    const ofImage = (image: StoredImage) =>
      kind === "percentiles"
        ? percentiles?.percentileScales(image, normalisation)
        : (givenScales(normalisation) ?? channelScales(image));
    const scales =
      how.scales ??
      ("data" in source ? ofImage(source as StoredImage) : givenScales(normalisation, name));
    const check = () => {
      checkOpen(name);
      how.checkOpen?.();
    };
    const defaults = { views: symmetries, ...how };
    // What lies on the GPU is lost with it, and there is nothing to go on from: see `surviving`.
    const survives = owned && how.isOnHost;
    const survive: TileTools["survive"] = survives
      ? (work) => surviving(device, work, how.signal ?? closing.signal)
      : undefined;
    const readView = views?.readView;
    const { inputs } = how;
    const readInputs =
      model.inputs && further?.inputReader(model.inputs, { name, size: source, inputs, readView });
    if (inputs && !model.inputs) throw new Error(`${name}: the network reads the image only`);
    const tools = { tiles, readView, readInputs, survive };
    return whileOpen(
      runTiles(tools, source, output, { ...defaults, scales, checkOpen: check }),
      name,
    );
  };
  const close = () => {
    closing.abort();
    plans.close();
    if (owned) parameters.close();
  };
  return {
    tiles,
    runTiles: run,
    surviving: (work) => (owned ? surviving(device, work, closing.signal) : work()),
    channels,
    classes,
    normalisation,
    symmetries,
    predict: arrayPrediction(run, classes, options),
    close,
    [Symbol.dispose]: close,
  };
}

/** `Predictor.predict`: the tiles of `run` pasted into one array, or added up for the mean of views. */
function arrayPrediction(
  run: Predictor["runTiles"],
  classes: number,
  { symmetries = 1, views, onTile }: LivePredictorOptions,
): Predictor["predict"] {
  return async (image, name, inputs) => {
    checkImage(name, image);
    const { width, height } = image;
    const floats = classes * width * height;
    let whole: Float32Array | Float64Array;
    try {
      whole = views ? new Float64Array(floats) : new Float32Array(floats);
    } catch {
      throw refusedArray(name, image, classes);
    }
    const write = views?.addTile ?? pasteTile;
    const output = readTiles((values, place) => {
      write(values, place, image, whole);
      onTile?.(place.index + 1, place.tiling.origins.length);
    });
    await run(image, output, { name, inputs, isOnHost: true });
    const probabilities = views ? views.meanOf(whole, symmetries) : (whole as Float32Array);
    return { width, height, classes, probabilities };
  };
}

async function compileTile(
  device: Device,
  model: Model,
  parameters: State,
  tile: number,
  { frozen = false, signal, output }: LivePredictorOptions,
): Promise<TilePlan> {
  const spec = { ...predictionSpec(model, tile, output), statesAreConstant: frozen };
  const states = { parameters: parameters.buffer };
  try {
    const plan = await compilePlan(device, { ...spec, states }, { signal });
    return { plan, probabilities: spec.outputs[0] };
  } catch (error) {
    throw await withProposals(error, tileSearch(device, model, { tile, output, frozen }));
  }
}

/** The search among the tiles of a predictor. `bytesOf` rejects like the compilation of its plan. */
export function tileSearch(
  device: Device,
  model: Model,
  { tile, output, frozen }: { tile: number; output?: string | undefined; frozen: boolean },
): Search {
  return {
    options: { tile },
    model,
    async bytesOf({ tile: side = tile }) {
      const spec = predictionSpec(model, side as number, output);
      return (
        checkStateSize(device.gpu.limits, "parameters", model.parameters.floats) +
        plannedBytes(device, { ...spec, statesAreConstant: frozen })
      );
    },
  };
}

/**
 * Returns the error for an array of probabilities, [classes][height][width], that could not be
 * allocated.
 */
function refusedArray(name: string, { width, height }: ImageSize, classes: number): RangeError {
  const bytes = classes * width * height * 4;
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  return new RangeError(
    `${name}: the probabilities of ${classes} classes in ${width} x ${height} pixels take ${bytes} bytes ` +
      `(${gibibytes} GiB), more than one array can hold here: use predictTiles, which predicts tile by tile`,
  );
}
