// `micrograph/canvas`: from pictures of a page to canvases, entirely on the GPU. It uses a device
// and a predictor created with `micrograph` or `micrograph/core`, and does not bundle the engine.

export type {
  Colour,
  Image,
  InputValues,
  Samples,
  SizedPlanes,
  StoredImage,
} from "../data/image-types.js";
export type { Tile } from "../data/mirror.js";
export type { ChannelScale, Normalisation } from "../data/normalise.js";
export type { TileSource } from "../data/tile-source.js";
export type { Closable, Device, DeviceDescription, Wait } from "../gpu/device.js";
export type { GpuError } from "../gpu/errors.js";
export type { Faults, Guarded } from "../gpu/guard.js";
export type { MemoryUse } from "../gpu/memory-plan.js";
export type { Pipeline, Pipelines } from "../gpu/pipelines.js";
export type { Plan } from "../gpu/plan-run.js";
export type { Inputs } from "../gpu/plan-spec.js";
export type { Abortable } from "../gpu/slices.js";
export type { DispatchTime, RunTimes } from "../gpu/timing.js";
export type { DispatchWork } from "../gpu/work.js";
export type { Capabilities, GpuTraits } from "../graph/capabilities.js";
export type { Dispatch } from "../graph/dispatch.js";
export type { Kernel, Node, Op, OutputSpec, Rows } from "../graph/op.js";
export type { DType, Layout, Shape, Source, Tensor, TexelRows } from "../graph/tensor.js";
export type { ImageSize, Predictor } from "../predict/predictor.js";
export type { GpuTileSource } from "../predict/read-tile.js";
export type { TilesRun } from "../predict/run-tiles.js";
export type { TilePlan } from "../predict/tile-plans.js";
export type { TileOutput } from "../predict/tile-sink.js";
export type { Origin, Shard, Size, TilePlace, Tiling } from "../predict/tiling.js";
export type { BindingKind, ShaderBinding } from "../shaders/binding-kinds.js";
export type { Shader } from "../shaders/shader.js";
export type { UniformFields } from "../shaders/uniform-fields.js";
export type { Prediction } from "../train/training-types.js";
export {
  type CanvasPredictor,
  type CanvasPredictorOptions,
  createCanvasPredictor,
} from "./canvas-predictor.js";
export type { Canvas, GpuPrediction } from "./gpu-prediction.js";
export type { ClassLook, Look, MaskLook, OverlayLook, ProbabilityLook } from "./look.js";
export type { PictureSource } from "./picture-source.js";
