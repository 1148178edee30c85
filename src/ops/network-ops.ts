// The ops of the U-Net and the FCNs, of their losses and their updates. The engine imports ops from here and not from
// index.ts, which has all: a bundler that divides code by files would load all of them with a page's first ones.

export * from "./conv2d/conv2d.js";
export * from "./crop/crop-concat.js";
export * from "./crop/crop2d.js";
export * from "./elementwise/add.js";
export * from "./elementwise/dropout.js";
export * from "./elementwise/relu.js";
export * from "./elementwise/scale.js";
export { gradients } from "./gradients.js";
export * from "./loss/softmax.js";
export * from "./loss/weighted-cross-entropy.js";
export * from "./pool/max-pool2d.js";
export * from "./up-conv2d/up-conv2d.js";
export * from "./up-conv2d/up-conv2d-strided.js";
export * from "./update/average-weights.js";
export * from "./update/gradient-clip.js";
export * from "./update/not-finite.js";
export * from "./update/optimizers.js";
