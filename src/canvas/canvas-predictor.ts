// A predictor whose pixels come from the browser's pictures and go to canvases, all on the GPU.

import { checkKeys } from "../arguments/keys.js";
import type { Image } from "../data/image-types.js";
import type { Device } from "../gpu/device.js";
import type { Predictor } from "../predict/predictor.js";
import type { GpuPrediction } from "./gpu-prediction.js";
import { createKernels } from "./kernels.js";
import { copyPicture, type PictureSource } from "./picture-source.js";
import { predictTiled } from "./tiled.js";

/** How a picture is predicted. */
export interface CanvasPredictorOptions {
  /** Called after each tile with the number of tiles done, and of all tiles of all views. */
  readonly onTile?: ((done: number, total: number) => void) | undefined;
}

/** Predicts pictures of a page without reading them back from the GPU. */
export interface CanvasPredictor {
  /**
   * Predicts a picture (a bitmap, pixels, an element, a canvas, a video frame) or an image, with
   * the tiles and symmetries of the predictor; the probabilities stay on the GPU. A picture is
   * copied before the call returns, on the GPU if the browser has it there, so a video frame may be
   * closed afterwards. Pictures have 8 bits of sRGB per channel, as in `readImage`, without alpha;
   * a model with one channel gets the luma (BT.709) of coloured pictures, one with three channels
   * gets grey three times. If the GPU is lost meanwhile, the picture, if it is still there, is copied and
   * predicted again; earlier predictions are lost. Rejects like `Predictor.predict`, if the page may not read the picture,
   * and after `close`.
   */
  predict(source: PictureSource | Image, name: string): Promise<GpuPrediction>;
  /** Releases everything on the GPU, including predictions; the predictor stays open. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Creates a canvas predictor from a predictor of `micrograph` or `micrograph/core`, on its device.
 */
export async function createCanvasPredictor(
  device: Device,
  predictor: Predictor,
  options: CanvasPredictorOptions = {},
): Promise<CanvasPredictor> {
  checkKeys("createCanvasPredictor", options, { onTile: 1 });
  device.checkOpen();
  const format = navigator.gpu.getPreferredCanvasFormat();
  let kernels = await createKernels(device, format);
  let { renewals } = device;
  const open = new Set<GpuPrediction>();
  let closed = false;
  const close = () => {
    closed = true;
    for (const prediction of open) prediction.close();
    kernels.close();
  };
  /** Compiles the kernels again if the GPU was lost since. */
  const reopen = async () => {
    const renewed = device.renewals;
    const compiled = await createKernels(device, format);
    if (renewals === renewed) return compiled.close(); // another call was faster
    for (const prediction of open) prediction.close();
    [kernels, renewals] = [compiled, renewed];
  };
  const attempt = async (picture: PictureSource | Image, name: string) => {
    const checkOpen = () => {
      device.checkOpen();
      kernels.faults.check();
      if (closed) throw new Error(`${name} cannot be predicted: the canvas predictor is closed`);
    };
    if (device.renewals !== renewals) await reopen();
    checkOpen();
    const tools = { device, kernels, format, open, predictor, checkOpen, ...options };
    if (isImage(picture)) return predictTiled(tools, picture, name);
    const { normalisation } = predictor;
    const source = copyPicture(device.gpu, kernels, picture, name, normalisation);
    try {
      return await predictTiled(tools, source, name);
    } finally {
      source.close();
    }
  };
  return {
    predict: async (picture, name) => predictor.surviving(() => attempt(picture, name)),
    close,
    [Symbol.dispose]: close,
  };
}

const isImage = (source: PictureSource | Image): source is Image =>
  "data" in source && source.data instanceof Float32Array;
