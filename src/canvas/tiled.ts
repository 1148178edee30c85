// Predicts a source tile by tile and stitches the probabilities together on the GPU.

import type { Image } from "../data/image-types.js";
import { workgroupsFor } from "../graph/dispatch.js";
import { BLOCK } from "../graph/layout.js";
import type { Predictor } from "../predict/predictor.js";
import type { GpuTileSource } from "../predict/read-tile.js";
import type { TilePlace } from "../predict/tiling.js";
import { canvasStitch } from "../shaders/canvas.generated.js";
import { createPrediction, type GpuPrediction, type PredictionTools } from "./gpu-prediction.js";

/** Invocations per workgroup of `canvas-stitch`. */
const LANES = 64;

export interface TilingTools extends PredictionTools {
  readonly predictor: Pick<Predictor, "runTiles" | "classes" | "symmetries">;
  /** Throws if work may no longer be submitted; called after each wait. */
  checkOpen(): void;
  onTile?: ((done: number, total: number) => void) | undefined;
}

/** Predicts all views of a source. The caller owns the prediction; the source stays open. */
export async function predictTiled(
  tools: TilingTools,
  source: GpuTileSource | Image,
  name: string,
): Promise<GpuPrediction> {
  const { device, predictor, checkOpen, onTile } = tools;
  const { classes, symmetries } = predictor;
  const { width, height } = source;
  let prediction: GpuPrediction | undefined;
  const totalOf = ({ tiling }: TilePlace) => symmetries * tiling.origins.length;
  const output = {
    async take(place: TilePlace) {
      prediction ??= createPrediction(tools, { width, height, classes }, name);
      stitch(tools, place, prediction);
      // Wait after each tile, so that the page's own drawing gets its turn.
      if (totalOf(place) > 1) await device.idle();
    },
    put(_: unknown, place: TilePlace) {
      onTile?.(place.view * place.tiling.origins.length + place.index + 1, totalOf(place));
      checkOpen();
    },
  };
  try {
    await predictor.runTiles(source, output, { name, checkOpen });
    return prediction as unknown as GpuPrediction;
  } catch (error) {
    prediction?.close();
    throw error;
  }
}

/** Adds a tile to the prediction; the tiles of the last view turn the sum into a mean. */
function stitch(
  { kernels, predictor: { symmetries } }: Pick<TilingTools, "kernels" | "predictor">,
  { tiling, view, kept }: TilePlace,
  { width, height, classes, buffer }: GpuPrediction,
): void {
  const { plan, probabilities, side } = tiling;
  const { x, y, width: columns, height: rows } = kept;
  const workgroups = workgroupsFor(classes * columns * rows, LANES);
  const blocks = Math.ceil(side / BLOCK);
  kernels.dispatch(canvasStitch, [plan.place(probabilities), { buffer }], workgroups, {
    whole: [width, height, classes, view, x, y, blocks, columns, rows, Number(view === 0)],
    floats: [view === symmetries - 1 ? symmetries : 1],
  });
}
