// `micrograph/canvas`: pictures of a page in and canvases out, through the GPU alone. It runs on a
// device and a predictor that `micrograph` or `micrograph/core` made, and brings no engine of its own.

export {
  type CanvasPredictor,
  type CanvasPredictorOptions,
  createCanvasPredictor,
} from "./canvas-predictor.js";
export type { Look, MaskLook, OverlayLook, ProbabilityLook } from "./look.js";
export type { Canvas, GpuPrediction } from "./prediction.js";
export type { PictureSource } from "./source.js";
