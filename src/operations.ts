/// <reference lib="esnext.disposable" preserve="true" />
// `micrograph/ops`: builds, trains, runs and checks graphs: tensors, ops, gradients, updates,
// plans. It shares its modules with `micrograph` and `micrograph/core`.

export { type CheckRow, checkOp } from "./check/check-op.js";
export type { Arrays, CheckInput, OpCase } from "./check/op-case.js";
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
export type { MemoryUse } from "./gpu/memory-plan.js";
export type { MadePipeline, Pipeline, Pipelines, WarmUp } from "./gpu/pipelines.js";
export { compilePlan } from "./gpu/plan.js";
export { measurePlan, type PlanBytes, type PlanSize } from "./gpu/plan-bytes.js";
export type { Plan } from "./gpu/plan-run.js";
export type { Inputs, PlanSpec } from "./gpu/plan-spec.js";
export { requestDevice, type UseDeviceOptions, useDevice } from "./gpu/request-device.js";
export type { Abortable } from "./gpu/slices.js";
export { createState, type State } from "./gpu/state.js";
export type { DispatchTime, RunTimes } from "./gpu/timing.js";
export type { DispatchWork } from "./gpu/work.js";
export type { Capabilities, GpuTraits } from "./graph/capabilities.js";
export type { ChooseKernel } from "./graph/choose-kernel.js";
export {
  type CallOf,
  type ConstantsOf,
  type Dispatch,
  dispatch,
  type Numbers,
  type TensorsOf,
  type UniformsOf,
  workgroupsFor,
} from "./graph/dispatch.js";
export type { Binding, HalfStorage } from "./graph/half-storage.js";
export { BLOCK, byteCount, type ImageSizes, imageSizes } from "./graph/layout.js";
export {
  apply,
  applyUpdate,
  type Kernel,
  type Node,
  type Op,
  type OutputSpec,
  type Rows,
} from "./graph/op.js";
// Names of version 0.1.0.
export type {
  /** @deprecated Use `DType`. */
  DType as Element,
  /** @deprecated Use `Layout`. */
  Layout as Order,
  TexelRows,
} from "./graph/tensor.js";
export {
  constant,
  type DType,
  elementCount,
  expectDense,
  expectImage,
  input,
  type Layout,
  type Shape,
  ShapeError,
  type Source,
  sameShape,
  scratch,
  scratchImage,
  stateTensor,
  type Tensor,
} from "./graph/tensor.js";
export { TOLERANCES } from "./graph/tolerances.js";
export { nodesFor } from "./graph/walk.js";
export type { Architecture, ConfigReader } from "./model/architecture.js";
export { deeplySupervised } from "./model/deep-supervision.js";
export {
  type ArchitectureDefinition,
  type DefinedArchitecture,
  defineArchitecture,
} from "./model/define-architecture.js";
export type { FieldRules, FieldValues } from "./model/fields.js";
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
export { networkLayers } from "./model/network-layers.js";
export type { ConvNormOptions, NormLayerOptions } from "./model/norm-layer-options.js";
export { normParameters } from "./model/norm-layers.js";
export { type InitialValues, withInitialValues } from "./model/own-initial-values.js";
export {
  groupUpdates,
  type ParameterGroup,
  type SharedUpdateTensors,
} from "./model/parameter-groups.js";
export {
  convParameters,
  type InitialValue,
  initialValues,
  layOut,
  type Parameter,
  type ParameterLayout,
  type ParameterSpec,
  parameterTensors,
  upConvParameters,
} from "./model/parameters.js";
export { groupCount, perGroup } from "./ops/common/per-group.js";
export type { Conv2dOptions as LayerConvOptions } from "./ops/conv2d/conv2d.js";
export {
  type ConvTranspose2dOptions,
  convTranspose2d,
} from "./ops/convolution/conv-transpose2d.js";
export type { Pair } from "./ops/convolution/convolution-attributes.js";
export {
  type Conv2dOptions,
  conv2d,
  type PaddingMode,
  type Sides,
} from "./ops/convolution/general-conv2d.js";
export {
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  sigmoid,
  silu,
  softplus,
  tanh,
} from "./ops/formula/activations.js";
export { add, div, maximum, minimum, mul, neg, sub } from "./ops/formula/arithmetic.js";
export { equal, greater, greaterEqual, less, lessEqual, where } from "./ops/formula/comparisons.js";
export type { Operand } from "./ops/formula/elementwise.js";
export {
  type ExpressionOptions,
  expression,
  type FormulaGradient,
} from "./ops/formula/expression.js";
export { abs, clip, exp, log, pow, rsqrt, sqrt, square } from "./ops/formula/functions.js";
export {
  type Activation,
  type Area,
  assign,
  averageWeights,
  type BatchNorm,
  type BatchNormOptions,
  batchNorm,
  crop2d,
  cropConcat,
  type DropoutOptions,
  dropout,
  type FoldOptions,
  foldBatchNorm,
  gradientClip,
  gradients,
  groupNorm,
  instanceNorm,
  layerNorm,
  lerp,
  logValue,
  type NormActivation,
  type NormOptions,
  pad2d,
  type RunningStatistics,
  relu,
  scale,
  type UpConv2dStridedOptions,
  type UpdateTensors,
  upConv2d,
  upConv2dStrided,
  weightedCrossEntropy,
} from "./ops/index.js";
export { ops } from "./ops/list.js";
export {
  type BceOptions,
  bceWithLogits,
  type FocalOptions,
  focal,
} from "./ops/loss/binary-losses.js";
export { type CrossEntropyOptions, crossEntropy } from "./ops/loss/cross-entropy.js";
export type { LossOptions, LossReduction } from "./ops/loss/loss-reduction.js";
export {
  type DiceOptions,
  dice,
  oneHot,
  type TverskyOptions,
  tversky,
} from "./ops/loss/overlap-losses.js";
export {
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from "./ops/loss/regression-losses.js";
export {
  logSoftmax,
  logSumExp,
  type SoftmaxOptions,
  softmax,
} from "./ops/loss/softmax-axes.js";
export { linear, type MatmulOptions, matmul } from "./ops/matmul/matmul.js";
export { concat, stack } from "./ops/rearrange/concat.js";
export { type Padding, type PadMode, type PadOptions, pad } from "./ops/rearrange/pad.js";
export { reshape, squeeze, toDense, toImage, unsqueeze } from "./ops/rearrange/reshape.js";
export { flip, type SliceOptions, slice, split } from "./ops/rearrange/slice.js";
export {
  type Block,
  type BlockOptions,
  batchToSpace,
  depthToSpace,
  pixelShuffle,
  pixelUnshuffle,
  spaceToBatch,
  spaceToDepth,
} from "./ops/rearrange/space-to-depth.js";
export { expand, tile } from "./ops/rearrange/tile.js";
export { permute, transpose } from "./ops/rearrange/transpose.js";
export { max, mean, min, type ReduceOptions, sum } from "./ops/reduce/reduce.js";
export { type ResizeOptions, resize } from "./ops/resize/resize.js";
export type { Coordinates, Rounding } from "./ops/resize/resize-axis.js";
export { adam, sgd } from "./ops/update/general-optimizers.js";
export {
  type GeneralAdamAttributes,
  type GeneralSgdAttributes,
  type RmspropAttributes,
  rmsprop,
} from "./ops/update/l2-optimizers.js";
export type { AdamAttributes, SgdAttributes } from "./ops/update/optimizers.js";
export {
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  type MaxPool2dOptions,
  maxPool2d,
} from "./ops/window/pooling.js";
export type { WindowOptions } from "./ops/window/windows.js";
export type { Rule } from "./options/rules.js";
export type { BindingKind, ShaderBinding } from "./shaders/binding-kinds.js";
export { type Shader, shader } from "./shaders/shader.js";
export type { UniformFields } from "./shaders/uniform-fields.js";
export {
  compileTraining,
  type GraphTraining,
  type Objective,
  type TrainingSpec,
} from "./train/compile-training.js";
export type { OptimizerSettings } from "./train/optimizer-settings.js";
