// Prediction of whole images by overlapping tiles with mirrored borders (Ronneberger et al. 2015,
// figure 2). Tiles stand at multiples of the pooling grid, so that the pixels are those that one
// pass over the whole image would give. A network that pads its maps with zeros reads them near the
// border of a tile: of such a tile only what lies behind the halo is kept, so that the pixels are the
// same there too. Memory on the GPU depends on the tile alone.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Image, StoredImage } from "../data/image-types.js";
import { cutTile } from "../data/mirror.js";
import { normalise } from "../data/normalise.js";
import { twoInFlight } from "../data/two-in-flight.js";
import type { Device } from "../gpu/device.js";
import { compilePlan, type Plan, type PlanSpec } from "../gpu/plan.js";
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
import { type Origin, paste, tileOrigins } from "./tile-places.js";
import { type TilePlan, tilePlans } from "./tile-plans.js";

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
  /** Views of the image whose mean is taken. */
  readonly symmetries: number;
  /** Releases all that it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Channels where they are not known are the model's. */
export type ImageSize = Pick<Image, "width" | "height"> & Partial<Pick<Image, "channels">>;

/** For who keeps the pixels on the GPU (micrograph/canvas): a run of the plan for each origin. */
export interface Tiling {
  /** Its one input is the tile [1][channels][tile][tile], normalised. */
  readonly plan: Plan;
  /** [1][classes][side][side], of the centre of the tile. */
  readonly probabilities: Tensor;
  /** Side of the input tile. */
  readonly tile: number;
  /** Where the centres lie in the image. */
  readonly origins: readonly Origin[];
  /** To be called once when the plan is not needed any more: it may be closed for others then. */
  release(): void;
}

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
  const values = flatten(model, tensors);
  const parameters = createState(device, "parameters", model.parameters.floats);
  parameters.write(values);
  const predictor = predictorOf(device, model, parameters, { ...options, frozen: true });
  const close = () => {
    predictor.close();
    parameters.close();
  };
  const predict = views?.overSymmetries(predictor.predict, symmetries) ?? predictor.predict;
  return {
    ...predictor,
    async predict(image, name) {
      // Pages whose images are right do not load what describes others.
      if (!fillsPlanes(image)) (await import("../data/check-image.js")).checkImage(name, image);
      return predict(image, name);
    },
    close,
    [Symbol.dispose]: close,
  };
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
}

/** A predictor that reads parameters which somebody else owns and may go on changing. */
export function predictorOf(
  device: Device,
  model: Model,
  parameters: State,
  options: LivePredictorOptions = {},
): Predictor {
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
  const tiles = async (image: ImageSize, name: string): Promise<Tiling> => {
    checkOpen(name);
    const { channels } = model.config;
    const { channels: given = channels } = image;
    if (given !== channels) {
      throw new Error(`${name} has ${given} channels, but the model was trained on ${channels}`);
    }
    const tile = options.tile ?? automaticTile(device, model, image);
    const origins = tileOrigins(image, predictedSize(model, tile), model.gridStep);
    const release = () => plans.release(tile);
    try {
      const ready = await plans.take(tile);
      checkOpen(name);
      return { ...ready, tile, origins, release };
    } catch (error) {
      release();
      checkOpen(name); // to close it ends the compilation, and wgpu refuses the rest with another cause
      throw error;
    }
  };
  return {
    tiles,
    symmetries: options.symmetries ?? 1,
    async predict(image, name) {
      const { plan, probabilities, tile, origins, release } = await tiles(image, name);
      try {
        const normalised = normalise(image);
        const [, classes, side] = probabilities.shape;
        const { width, height } = image;
        const result = new Float32Array(classes * width * height);
        const margin = (tile - side) / 2;
        const start = async ({ x, y }: Origin) => {
          checkOpen(name);
          const area = { x: x - margin, y: y - margin, width: tile, height: tile };
          plan.run({ image: cutTile(normalised, area) });
          return plan.read(probabilities);
        };
        await twoInFlight(origins, start, (values, origin, i) => {
          paste(values, side, origin, image, result);
          options.onTile?.(i + 1, origins.length);
        });
        return { width, height, classes, probabilities: result };
      } finally {
        release();
      }
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
