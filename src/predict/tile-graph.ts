// What is computed of a tile. A network that pads its maps with zeros reads them near the border of a tile:
// of such a tile only what lies within the halo is kept, so that the pixels are those of one pass over the whole
// image.

import type { Device } from "../gpu/device.js";
import type { PlanSpec } from "../gpu/plan-spec.js";
import { byteCount } from "../graph/layout.js";
import { input, ShapeError, type Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Model } from "../model/model.js";
import { parameterTensors } from "../model/parameters.js";
import { crop2d, softmax } from "../ops/index.js";
import type { Size } from "./tiling.js";

/** The output side up to which an image is predicted in one pass. */
const LARGEST_OUTPUT = 516;

/** The plan of one tile, except the buffer of its parameters. Its output is the probabilities. */
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
export function automaticTile(device: Device, model: Model, image: Size): number {
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
