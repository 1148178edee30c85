// The ops, one line per file, and their gradients. Compositions of ops are plain functions.

export * from "./conv2d/conv2d.js";
export * from "./conv2d/conv2d-loss.js";
export * from "./crop/crop-concat.js";
export * from "./crop/crop2d.js";
export { add, addOp } from "./elementwise/add.js"; // before that of formula/arithmetic.ts
export * from "./elementwise/cast.js";
export * from "./elementwise/dropout.js";
export * from "./elementwise/relu.js";
export * from "./elementwise/scale.js";
export * from "./formula/activations.js";
export * from "./formula/arithmetic.js";
export * from "./formula/comparisons.js";
export * from "./formula/expression.js";
export * from "./formula/formula-op.js";
export * from "./formula/functions.js";
export { gradients } from "./gradients.js";
export * from "./loss/softmax.js";
export * from "./loss/weighted-cross-entropy.js";
export * from "./norm/batch-norm.js";
export * from "./norm/norm.js";
export * from "./norm/norm-ops.js";
export * from "./pool/max-pool2d.js";
export * from "./reduce/reduce.js";
export * from "./reduce/reduce-op.js";
export * from "./up-conv2d/up-conv2d.js";
export * from "./up-conv2d/up-conv2d-strided.js";
export * from "./update/accumulate.js";
export * from "./update/assign.js";
export * from "./update/average-weights.js";
export * from "./update/gradient-clip.js";
export * from "./update/loss-scaling.js";
export * from "./update/not-finite.js";
export * from "./update/optimizers.js";
