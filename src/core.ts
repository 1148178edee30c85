/// <reference lib="esnext.disposable" preserve="true" />
// `micrograph/core`: the modules of `micrograph` that a page needs to train a U-Net and to predict.
// For pages without a bundler it is dist/core/core.js (scripts/bundle.js). The rest of the public
// API accepts its values.

export type { Augmentation } from "./data/augmentation-config.js";
export type { CellRows } from "./data/cell-rows.js";
export type {
  Image,
  ImageCore,
  InputValues,
  LabelMap,
  Sample,
  Samples,
  SizedPlanes,
  StoredImage,
} from "./data/image-types.js";
export type { Tile } from "./data/mirror.js";
export type { ChannelScale } from "./data/normalise.js";
export type { ReadSample } from "./data/open-samples.js";
export type { OpenSample, Place, Prepared, PreparedSample } from "./data/prepare.js";
export type { SampleFile, SampleSurvey } from "./data/survey.js";
export type { ObjectKind, ObjectTask, Task } from "./data/task.js";
export type { TileSource } from "./data/tile-source.js";
export type { Batch, TileOptions } from "./data/tiles.js";
export type { Separation } from "./data/weight-map.js";
export type {
  Closable,
  Device,
  DeviceDescription,
  DeviceOptions,
  InternalOptions as DriverOptions,
  Wait,
} from "./gpu/device.js";
export { AdapterError, GpuError } from "./gpu/errors.js";
export type { Faults, Guarded } from "./gpu/guard.js";
export type { MemoryUse } from "./gpu/memory-plan.js";
export type { MadePipeline, Pipeline, Pipelines, WarmUp } from "./gpu/pipelines.js";
export { compilePlan } from "./gpu/plan.js";
export type { Plan } from "./gpu/plan-run.js";
export type { Inputs, PlanSpec } from "./gpu/plan-spec.js";
export type { Profile, ProfileRow } from "./gpu/profile.js";
export { requestDevice, type UseDeviceOptions, useDevice } from "./gpu/request-device.js";
export type { Abortable } from "./gpu/slices.js";
export { createState, type State } from "./gpu/state.js";
export type { DispatchTime, RunTimes } from "./gpu/timing.js";
export type { DispatchWork } from "./gpu/work.js";
export type { Capabilities, GpuTraits } from "./graph/capabilities.js";
export type { ChooseKernel } from "./graph/choose-kernel.js";
export type { Dispatch } from "./graph/dispatch.js";
export type { Binding, HalfStorage } from "./graph/half-storage.js";
export type { Kernel, Node, Op, OutputSpec, Rows } from "./graph/op.js";
export type { DType, Layout, Shape, Source, Tensor, TexelRows } from "./graph/tensor.js";
export type { ClassFigures } from "./metrics/pixels.js";
export type { Architecture, ConfigReader } from "./model/architecture.js";
export type { ArchitectureName, BuiltInConfig, FcnName } from "./model/built-in.js";
export type { BuiltInFields, UNetVariant } from "./model/fields.js";
export type {
  Dropout,
  Fields,
  LossFunction,
  LossTensors,
  Model,
  ModelConfig,
  NetworkInput,
  NetworkOutputs,
} from "./model/model.js";
export type { InitialValues } from "./model/own-initial-values.js";
export type {
  InitialValue,
  Parameter,
  ParameterLayout,
  ParameterSpec,
} from "./model/parameters.js";
export { type UNetConfig, unet } from "./model/unet.js";
export { gradients } from "./ops/network-ops.js";
export type { OptionGroup, OptionRow, OptionValues, OptionWords, Rule } from "./options/rules.js";
export { createPredictor } from "./predict/predict.js";
export type { ImageSize, Predictor, PredictorOptions } from "./predict/predictor.js";
export type { GpuTileSource } from "./predict/read-tile.js";
export type { TilesRun } from "./predict/run-tiles.js";
export type { TilePlan } from "./predict/tile-plans.js";
export type { TileOutput } from "./predict/tile-sink.js";
export type { Origin, Shard, Size, TilePlace, Tiling } from "./predict/tiling.js";
export type { BindingKind, ShaderBinding } from "./shaders/binding-kinds.js";
export type { Shader } from "./shaders/shader.js";
export type { UniformFields } from "./shaders/uniform-fields.js";
export type { Batches, BatchRequest, OpenBatches } from "./train/batches.js";
export { modelConfig, trainingConfig } from "./train/config.js";
export type { Health, LayerHealth } from "./train/health.js";
export type { ScheduleName } from "./train/schedule.js";
export type { SelectionName } from "./train/selection.js";
export type { LossScale, StepFigures } from "./train/step.js";
export { createTrainer, type Trainer, type TrainerOptions } from "./train/step.js";
export { type TrainingData, type TrainOptions, train } from "./train/train.js";
export type {
  BestBy,
  Checkpoint,
  CheckpointMetadata,
  CheckpointTensor,
  Metric,
  Normalisation,
  OptimizerName,
  OwnBatch,
  PartialWeights,
  Precision,
  Prediction,
  SamplePrediction,
  StepLoss,
  TrainingConfig,
  TrainingEvent,
  TrainingGroup,
  TrainingListener,
  TrainingResult,
  UnusedTensor,
  ValidationFigures,
} from "./train/training-types.js";
