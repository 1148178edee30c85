// Prediction of whole images by overlapping tiles with mirrored borders (Ronneberger et al. 2015,
// figure 2). A network that pads its maps with zeros reads them near the border of a tile: of such a tile
// only what lies within the halo is kept, so that the pixels are those of one pass over the whole image.
// Memory on the GPU depends on the tile only.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Image, StoredImage } from "../data/image-types.js";
import { channelScales, givenScales, type Normalisation } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import type { Device } from "../gpu/device.js";
import { compilePlan, type PlanSpec } from "../gpu/plan.js";
import { type Abortable, orAborted } from "../gpu/slices.js";
import { createState, type State } from "../gpu/state.js";
import { byteCount } from "../graph/layout.js";
import { input, ShapeError, type Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import { loadModel } from "../model/load-model.js";
import type { Model } from "../model/model.js";
import { parameterTensors } from "../model/parameters.js";
import { crop2d, softmax } from "../ops/index.js";
import { flatten } from "../train/restore.js";
import type { Checkpoint, Prediction } from "../train/training-types.js";
import type { GpuTileSource } from "./read-tile.js";
import { runTiles, type TilesRun } from "./run-tiles.js";
import { type TilePlan, tilePlans } from "./tile-plans.js";
import { pasteTile, readTiles, type TileOutput } from "./tile-sink.js";
import { originStep, type Tiling, tileOrigins } from "./tiling.js";

export interface PredictorOptions extends Abortable {
  /** Side of the input tile; by default one pass for small images, else tiles of about 700. */
  readonly tile?: number | undefined;
  /** Views of the image whose mean is taken, 1 to 8 (test-time-mean.ts); 1 when left out. */
  readonly symmetries?: number | undefined;
  /** Called after each tile with the number of those done, and of all, of the view of the image. */
  readonly onTile?: ((done: number, total: number) => void) | undefined;
}

export interface Predictor {
  /**
   * Probabilities of every class for an image of any size, as large as the image. The image, of
   * values or as stored, is normalised as the checkpoint says. Throws for data that do not fill the
   * sizes, where the channels differ from the model's, and after `close`.
   */
  predict(image: StoredImage, name: string): Promise<Prediction>;
  /** How one view of an image of that size is predicted tile by tile; throws as `predict` does. */
  tiles(image: ImageSize, name: string): Promise<Tiling>;
  /**
   * Runs every tile of an image, of all views: what `predict`, `predictTiles` and micrograph/canvas are made
   * of. Rejects as `predict` does, and with what source and output throw.
   */
  runTiles<T>(
    source: TileSource | StoredImage | GpuTileSource,
    output: TileOutput<T>,
    options: TilesRun,
  ): Promise<void>;
  /** What an image has, and a prediction. */
  readonly channels: number;
  readonly classes: number;
  /** How images are normalised; `predict` does it on its own. */
  readonly normalisation: Normalisation;
  /** Views of the image whose mean is taken. */
  readonly symmetries: number;
  /** Releases all that it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Channels where they are not known are the model's. */
export type ImageSize = Pick<Image, "width" | "height"> & Partial<Pick<Image, "channels">>;

/** The output side up to which an image is predicted in one pass. */
const LARGEST_OUTPUT = 516;

const OPTIONS: Keys<PredictorOptions> = { tile: 1, symmetries: 1, onTile: 1, signal: 1 };

/** A predictor with the weights of a checkpoint. Throws where they do not fit its model. */
export async function createPredictor(
  device: Device,
  checkpoint: Checkpoint,
  options: PredictorOptions = {},
): Promise<Predictor> {
  checkKeys("createPredictor", options, OPTIONS);
  const { metadata, tensors } = checkpoint ?? {};
  if (!metadata?.model || typeof tensors?.get !== "function") {
    throw new Error(
      `createPredictor: the checkpoint has metadata and tensors, got ${kindOf(checkpoint)}: decode a file by decodeSafetensors`,
    );
  }
  const { signal } = options;
  const model = await orAborted(loadModel(metadata.model), signal);
  if (options.tile !== undefined) predictedSize(model, options.tile);
  const { symmetries = 1 } = options;
  // Few pages take a mean: it is loaded when asked for.
  const views =
    symmetries === 1 ? undefined : await orAborted(import("./test-time-mean.js"), signal);
  views?.checkSymmetries(symmetries);
  const { normalisation = { kind: "image" } } = metadata;
  if (normalisation.kind !== "image") {
    const { checkNormalisation } = await import("../data/check-normalisation.js");
    checkNormalisation(normalisation, metadata.model.channels, "createPredictor");
  }
  const values = flatten(model, tensors);
  const parameters = createState(device, "parameters", model.parameters.floats);
  parameters.write(values);
  const own = { ...options, normalisation, frozen: true, views };
  const predictor = predictorOf(device, model, parameters, own);
  const close = () => {
    predictor.close();
    parameters.close();
  };
  return { ...predictor, close, [Symbol.dispose]: close };
}

/** Whether the data of an image are as many numbers as its sizes say. */
function fillsPlanes(image: StoredImage): boolean {
  const { width, height, channels, maximum = 1, data } = image ?? {};
  const sizes = [width, height, channels];
  return (
    sizes.every((size) => Number.isSafeInteger(size) && size > 0) &&
    maximum > 0 &&
    ArrayBuffer.isView(data) &&
    typeof data[0] === "number" &&
    data.length === width * height * channels
  );
}

interface LivePredictorOptions extends PredictorOptions {
  /** Whether the parameters keep their values: their packed forms are then made once. */
  readonly frozen?: boolean | undefined;
  /** "image" when left out. */
  readonly normalisation?: Normalisation | undefined;
  /** What the mean of several views needs. */
  readonly views?: typeof import("./test-time-mean.js") | undefined;
}

/** A predictor that reads parameters which somebody else owns and may go on changing. */
export function predictorOf(
  device: Device,
  model: Model,
  parameters: State,
  options: LivePredictorOptions = {},
): Predictor {
  const { symmetries = 1, normalisation = { kind: "image" }, views } = options;
  const { channels, classes } = model.config;
  const closing = new AbortController(); // ends the compilation of plans
  const bound = { ...options, signal: closing.signal };
  const plans = tilePlans((tile) => compileTile(device, model, parameters, tile, bound));
  let closed = false;
  const close = () => {
    closed = true;
    closing.abort();
    plans.close();
  };
  const checkOpen = (name: string) => {
    // The parameters may be gone: using them would fail the whole device.
    if (closed) throw new Error(`${name} cannot be predicted: the predictor is closed`);
  };
  /** Closing ends what is going on: that is then the error, whatever it made fail. */
  const whileOpen = async <T>(pending: Promise<T>, name: string): Promise<T> => {
    try {
      return await pending;
    } catch (error) {
      checkOpen(name);
      throw error;
    }
  };
  const tiles = async (image: ImageSize, name: string): Promise<Tiling> => {
    checkOpen(name);
    const { channels: given = channels } = image;
    if (given !== channels) {
      throw new Error(`${name} has ${given} channels, but the model was trained on ${channels}`);
    }
    const tile = options.tile ?? automaticTile(device, model, image);
    const side = predictedSize(model, tile);
    const step = originStep(side, model.gridStep);
    const origins = tileOrigins(image, side, model.gridStep);
    const release = () => plans.release(tile);
    try {
      const ready = await whileOpen(plans.take(tile), name);
      checkOpen(name);
      return { ...ready, tile, side, originStep: step, origins, release };
    } catch (error) {
      release();
      throw error;
    }
  };
  const run: Predictor["runTiles"] = (source, output, how) => {
    const { name } = how;
    const own = "data" in source ? channelScales : undefined;
    const scales = how.scales ?? givenScales(normalisation) ?? own?.(source as StoredImage);
    const check = () => {
      checkOpen(name);
      how.checkOpen?.();
    };
    const defaults = { views: symmetries, ...how };
    const tools = { tiles, readView: views?.readView };
    return whileOpen(
      runTiles(tools, source, output, { ...defaults, scales, checkOpen: check }),
      name,
    );
  };
  return {
    tiles,
    runTiles: run,
    channels,
    classes,
    normalisation,
    symmetries,
    async predict(image, name) {
      // Pages whose images are right do not load what describes others.
      if (!fillsPlanes(image)) (await import("../data/check-image.js")).checkImage(name, image);
      const { width, height } = image;
      const floats = classes * width * height;
      let whole: Float32Array | Float64Array;
      try {
        whole = views ? new Float64Array(floats) : new Float32Array(floats);
      } catch {
        throw (await import("./refused-array.js")).refusedArray(name, image, classes);
      }
      const write = views?.addTile ?? pasteTile;
      const output = readTiles((planes, place) => {
        write(planes, place, image, whole);
        options.onTile?.(place.index + 1, place.tiling.origins.length);
      });
      await run(image, output, { name });
      const probabilities = views ? views.meanOf(whole, symmetries) : (whole as Float32Array);
      return { width, height, classes, probabilities };
    },
    close,
    [Symbol.dispose]: close,
  };
}

async function compileTile(
  device: Device,
  model: Model,
  parameters: State,
  tile: number,
  { frozen = false, signal }: LivePredictorOptions,
): Promise<TilePlan> {
  const spec = { ...predictionSpec(model, tile), statesAreConstant: frozen };
  const states = { parameters: parameters.buffer };
  const plan = await compilePlan(device, { ...spec, states }, { signal });
  return { plan, probabilities: spec.outputs[0] };
}

/** The plan of one tile, but for the buffer of its parameters. Its output is the probabilities. */
export function predictionSpec(model: Model, tile: number): PlanSpec {
  const outputs = [predictionGraph(model, tile)];
  return { name: `prediction of ${tile} x ${tile}`, outputs };
}

function predictionGraph(model: Model, tile: number): Tensor {
  const side = predictedSize(model, tile);
  const image = input("image", [1, model.config.channels, tile, tile]);
  const logits = model.logits(image, parameterTensors(model.parameters));
  const { halo } = model;
  const kept = { top: halo, left: halo, height: side, width: side };
  return softmax(halo > 0 ? crop2d(logits, kept, "kept logits") : logits, "probabilities");
}

/**
 * Side of what a tile of side `tile` predicts: its output without the halo. Throws where the model
 * cannot take the tile, or where nothing is left.
 */
export function predictedSize(model: Model, tile: number): number {
  const side = model.outputSize(tile) - 2 * model.halo;
  if (side > 0) return side;
  throw new ShapeError(
    `a tile of ${tile} pixels is too small to predict with an ${model.title}, of whose output ` +
      `${model.halo} pixels a side are cut: the smallest is ${model.inputFor(2 * model.halo + 1)}`,
  );
}

/** The smallest tile that covers the image, as far as the adapter's limits allow. */
export function automaticTile(
  device: Device,
  model: Model,
  image: Pick<Image, "width" | "height">,
): number {
  const limit = device.gpu.limits.maxStorageBufferBindingSize;
  const tileFor = (side: number) => model.inputFor(side + 2 * model.halo);
  const smallest = tileFor(model.gridStep);
  let tile = tileFor(Math.min(LARGEST_OUTPUT, Math.max(image.width, image.height)));
  const largest = () => {
    const tensors = nodesFor([predictionGraph(model, tile)]).flatMap(({ outputs }) => outputs);
    return Math.max(...tensors.map(byteCount));
  };
  while (tile > smallest && largest() > limit) tile -= model.gridStep;
  return tile;
}
