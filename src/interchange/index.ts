// `micrograph/interchange`: networks of other programs. A separate entry, so that a page only loads it for a file
// of one.

export type { Samples, StoredImage } from "../data/image-types.js";
export type { Normalisation } from "../data/normalise.js";
export type { ObjectKind, ObjectTask, Task } from "../data/task.js";
export type { OnnxExternal } from "../formats/onnx/onnx-types.js";
export type { Closable, Device, DeviceDescription, Wait } from "../gpu/device.js";
export type { GpuError } from "../gpu/errors.js";
export type { Faults, Guarded } from "../gpu/guard.js";
export type { Pipeline, Pipelines } from "../gpu/pipelines.js";
export type { Capabilities, GpuTraits } from "../graph/capabilities.js";
export type * from "../graph/types.js";
export type { Architecture, ConfigReader } from "../model/architecture.js";
export type {
  Dropout,
  Fields,
  LossFunction,
  LossTensors,
  Model,
  ModelConfig,
  NetworkInput,
  NetworkOutputs,
} from "../model/model.js";
export type {
  InitialValue,
  Parameter,
  ParameterLayout,
  ParameterSpec,
} from "../model/parameters.js";
export type { OptionGroup, OptionRow, OptionValues, OptionWords, Rule } from "../options/rules.js";
export type { BindingKind, Shader, ShaderBinding } from "../shaders/shader.js";
export type { UniformFields } from "../shaders/uniform-fields.js";
export type {
  Checkpoint,
  CheckpointMetadata,
  CheckpointTensor,
  TrainingConfig,
  ValidationFigures,
} from "../train/training-types.js";
export {
  type ExportedBioimageio,
  exportBioimageio,
} from "./bioimageio/export-bioimageio.js";
export { type ImportNetworkOptions, importPackage } from "./bioimageio/import-package.js";
export {
  isZippedPackage,
  type ModelPackage,
  openZippedPackage,
} from "./bioimageio/package-files.js";
export type { BioimageioOptions, PackageAuthor } from "./bioimageio/package-options.js";
export type { ProcessingStep } from "./bioimageio/processing.js";
export type {
  DescribedTensor,
  DescribedWeights,
  ModelDescription,
  PackageTolerance,
} from "./bioimageio/read-description.js";
export { type OutputTest, type PackageTest, testPackage } from "./bioimageio/test-package.js";
export { decodeImported } from "./decode-imported.js";
export type { ExportedFile } from "./exported-file.js";
export type { ImportedNetwork, ImportOptions } from "./graph-checkpoint.js";
export { type ImportFileOptions, importFile } from "./import-file.js";
export type { OnnxActivation } from "./onnx/end-activation.js";
export { type ExportedOnnx, type ExportOnnxOptions, exportOnnx } from "./onnx/export-onnx.js";
export { type ImportOnnxOptions, importOnnx } from "./onnx/import-onnx.js";
export type { Known } from "./onnx/known-values.js";
export type { OnnxGraph, StoredAttribute, StoredNode, StoredParameter } from "./onnx/onnx-graph.js";
export { type OnnxConfig, type OnnxFields, onnxNetwork } from "./onnx/onnx-network.js";
export { type ExportedPytorch, exportPytorch } from "./pytorch/export-pytorch.js";
export { FAMILY_NAMES } from "./pytorch/families.js";
export { type ImportPytorchOptions, importPytorch } from "./pytorch/import-pytorch.js";
export type { WeightNames } from "./pytorch/renamed-weights.js";
