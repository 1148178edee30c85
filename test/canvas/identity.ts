// The network's input for a picture, obtained with a network that returns the centre of its tile.

import { createKernels, type Kernels } from "../../src/canvas/kernels.js";
import type { PictureTiles } from "../../src/canvas/picture-source.js";
import { predictTiled, type TilingTools } from "../../src/canvas/tiled.js";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { input } from "../../src/graph/tensor.js";
import { crop2d } from "../../src/ops/index.js";
import { runTiles } from "../../src/predict/run-tiles.js";
import { type Size, type Tiling, tileOrigins } from "../../src/predict/tiling.js";

interface Identity {
  readonly channels: number;
  readonly tile: number;
  /** Side of the centre. */
  readonly side: number;
  readonly symmetries: number;
}

/** The normalised picture, [channels][height][width], cut into tiles and put together again. */
export async function throughIdentity(
  device: Device,
  sourceOf: (kernels: Kernels) => PictureTiles,
  { channels, tile, side, symmetries }: Identity,
): Promise<Float32Array> {
  const margin = (tile - side) / 2;
  const image = input("image", [1, channels, tile, tile]);
  const centre = { top: margin, left: margin, height: side, width: side };
  const probabilities = crop2d(image, centre, "centre");
  const plan = await compilePlan(device, { name: "identity", outputs: [probabilities] });
  const format = "rgba8unorm";
  const kernels = await createKernels(device, format);
  const source = sourceOf(kernels);
  const tiles = async (size: Size): Promise<Tiling> => {
    const origins = tileOrigins(size, side, 4);
    return {
      plan,
      probabilities,
      tile,
      side,
      originStep: side - (side % 4),
      gridStep: 4,
      origins,
      release() {},
    };
  };
  const predictor: TilingTools["predictor"] = {
    symmetries,
    classes: channels,
    runTiles: (from, output, how) =>
      runTiles({ tiles }, from, output, { views: symmetries, ...how }),
  };
  const checkOpen = () => device.check();
  const tools = { device, kernels, format, open: new Set<never>(), predictor, checkOpen } as const;
  const prediction = await predictTiled(tools, source, "picture");
  const { probabilities: values } = await prediction.read();
  for (const made of [prediction, source, kernels, plan]) made.close();
  return values;
}
