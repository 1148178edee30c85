// The U-Net (Ronneberger, Fischer, Brox: U-Net, MICCAI 2015, figure 1), of any width and depth.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { maxPool2d } from "../ops/network-ops.js";
import { type BuiltInFields, checkConfig, variantKeys } from "./fields.js";
import { layersOf } from "./layers.js";
import type { Dropout, Model, ModelConfig } from "./model.js";
import {
  convParameters,
  layOut,
  type ParameterLayout,
  type ParameterSpec,
  upConvParameters,
} from "./parameters.js";
import { type InputSizes, invalidSize, nearestSizes } from "./sizes.js";

/** The configuration of a built-in model. */
export type UNetConfig = ModelConfig<BuiltInFields>;

/**
 * Creates the network of the paper: `depth` times two valid 3x3 convolutions with ReLU and a 2x2
 * max-pool; two convolutions at the bottom; `depth` times a 2x2 up-convolution that halves the
 * channels, the crop-and-concat with the skip and two convolutions; and a 1x1 convolution to the
 * classes. The paper has base 64 and depth 4. Throws for an invalid configuration, and for one of
 * the variants that `createModel` makes, whose code a page loads when needed.
 */
export function unet(config: UNetConfig): Model<BuiltInFields> {
  checkConfig(config);
  const [other] = variantKeys(config);
  if (other) {
    throw new ShapeError(
      `unet makes the paper's network, got ${other} ${config[other]}: use createModel`,
    );
  }
  const { base, depth } = config;
  return {
    config,
    title: `U-Net of base ${base}, depth ${depth}`,
    parameters: unetParameters(config),
    logits: (x, parameters, training) => unetLogits(config, x, parameters, training),
    outputSize: (size) => unetOutputSize(size, depth),
    inputFor(size) {
      let input = inputSizes(depth).smallest;
      while (unetOutputSize(input, depth) < size) input += 2 ** depth;
      return input;
    },
    gridStep: 2 ** depth,
    halo: 0,
  };
}

/**
 * Returns the side of the output for a square input of side `size`. Throws with the nearest valid
 * sizes if a convolution does not fit or a pooling would get an odd size.
 */
export function unetOutputSize(size: number, depth: number): number {
  const output = outputSize(size, depth);
  if (output !== undefined) return output;
  throw invalidSize(size, `a U-Net of depth ${depth}`, inputSizes(depth));
}

/** Returns the nearest valid sizes below and above `size`, excluding `size` itself. */
export function nearestInputs(size: number, depth: number): { below?: number; above: number } {
  return nearestSizes(size, inputSizes(depth));
}

function outputSize(size: number, depth: number): number | undefined {
  let side = size;
  if (!Number.isInteger(size)) return undefined;
  for (let level = 0; level < depth; level++) {
    side -= 4;
    if (side < 2 || side % 2 !== 0) return undefined;
    side /= 2;
  }
  side -= 4;
  if (side < 1) return undefined;
  for (let level = 0; level < depth; level++) side = side * 2 - 4;
  return side >= 1 ? side : undefined;
}

/** Returns the valid sides of the input of a U-Net with valid convolutions. */
export function inputSizes(depth: number): InputSizes {
  let smallest = 1;
  while (outputSize(smallest, depth) === undefined) smallest++;
  return { smallest, period: 2 ** depth };
}

const widthAt = (config: UNetConfig, level: number) => config.base * 2 ** (level - 1);

function unetParameters(config: UNetConfig): ParameterLayout {
  const block = (name: string, ins: number, outs: number): ParameterSpec[] => [
    ...convParameters(`${name}.conv1`, ins, outs, 3),
    ...convParameters(`${name}.conv2`, outs, outs, 3),
  ];
  const { depth } = config;
  const specs: ParameterSpec[] = [];
  for (let level = 1; level <= depth; level++) {
    const ins = level === 1 ? config.channels : widthAt(config, level - 1);
    specs.push(...block(`encoder${level}`, ins, widthAt(config, level)));
  }
  specs.push(...block("bottleneck", widthAt(config, depth), widthAt(config, depth + 1)));
  for (let level = depth; level >= 1; level--) {
    const outs = widthAt(config, level);
    specs.push(...upConvParameters(`decoder${level}.up`, outs * 2, outs));
    specs.push(...block(`decoder${level}`, outs * 2, outs));
  }
  return layOut([...specs, ...convParameters("head", config.base, config.classes, 1)]);
}

function unetLogits(
  { depth, dropout }: UNetConfig,
  x: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  training?: Dropout,
): Tensor {
  unetOutputSize(x.shape[2], depth);
  unetOutputSize(x.shape[3], depth);
  const { conv, upConv, drop } = layersOf(parameters, training);
  const block = (t: Tensor, name: string, skip?: Tensor) => {
    const first = conv(t, `${name}.conv1`, { activation: "relu", skip });
    return conv(first, `${name}.conv2`, { activation: "relu" });
  };
  const skips: Tensor[] = [];
  let t = x;
  for (let level = 1; level <= depth; level++) {
    t = block(t, `encoder${level}`);
    // "At the end of the contracting path": after the two deepest blocks. The skip gets dropout
    // too.
    if (level === depth) t = drop(t, `encoder${level}`, dropout, 1);
    skips.push(t);
    t = maxPool2d(t, `encoder${level}.pool`);
  }
  t = drop(block(t, "bottleneck"), "bottleneck", dropout, 2);
  for (let level = depth; level >= 1; level--) {
    const name = `decoder${level}`;
    t = block(upConv(t, `${name}.up`), name, skips[level - 1]);
  }
  return conv(t, "head");
}
