/// <reference lib="esnext.disposable" preserve="true" />
// The public API for browsers. `micrograph/node` adds Dawn, folders and files.

export { type ImageSource, openImage, readImage } from "./browser/read-image.js";
export type { CheckRow } from "./check/check-op.js";
export {
  examinationLines,
  type KernelSummary,
  kernelSummaries,
  verdictOf,
} from "./check/examination-text.js";
export {
  type Examination,
  type ExaminationScope,
  type ExaminedCase,
  type ExaminedHazard,
  type ExamineOptions,
  examine,
} from "./check/examine.js";
export { examineOnce } from "./check/examine-once.js";
export {
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
  augmentationConfig,
} from "./data/augmentation-config.js";
export type { CellRows } from "./data/cell-rows.js";
export { joinChannelFiles, type SetFile } from "./data/channel-files.js";
export type { ChunkGrid } from "./data/chunk-grid.js";
export type { ChunkedSource, ChunkSource } from "./data/chunk-source.js";
export { classCounts } from "./data/class-counts.js";
export { readClassList } from "./data/class-list.js";
export {
  type ClassFields,
  type ClassLegend,
  type ClassList,
  classesJson,
  classLegend,
  colourText,
  hasOwnClasses,
  parseColour,
} from "./data/classes.js";
export type { ColourDecision, ColourKind, Colours } from "./data/colour-rule.js";
export {
  applyColour,
  type ColourRule,
  type ColourSurvey,
  decideColour,
  notFiniteRemarks,
  surveyColour,
} from "./data/colour-rule.js";
export { type Components, connectedComponents } from "./data/components.js";
export type { FileRole } from "./data/file-names.js";
export { foldName, placeOf, safeFileName, stemOf } from "./data/file-names.js";
export { hasIgnoredColour, type IgnoredMark, ignoredText } from "./data/ignored.js";
export type { InputValues, Planes, SizedPlanes, StoredImage } from "./data/image-types.js";
export {
  IGNORED,
  type Image,
  type ImageCore,
  type LabelMap,
  type PixelSize,
  type RawImage,
  type Sample,
  type Samples,
} from "./data/image-types.js";
export { joinChannels } from "./data/join-channels.js";
export { paletteColours } from "./data/label-colours.js";
export { decideLabels } from "./data/label-decide.js";
export {
  type LabelAnswer,
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
  type LabelQuestionKind,
} from "./data/label-decision.js";
export { missingClasses } from "./data/label-missing.js";
export { readLabel } from "./data/label-read.js";
export type { CountedValue } from "./data/label-runs.js";
export type { SurveyedPlane } from "./data/label-survey.js";
export { type LabelSurvey, type SurveyedValue, surveyLabel } from "./data/label-survey.js";
export type { LabelConvention, LabelOptions } from "./data/labels.js";
export { imageFromRaw, labelFromImage } from "./data/labels.js";
export {
  nameInSet,
  type PairableFile,
  type Pairing,
  pageSuffix,
  pagesOf,
  pairFiles,
} from "./data/match-names.js";
export type { PartialPlanes, Tile } from "./data/mirror.js";
export { cutTile, mirrorIndex } from "./data/mirror.js";
export type { ChannelScale } from "./data/normalise.js";
export { normalise } from "./data/normalise.js";
export type { ReadSample } from "./data/open-samples.js";
export { outlines } from "./data/outlines.js";
export { selectValidation } from "./data/pairs.js";
export type {
  OpenSample,
  Place,
  Prepared,
  PreparedSample,
  PrepareOptions,
} from "./data/prepare.js";
export type { PassedOver, SortedPaths } from "./data/sort-paths.js";
export { type PlacedFile, sortPaths } from "./data/sort-paths.js";
export { type StatisticsOptions, sourceStatistics } from "./data/source-statistics.js";
export type { SampleFile, SampleSurvey } from "./data/survey.js";
export type { Sized } from "./data/symmetric-views.js";
export { fromSymmetricView, symmetricView } from "./data/symmetric-views.js";
export { type SyntheticOptions, syntheticSample } from "./data/synthetic.js";
export { type NucleiOptions, type NucleiSample, syntheticNuclei } from "./data/synthetic-nuclei.js";
export { classFieldsOf, type ObjectKind, type ObjectTask, type Task } from "./data/task.js";
export type { TileSource } from "./data/tile-source.js";
export type { CutBatch, TileOptions } from "./data/tiles.js";
export {
  type Batch,
  createSampler,
  type Sampler,
  type SamplerOptions,
} from "./data/tiles.js";
export { refuseMaskPerCell, tellUnpaired } from "./data/unpaired.js";
export type { Pictured } from "./data/varied.js";
export type { Separation } from "./data/weight-map.js";
export { classBalance, weightMap } from "./data/weight-map.js";
export type { ImageFileContent, ImageFormat, OpenOptions } from "./formats/image-file.js";
export type { PaletteImage } from "./formats/png/palette-png.js";
export type { PngImage } from "./formats/png/png.js";
export type { PageMode } from "./formats/tiff/pages.js";
export {
  type TuningCache,
  /** @deprecated Use `TuningCache`. */
  type TuningCache as ChoiceStorage,
  tuningKey,
  /** @deprecated Use `tuningKey`. */
  tuningKey as choicesKey,
} from "./gpu/adapter-entries.js";
export { loadAvoided, type StoredExamination, saveAvoided } from "./gpu/avoided-kernels.js";
export type {
  Closable,
  Device,
  DeviceDescription,
  DeviceOptions,
  InternalOptions as DriverOptions,
  Wait,
} from "./gpu/device.js";
export { AdapterError, GpuError, MemoryError, type MemoryProposal } from "./gpu/errors.js";
export type { Faults, Guarded } from "./gpu/guard.js";
export { indexedDbStorage } from "./gpu/indexed-db.js";
export type { MemoryUse } from "./gpu/memory-plan.js";
export { measurePeak } from "./gpu/peak.js";
export type { MadePipeline, Pipeline, Pipelines, WarmUp } from "./gpu/pipelines.js";
export { compilePlan } from "./gpu/plan.js";
export { measurePlan, type PlanBytes, type PlanSize } from "./gpu/plan-bytes.js";
export type { Plan } from "./gpu/plan-run.js";
export type { Inputs, PlanSpec } from "./gpu/plan-spec.js";
export { createProfile, type Profile, type ProfileRow, profilePlan } from "./gpu/profile.js";
export { profileCsv, profileLines } from "./gpu/profile-text.js";
export { requestDevice, type UseDeviceOptions, useDevice } from "./gpu/request-device.js";
export type { Abortable } from "./gpu/slices.js";
export { createState, type State } from "./gpu/state.js";
export type { DispatchTime, RunTimes } from "./gpu/timing.js";
export {
  type Candidate,
  type TunedLayer,
  type TuneOptions,
  type TuneResult,
  tune,
} from "./gpu/tune.js";
// Names of version 0.1.0.
export {
  type LoadedTuning,
  /** @deprecated Use `LoadedTuning`. */
  type LoadedTuning as LoadedChoices,
  loadTuning,
  /** @deprecated Use `loadTuning`. */
  loadTuning as loadChoices,
  saveTuning,
  /** @deprecated Use `saveTuning`. */
  saveTuning as saveChoices,
} from "./gpu/tuning-table.js";
export type { DispatchWork } from "./gpu/work.js";
export type { Capabilities, GpuTraits } from "./graph/capabilities.js";
export type { ChooseKernel } from "./graph/choose-kernel.js";
export type { Dispatch } from "./graph/dispatch.js";
export type { Binding, HalfStorage } from "./graph/half-storage.js";
export type { Kernel, Node, Op, OutputSpec, Rows } from "./graph/op.js";
export type {
  DType,
  /** @deprecated Use `DType`. */
  DType as Element,
  /** @deprecated Use `Layout`. */
  Layout as Order,
  Source,
  TexelRows,
} from "./graph/tensor.js";
export {
  constant,
  input,
  type Layout,
  type Shape,
  ShapeError,
  stateTensor,
  type Tensor,
} from "./graph/tensor.js";
export {
  bestThreshold,
  oneClass,
  type ThresholdBaseline,
  type ThresholdChoices,
} from "./metrics/baseline.js";
export { thinBorders } from "./metrics/border-thinning.js";
export { type CellFigures, type CellMatches, cellFigures, matchCells } from "./metrics/cells.js";
export type { Judged } from "./metrics/challenge.js";
export {
  type ChallengeFigures,
  challengeFigures,
  type JudgedSlice,
  judgeSlice,
} from "./metrics/challenge.js";
export { instanceIou } from "./metrics/instances.js";
export { type ObjectErrors, objectErrors } from "./metrics/object-errors.js";
export {
  judgeObjects,
  type ObjectOverlaps,
  type ObjectScores,
  objectScores,
} from "./metrics/objects.js";
export {
  informationScore,
  type Overlap,
  overlapOf,
  randScore,
  type Score,
} from "./metrics/overlap.js";
export {
  type ClassFigures,
  type Confusion,
  classFigures,
  confusion,
  predictedClasses,
  sumConfusions,
  wrongPixels,
} from "./metrics/pixels.js";
export type { Slice } from "./metrics/proposals.js";
export {
  type Judgeable,
  type SelectionFigures,
  selectionFigures,
} from "./metrics/selection-figures.js";
export { type WarpingErrors, warpingErrors } from "./metrics/warping.js";
export type { Architecture, ConfigReader } from "./model/architecture.js";
export { ARCHITECTURES, createModel, nearestInput, parameterCount } from "./model/architectures.js";
export {
  ARCHITECTURE_NAMES,
  type ArchitectureName,
  type BuiltInConfig,
  type FcnName,
} from "./model/built-in.js";
export {
  type ArchitectureDefinition,
  type DefinedArchitecture,
  defineArchitecture,
} from "./model/define-architecture.js";
export type { BuiltInFields, FieldRules, FieldValues, UNetVariant } from "./model/fields.js";
export type { GraphDefinition } from "./model/graph-model.js";
export type { Layers } from "./model/layers.js";
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
export type { ConvNormOptions, NormLayerOptions } from "./model/norm-layer-options.js";
export { type InitialValues, withInitialValues } from "./model/own-initial-values.js";
export {
  convParameters,
  type InitialValue,
  layOut,
  type Parameter,
  type ParameterLayout,
  type ParameterSpec,
  upConvParameters,
} from "./model/parameters.js";
export { type InputSizes, nearestSizes } from "./model/sizes.js";
export { nearestInputs, type UNetConfig, unet, unetOutputSize } from "./model/unet.js";
export { unetFault } from "./model/unet-fault.js";
export { fetchNetwork } from "./networks/fetch-network.js";
export {
  STARTING_NETWORKS,
  type StartingName,
  type StartingNetwork,
} from "./networks/starting-networks.js";
export type { ObjectMeasurements, Shape as ObjectShape } from "./objects/measure.js";
export type { Brightness } from "./objects/measure-channels.js";
export type { MeasuredImage } from "./objects/measurement-table.js";
export type { ObjectFigures } from "./objects/object-figures.js";
export type { ObjectLabels } from "./objects/object-labels.js";
export type { SeparationOptions } from "./objects/separate-objects.js";
export type { Pair as PixelPair } from "./ops/convolution/convolution-attributes.js";
export type {
  Conv2dOptions as LayerConv2dOptions,
  PaddingMode,
  Sides,
} from "./ops/convolution/general-conv2d.js";
export {
  type Activation,
  type Area,
  adam,
  add,
  type Conv2dOptions,
  conv2d,
  crop2d,
  cropConcat,
  type DropoutOptions,
  dropout,
  gradients,
  maxPool2d,
  pad2d,
  relu,
  scale,
  sgd,
  softmax,
  type UpConv2dStridedOptions,
  type UpdateTensors,
  upConv2d,
  upConv2dStrided,
  weightedCrossEntropy,
} from "./ops/network-ops.js";
export type { NormActivation, NormOptions } from "./ops/norm/norm.js";
export type { AdamAttributes, SgdAttributes } from "./ops/update/optimizers.js";
export { AUGMENTATION_OPTIONS } from "./options/augmentation.js";
export { flagOf, quoteFor } from "./options/command-line.js";
export { NETWORK_OPTIONS } from "./options/network.js";
export {
  expected,
  isAllowed,
  type OptionGroup,
  type OptionRow,
  type OptionValues,
  type OptionWords,
  type Rule,
  type Shown,
} from "./options/rules.js";
export { TRAINING_OPTIONS } from "./options/training.js";
export { UNET_OPTIONS } from "./options/unet-options.js";
export type {
  CellOptions,
  EncodedFile,
  PngEncoders,
  PredictedCells,
  PredictedImage,
  PredictionOutput,
} from "./outputs/output-types.js";
export { PREDICTION_OUTPUTS } from "./outputs/prediction-outputs.js";
export { objectColour } from "./pictures/colours.js";
export type { DeformationOptions } from "./pictures/deformation-panel.js";
export { type Deformation, deformationPanel } from "./pictures/deformation-panel.js";
export { type OverlapTileOptions, overlapTilePanels } from "./pictures/overlap-tile.js";
export type { ColourKey, Panel } from "./pictures/panel.js";
export type { Colour, Picture } from "./pictures/picture.js";
export {
  type PredictionPanels,
  type ProbabilityMap,
  predictionPanels,
} from "./pictures/prediction.js";
export { scalarPicture } from "./pictures/scalar-map.js";
export { dataSheet, predictionRow, type SheetOptions, sheet } from "./pictures/sheet.js";
export type { ClassMap } from "./pictures/views.js";
export {
  classPicture,
  imagePicture,
  labelPicture,
  objectPicture,
  outlinePicture,
  tintedPicture,
} from "./pictures/views.js";
export { createPredictor } from "./predict/predict.js";
export { type ChunkSink, type ChunksRun, predictChunks } from "./predict/predict-chunks.js";
export { type PredictTilesOptions, predictTiles } from "./predict/predict-tiles.js";
export type { ImageSize, Predictor, PredictorOptions } from "./predict/predictor.js";
export type { GpuTileSource } from "./predict/read-tile.js";
export type { TilesRun } from "./predict/run-tiles.js";
export type { TilePlan } from "./predict/tile-plans.js";
export type { TileOutput, TileSink } from "./predict/tile-sink.js";
export type { Origin, Shard, Size, TilePlace, Tiling } from "./predict/tiling.js";
export type { BindingKind, ShaderBinding } from "./shaders/binding-kinds.js";
export type { Shader } from "./shaders/shader.js";
export type { UniformFields } from "./shaders/uniform-fields.js";
export type { Batches, BatchRequest, OpenBatches } from "./train/batches.js";
export {
  architectureOf,
  type DecodeOptions,
  decodeSafetensors,
  type EncodeOptions,
  encodeSafetensors,
} from "./train/checkpoint-file.js";
export { modelConfig, trainingConfig } from "./train/config.js";
export type { Health, LayerHealth } from "./train/health.js";
export {
  type MemoryReport,
  predictionMemory,
  predictionRefusal,
  type StateBytes,
  trainingMemory,
  trainingRefusal,
} from "./train/memory-report.js";
export { newLayerRemarks } from "./train/new-layers.js";
export { RUN_DEFAULTS, type RunDefaults, type RunKind } from "./train/recipes.js";
export type { Scheduled } from "./train/schedule.js";
export { learningRateAt, type ScheduleName } from "./train/schedule.js";
export type { SelectionName } from "./train/selection.js";
export {
  createTrainer,
  type LossScale,
  type StepFigures,
  type Trainer,
  type TrainerOptions,
} from "./train/step.js";
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
export { tuneNetwork } from "./train/tune-network.js";
