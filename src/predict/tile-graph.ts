// What is computed for a tile. A network that pads its maps with zeros reads these zeros near the
// border of a tile, so only the part inside the halo is kept. The pixels then equal those of one
// pass over the whole image.

import { shown } from "../arguments/shown.js";
import type { Device } from "../gpu/device.js";
import type { PlanSpec } from "../gpu/plan-spec.js";
import { byteCount } from "../graph/layout.js";
import { input, ShapeError, type Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Model } from "../model/model.js";
import { parameterTensors } from "../model/parameters.js";
import { crop2d, softmax } from "../ops/network-ops.js";
import type { Size } from "./tiling.js";

/** The largest output side of an image that is predicted in one pass. */
const LARGEST_OUTPUT = 516;

/**
 * Returns the plan of one tile, without the buffer of its parameters. Its output is the
 * probabilities, or the output of this name as it is.
 */
export function predictionSpec(model: Model, tile: number, output?: string): PlanSpec {
  const outputs = [predictionGraph(model, tile, output)];
  return { name: `prediction of ${tile} x ${tile}`, outputs };
}

function predictionGraph(model: Model, tile: number, output?: string): Tensor {
  const side = predictedSize(model, tile);
  const image = input("image", [1, model.config.channels, tile, tile]);
  const { halo } = model;
  const kept = { top: halo, left: halo, height: side, width: side };
  const map = outputOf(model, image, output ?? "logits");
  const answer = halo > 0 ? crop2d(map, kept, `kept ${output ?? "logits"}`) : map;
  if (output !== undefined) return answer;
  return model.probabilities?.(answer) ?? softmax(answer, "probabilities");
}

/** Returns an output by name. Throws if there is none of the size of the logits. */
function outputOf(model: Model, image: Tensor, output: string): Tensor {
  const parameters = parameterTensors(model.parameters);
  if (output === "logits") return model.logits(image, parameters);
  const all = model.outputs?.(image, parameters) ?? { logits: model.logits(image, parameters) };
  const [, , height, width] = all.logits.shape;
  const names = Object.keys(all).filter((name) => {
    const { shape } = all[name];
    return shape[2] === height && shape[3] === width;
  });
  if (names.includes(output)) return all[output];
  throw new Error(
    `output: the network has no ${shown(output)} of the size of its logits, it has ${names.join(", ")}`,
  );
}

/** Returns the number of planes of a prediction: classes, or the channels of an output. */
export function planeCount(model: Model, output: string | undefined): number {
  if (output === undefined) return model.config.classes;
  const side = model.inputFor(1);
  const image = input("image", [1, model.config.channels, side, side]);
  return outputOf(model, image, output).shape[1];
}

/**
 * Returns the side of the prediction of a tile of side `tile`: its output without the halo. Throws
 * if the model does not accept the tile, or if nothing remains.
 */
export function predictedSize(model: Model, tile: number): number {
  const side = model.outputSize(tile) - 2 * model.halo;
  if (side > 0) return side;
  throw new ShapeError(
    `a tile of ${tile} pixels is too small to predict with an ${model.title}, of whose output ` +
      `${model.halo} pixels are cut per side: the smallest is ${model.inputFor(2 * model.halo + 1)}`,
  );
}

/** Returns the smallest tile that covers the image, within the limits of the adapter. */
export function automaticTile(device: Device, model: Model, image: Size, output?: string): number {
  const limit = device.gpu.limits.maxStorageBufferBindingSize;
  const tileFor = (side: number) => model.inputFor(side + 2 * model.halo);
  const smallest = tileFor(model.gridStep);
  let tile = tileFor(Math.min(LARGEST_OUTPUT, Math.max(image.width, image.height)));
  const largest = () => {
    const tensors = nodesFor([predictionGraph(model, tile, output)]).flatMap(
      ({ outputs }) => outputs,
    );
    return Math.max(...tensors.map(byteCount));
  };
  while (tile > smallest && largest() > limit) tile -= model.gridStep;
  return tile;
}
