// The fully convolutional networks of Long, Shelhamer and Darrell (Fully convolutional networks for
// semantic segmentation, CVPR 2015): layers, paddings, crops and names as in the authors' release.

import { input, type Shape, ShapeError, type Tensor } from "../graph/tensor.js";
import { add, crop2d, maxPool2d, upConv2dStrided } from "../ops/network-ops.js";
import { interpolation } from "./bilinear.js";
import type { FcnName } from "./built-in.js";
import { type BuiltInFields, checkConfig, variantKeys } from "./fields.js";
import { layersOf } from "./layers.js";
import type { Dropout, Model, ModelConfig } from "./model.js";
import {
  convParameters,
  layOut,
  type ParameterLayout,
  type ParameterSpec,
  parameterTensors,
} from "./parameters.js";
import { seenRows } from "./receptive-field.js";
import { type InputSizes, invalidSize, isValidSize, nearestSizes } from "./sizes.js";

/**
 * VGG-16 up to its classifier: the number of convolutions in each block, and their channels as
 * multiples of the base.
 */
const BLOCKS = [
  { convolutions: 2, width: 1 },
  { convolutions: 2, width: 2 },
  { convolutions: 3, width: 4 },
  { convolutions: 3, width: 8 },
  { convolutions: 3, width: 8 },
] as const;

/**
 * Poolings whose scores are added, in this order: where their crop begins, and the names of layers.
 */
const SKIPS = [
  { pool: 4, crop: 5, up: "upscore2" },
  { pool: 3, crop: 9, up: "upscore_pool4" },
] as const;

type FcnConfig = ModelConfig<BuiltInFields>;

interface Variant {
  readonly name: string;
  /**
   * Stride of the last up-convolution. Below 32 the scores of pool4 are added, below 16 also those
   * of pool3.
   */
  readonly stride: 8 | 16 | 32;
  /**
   * Whether every layer is padded to keep the size of the map. Otherwise 100 zeros around the image
   * make room for what the layers cut, and the result is cropped from `crop` on.
   */
  readonly keepsSize: boolean;
  readonly crop: number;
  /** Side of the convolution that replaces VGG-16's first fully connected layer. */
  readonly kernel: number;
  /**
   * Channels of the two convolutions that replace its fully connected layers, as a multiple of the
   * base.
   */
  readonly width: number;
}

const VGG16 = { keepsSize: false, kernel: 7, width: 64 } as const;

const VARIANTS: Readonly<Record<FcnName, Variant>> = {
  fcn8s: { name: "FCN-8s", stride: 8, keepsSize: true, crop: 0, kernel: 3, width: 16 },
  "fcn8s-vgg16": { name: "FCN-8s on VGG-16", stride: 8, crop: 31, ...VGG16 },
  "fcn16s-vgg16": { name: "FCN-16s on VGG-16", stride: 16, crop: 27, ...VGG16 },
  "fcn32s-vgg16": { name: "FCN-32s on VGG-16", stride: 32, crop: 19, ...VGG16 },
};

/**
 * Creates an FCN: VGG-16 with base width 64 (or, for "fcn8s", with fewer channels and a smaller
 * classifier), its classifier as convolutions, and up-convolutions, initialised as bilinear
 * interpolation, that bring the scores back to the image's size. The output has the size of the
 * input. Throws for an invalid configuration.
 */
export function fcn(variantName: FcnName, config: FcnConfig): Model<BuiltInFields> {
  checkConfig(config);
  const [other] = variantKeys(config);
  if (other) {
    throw new ShapeError(
      `model: only a U-Net has ${other}, got it for ${variantName}: leave it out`,
    );
  }
  const { base, depth } = config;
  const variant = VARIANTS[variantName];
  const { name, keepsSize } = variant;
  if (depth !== BLOCKS.length) {
    throw new ShapeError(
      `model: the depth of an FCN must be ${BLOCKS.length} poolings, got ${depth}`,
    );
  }
  const period = 2 ** depth;
  // No pooling may leave a remainder. With 198 zeros, 7 rows remain for the classifier.
  const sizes: InputSizes = { smallest: keepsSize ? period : 7 * period - 198, period };
  const parameters = fcnParameters(variant, config);
  const title = `${name} of base ${base}`;
  const checkSize = (size: number) => {
    if (!isValidSize(size, sizes)) throw invalidSize(size, `an ${name}`, sizes);
    return size;
  };
  const logits: Model["logits"] = (x, tensors, training) => {
    checkSize(x.shape[2]);
    checkSize(x.shape[3]);
    return fcnLogits(variant, config.dropout, x, tensors, training);
  };
  const side = sizes.smallest + period;
  const image = input("image", [1, config.channels, side, side]);
  const seen = seenRows(image, logits(image, parameterTensors(parameters)), period);
  return {
    config,
    title,
    parameters,
    logits,
    outputSize: checkSize,
    inputFor: (size) => (isValidSize(size, sizes) ? size : nearestSizes(size, sizes).above),
    gridStep: period,
    halo: Math.max(...seen.flatMap(([first, last]) => [-first, last])),
  };
}

function fcnParameters(variant: Variant, { base, channels, classes }: FcnConfig): ParameterLayout {
  const specs: ParameterSpec[] = [];
  const conv = (name: string, ins: number, outs: number, kernel: number) =>
    specs.push(...convParameters(name, ins, outs, kernel));
  const up = (name: string, stride: number) => {
    const shape: Shape = [classes, classes, 2 * stride, 2 * stride];
    specs.push({ name: `${name}.weight`, shape, init: interpolation });
  };
  let ins = channels;
  for (const [i, { convolutions, width }] of BLOCKS.entries()) {
    for (let j = 1; j <= convolutions; j++) {
      conv(`conv${i + 1}_${j}`, ins, base * width, 3);
      ins = base * width;
    }
  }
  conv("fc6", ins, base * variant.width, variant.kernel);
  conv("fc7", base * variant.width, base * variant.width, 1);
  conv("score_fr", base * variant.width, classes, 1);
  for (const { pool, up: name } of skipsOf(variant)) {
    up(name, 2);
    conv(`score_pool${pool}`, base * BLOCKS[pool - 1].width, classes, 1);
  }
  up(`upscore${variant.stride}`, variant.stride);
  return layOut(specs);
}

const skipsOf = ({ stride }: Variant) => SKIPS.slice(0, Math.log2(32 / stride));

function fcnLogits(
  variant: Variant,
  rate: number,
  x: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  training?: Dropout,
): Tensor {
  const { keepsSize, kernel, stride } = variant;
  const layers = layersOf(parameters, training);
  const conv = (t: Tensor, name: string, padding: number, activation: "relu" | "none") =>
    layers.conv(t, name, { padding, activation });
  const drop = (t: Tensor, name: string, stream: number) => layers.drop(t, name, rate, stream);
  // A kernel of twice the stride, cut by half a stride per side, makes the map exactly `factor`
  // times as large.
  const up = (t: Tensor, name: string, factor: number) =>
    upConv2dStrided(t, layers.get(`${name}.weight`), {
      stride: factor,
      padding: keepsSize ? factor / 2 : 0,
      name,
    });
  const crop = (t: Tensor, { shape: [, , height, width] }: Tensor, from: number, name: string) =>
    keepsSize ? t : crop2d(t, { top: from, left: from, height, width }, name);

  const pools: Tensor[] = [];
  let t = x;
  for (const [i, { convolutions }] of BLOCKS.entries()) {
    for (let j = 1; j <= convolutions; j++) {
      t = conv(t, `conv${i + 1}_${j}`, t === x && !keepsSize ? 100 : 1, "relu");
    }
    t = maxPool2d(t, `pool${i + 1}`);
    pools.push(t);
  }
  t = drop(conv(t, "fc6", keepsSize ? (kernel - 1) / 2 : 0, "relu"), "fc6", 1);
  t = drop(conv(t, "fc7", 0, "relu"), "fc7", 2);
  t = conv(t, "score_fr", 0, "none");
  for (const { pool, crop: from, up: name } of skipsOf(variant)) {
    t = up(t, name, 2);
    const score = conv(pools[pool - 1], `score_pool${pool}`, 0, "none");
    t = add(t, crop(score, t, from, `score_pool${pool}.crop`), `fuse_pool${pool}`);
  }
  t = up(t, `upscore${stride}`, stride);
  return crop(t, x, variant.crop, "score");
}
