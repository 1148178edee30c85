// The U-Net (Ronneberger, Fischer, Brox: U-Net, MICCAI 2015, figure 1), of any width and depth.

import { type Shape, ShapeError, type Tensor } from "../graph/tensor.js";
import { conv2d, dropout, maxPool2d, upConv2d } from "../ops/index.js";
import { checkModel } from "./check.js";
import type { Dropout, Model, ModelConfig } from "./model.js";
import { layOut, type Parameter, type ParameterLayout } from "./parameters.js";
import { type InputSizes, invalidSize, nearestSizes } from "./sizes.js";

/**
 * The network of the paper: `depth` times two valid 3x3 convolutions with ReLU and a 2x2 max-pool,
 * two convolutions at the bottom, then as often a 2x2 up-convolution that halves the channels, the
 * crop-and-concat with the skip and two convolutions, and a 1x1 convolution to the classes. The
 * paper has base 64 and depth 4. Throws for a configuration that cannot be built.
 */
export function unet(config: ModelConfig): Model {
  checkModel(config);
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
 * Side of the output for a square input of side `size`. Throws where a convolution does not fit or
 * a pooling would meet an odd size, and names the nearest valid sizes.
 */
export function unetOutputSize(size: number, depth: number): number {
  const output = outputSize(size, depth);
  if (output !== undefined) return output;
  throw invalidSize(size, `a U-Net of depth ${depth}`, inputSizes(depth));
}

/** The nearest valid sizes below and above `size`; `size` itself is neither. */
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

function inputSizes(depth: number): InputSizes {
  let smallest = 1;
  while (outputSize(smallest, depth) === undefined) smallest++;
  return { smallest, period: 2 ** depth };
}

const widthAt = (config: ModelConfig, level: number) => config.base * 2 ** (level - 1);

function unetParameters(config: ModelConfig): ParameterLayout {
  const specs: Omit<Parameter, "offset">[] = [];
  const add = (name: string, shape: Shape, fanIn: number, outs: number) => {
    specs.push({ name: `${name}.weight`, shape, fanIn });
    specs.push({ name: `${name}.bias`, shape: [outs], fanIn: 0 });
  };
  const block = (name: string, ins: number, outs: number) => {
    add(`${name}.conv1`, [outs, ins, 3, 3], ins * 9, outs);
    add(`${name}.conv2`, [outs, outs, 3, 3], outs * 9, outs);
  };
  const { depth } = config;
  for (let level = 1; level <= depth; level++) {
    const ins = level === 1 ? config.channels : widthAt(config, level - 1);
    block(`encoder${level}`, ins, widthAt(config, level));
  }
  block("bottleneck", widthAt(config, depth), widthAt(config, depth + 1));
  for (let level = depth; level >= 1; level--) {
    const outs = widthAt(config, level);
    // With stride 2 and windows side by side, one pixel of each channel comes in.
    add(`decoder${level}.up`, [outs * 2, outs, 2, 2], outs * 2, outs);
    block(`decoder${level}`, outs * 2, outs);
  }
  add("head", [config.classes, config.base, 1, 1], config.base, config.classes);
  return layOut(specs);
}

function unetLogits(
  config: ModelConfig,
  x: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  training?: Dropout,
): Tensor {
  unetOutputSize(x.shape[2], config.depth);
  unetOutputSize(x.shape[3], config.depth);
  const get = (name: string): Tensor => {
    const tensor = parameters.get(name);
    if (!tensor) throw new ShapeError(`unet: no parameter ${name}`);
    return tensor;
  };
  const conv = (t: Tensor, name: string, skip?: Tensor) =>
    conv2d(t, get(`${name}.weight`), get(`${name}.bias`), {
      activation: "relu",
      name,
      ...(skip ? { skip } : {}),
    });
  const block = (t: Tensor, name: string, skip?: Tensor) =>
    conv(conv(t, `${name}.conv1`, skip), `${name}.conv2`);
  // "At the end of the contracting path": behind the two deepest blocks; the skip is dropped too.
  const drop = (t: Tensor, name: string, stream: number) =>
    training && config.dropout > 0
      ? dropout(t, training.step, {
          seed: training.seed,
          before: training.before,
          rate: config.dropout,
          stream,
          name: `${name}.dropout`,
        })
      : t;

  const { depth } = config;
  const skips: Tensor[] = [];
  let t = x;
  for (let level = 1; level <= depth; level++) {
    t = block(t, `encoder${level}`);
    if (level === depth) t = drop(t, `encoder${level}`, 1);
    skips.push(t);
    t = maxPool2d(t, `encoder${level}.pool`);
  }
  t = drop(block(t, "bottleneck"), "bottleneck", 2);
  for (let level = depth; level >= 1; level--) {
    const name = `decoder${level}`;
    t = upConv2d(t, get(`${name}.up.weight`), get(`${name}.up.bias`), `${name}.up`);
    t = block(t, name, skips[level - 1]);
  }
  return conv2d(t, get("head.weight"), get("head.bias"), { name: "head" });
}
