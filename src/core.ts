/// <reference lib="esnext.disposable" preserve="true" />
// `micrograph/core`: what a page needs to train a U-Net and to predict, of the modules of `micrograph`. A
// page without a bundler has it as dist/core/core.js (scripts/bundle.js). The rest of the public API takes
// its values.

export {
  AdapterError,
  type Device,
  type DeviceDescription,
  type DeviceOptions,
  GpuError,
  requestDevice,
  useDevice,
} from "./gpu/device.js";
export { compilePlan, type Inputs, type Plan, type PlanSpec } from "./gpu/plan.js";
export { createState, type State } from "./gpu/state.js";
export type { ModelConfig } from "./model/model.js";
export { unet } from "./model/unet.js";
export { gradients } from "./ops/index.js";
export { modelConfig, trainingConfig } from "./train/config.js";
export { createPredictor, type Predictor, type PredictorOptions } from "./train/predict.js";
export { createTrainer, type Trainer, type TrainerOptions } from "./train/step.js";
export { type TrainingData, type TrainOptions, train } from "./train/train.js";
export type {
  Checkpoint,
  Prediction,
  TrainingConfig,
  TrainingEvent,
  TrainingListener,
  TrainingResult,
} from "./train/types.js";
