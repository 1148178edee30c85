// A source predicted tile by tile, the probabilities put together on the GPU.

import { twoInFlight } from "../data/two-in-flight.js";
import { workgroupsFor } from "../graph/dispatch.js";
import { BLOCK } from "../graph/layout.js";
import type { Predictor, Tiling } from "../predict/predict.js";
import type { Origin } from "../predict/tile-places.js";
import type { Kernels } from "./kernels.js";
import { createPrediction, type GpuPrediction, type PredictionTools } from "./prediction.js";
import type { TileSource } from "./source.js";

/** Invocations of a workgroup of `canvas-stitch`. */
const LANES = 64;

export interface TilingTools extends PredictionTools {
  readonly predictor: Pick<Predictor, "tiles" | "symmetries">;
  /** Throws where work may no longer be submitted: asked after each wait. */
  checkOpen(): void;
  onTile?: ((done: number, total: number) => void) | undefined;
}

/** Predicts all views of a source. The prediction is the caller's, the source stays open. */
export async function predictTiled(
  tools: TilingTools,
  source: TileSource,
  name: string,
): Promise<GpuPrediction> {
  const { predictor, checkOpen } = tools;
  const { width, height, channels } = source;
  let prediction: GpuPrediction | undefined;
  try {
    for (let view = 0; view < predictor.symmetries; view++) {
      // Odd quarter turns change width and height for each other.
      const size = view % 2 === 1 ? { width: height, height: width } : { width, height };
      const tiling = await predictor.tiles({ ...size, channels }, name);
      try {
        checkOpen();
        const [, classes] = tiling.probabilities.shape;
        prediction ??= createPrediction(tools, { width, height, classes }, name);
        await predictView(tools, { source, tiling, view, prediction });
      } finally {
        tiling.release();
      }
    }
    return prediction as GpuPrediction;
  } catch (error) {
    prediction?.close();
    throw error;
  }
}

interface View {
  readonly source: TileSource;
  readonly tiling: Tiling;
  /** Its index: src/data/symmetric-views.ts. */
  readonly view: number;
  readonly prediction: GpuPrediction;
}

/** Predicts one view and adds it to the prediction; the last one makes it a mean. */
async function predictView(
  { device, kernels, predictor, checkOpen, onTile }: TilingTools,
  { source, tiling, view, prediction }: View,
): Promise<void> {
  const { symmetries } = predictor;
  const { tile, origins, probabilities } = tiling;
  const margin = (tile - probabilities.shape[2]) / 2;
  const total = symmetries * origins.length;
  const divisor = view === symmetries - 1 ? symmetries : 1;
  const start = async ({ x, y }: Origin, i: number) => {
    source.run(tiling, view, x - margin, y - margin);
    stitch(kernels, tiling, i, { view, divisor, prediction });
    // Few tiles at a time, so that the page's own drawing gets its turn.
    if (total > 1) await device.idle();
  };
  await twoInFlight(origins, start, (_done, _origin, i) => {
    onTile?.(view * origins.length + i + 1, total);
    checkOpen();
  });
}

function stitch(
  kernels: Kernels,
  { plan, probabilities, origins }: Tiling,
  index: number,
  { view, divisor, prediction }: Pick<View, "view" | "prediction"> & { readonly divisor: number },
): void {
  const { width, height, classes, buffer } = prediction;
  const [, , , side] = probabilities.shape;
  const { x, y } = origins[index];
  // Where tiles overlap, the later one counts. They stand on a grid that begins at 0, row by row.
  const last = origins[origins.length - 1];
  const step = origins.length > 1 ? Math.max(origins[1].x, origins[1].y) : side;
  const columns = x < last.x ? step : side;
  const rows = y < last.y ? step : side;
  const workgroups = workgroupsFor(classes * columns * rows, LANES);
  const blocks = Math.ceil(side / BLOCK);
  const isFirst = Number(view === 0);
  kernels.dispatch("canvas-stitch", [plan.place(probabilities), { buffer }], workgroups, {
    whole: [width, height, classes, view, x, y, blocks, columns, rows, isFirst],
    floats: [divisor],
  });
}
