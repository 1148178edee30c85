// `micrograph/files`: used with `micrograph/core` in a page that reads and writes files.

export { type ImageSource, openImage, readImage } from "./browser/read-image.js";
export type { Augmentation } from "./data/augmentation-config.js";
export { classCounts } from "./data/class-counts.js";
export type { IgnoredMark } from "./data/ignored.js";
export type {
  Colour,
  Image,
  ImageCore,
  InputValues,
  LabelMap,
  PixelSize,
  RawImage,
  Sample,
  Samples,
  SizedPlanes,
  StoredImage,
} from "./data/image-types.js";
export { decideLabels } from "./data/label-decide.js";
export type { LabelAnswer, LabelQuestionKind } from "./data/label-decision.js";
export {
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
} from "./data/label-decision.js";
export { missingClasses } from "./data/label-missing.js";
export { readLabel } from "./data/label-read.js";
export type { CountedValue } from "./data/label-runs.js";
export type { SurveyedPlane, SurveyedValue } from "./data/label-survey.js";
export { type LabelSurvey, surveyLabel } from "./data/label-survey.js";
export type { LabelConvention, LabelOptions } from "./data/labels.js";
export { imageFromRaw, labelFromImage } from "./data/labels.js";
export type { ClassFields } from "./data/task.js";
export { classFieldsOf, type ObjectKind, type ObjectTask, type Task } from "./data/task.js";
export type { ImageFileContent, ImageFormat, OpenOptions } from "./formats/image-file.js";
export type { PageMode } from "./formats/tiff/pages.js";
export type { Capabilities, GpuTraits } from "./graph/capabilities.js";
export type {
  Dispatch,
  DType,
  Kernel,
  Layout,
  Node,
  Op,
  OutputSpec,
  Rows,
  Shape,
  Source,
  Tensor,
  TexelRows,
} from "./graph/types.js";
export type { Architecture, ConfigReader } from "./model/architecture.js";
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
export type {
  InitialValue,
  Parameter,
  ParameterLayout,
  ParameterSpec,
} from "./model/parameters.js";
export { fetchNetwork } from "./networks/fetch-network.js";
export {
  STARTING_NETWORKS,
  type StartingName,
  type StartingNetwork,
} from "./networks/starting-networks.js";
export type { OptionGroup, OptionRow, OptionValues, OptionWords, Rule } from "./options/rules.js";
export type { BindingKind, Shader, ShaderBinding } from "./shaders/shader.js";
export {
  architectureOf,
  type DecodeOptions,
  decodeSafetensors,
  type EncodeOptions,
  encodeSafetensors,
} from "./train/checkpoint-file.js";
export type { ScheduleName } from "./train/schedule.js";
export type { SelectionName } from "./train/selection.js";
export type {
  Checkpoint,
  CheckpointMetadata,
  CheckpointTensor,
  Normalisation,
  OptimizerName,
  Precision,
  TrainingConfig,
  ValidationFigures,
} from "./train/training-types.js";
