// The blocks of U-Nets that differ from the paper's: two 3x3 convolutions, each with a norm and an
// activation, and a shortcut around both if they are residual.

import type { Shape, Tensor } from "../graph/tensor.js";
import { cropConcat } from "../ops/crop/crop-concat.js";
import { crop2d } from "../ops/crop/crop2d.js";
import { add } from "../ops/elementwise/add.js";
import { relu } from "../ops/elementwise/relu.js";
import { elu, leakyRelu, silu } from "../ops/formula/activations.js";
import type { UNetVariant } from "./fields.js";
import type { Layers } from "./layers.js";
import { normParameters } from "./norm-layers.js";
import { convParameters, type ParameterSpec } from "./parameters.js";

/** Channels of the block's input, of its first convolution, and of its result. */
export interface BlockChannels {
  readonly ins: number;
  readonly middle: number;
  readonly outs: number;
}

/** How a block is used. */
interface BlockUse {
  /** The skip connection, whose centre precedes the channels of the input. */
  readonly skip?: Tensor | undefined;
  /** The stride of the first convolution. */
  readonly stride?: 1 | 2 | undefined;
}

/** Groups of a group norm, if they divide the channels. */
const GROUPS = 8;

/** Returns the parameters of a block: convolutions before a norm have no bias, which it would cancel. */
export function blockParameters(
  name: string,
  { ins, middle, outs }: BlockChannels,
  variant: UNetVariant,
  stride = 1,
): ParameterSpec[] {
  const { norm, normFirst, residual } = variant;
  const step = (index: number, from: number, to: number) => {
    const conv = convParameters(`${name}.conv${index}`, from, to, 3);
    const normed = normFirst ? from : to;
    const own = normParameters(`${name}.norm${index}`, normed, { running: norm === "batch" });
    if (norm === "none") return conv;
    // A convolution that follows the norm has a gain and a bias of its own.
    return normFirst ? [...own.filter(({ isBuffer }) => isBuffer), ...conv] : [conv[0], ...own];
  };
  const isShortcutPlain = ins === outs && stride === 1;
  return [
    ...step(1, ins, middle),
    ...step(2, middle, outs),
    ...(residual && !isShortcutPlain ? convParameters(`${name}.shortcut`, ins, outs, 1) : []),
  ];
}

/** Returns a function that builds the block of this name: x [N,I,H,W] -> [N,O,H',W']. */
export function blocksOf(layers: Layers, variant: UNetVariant) {
  const { norm, normFirst, residual, padding, activation } = variant;
  const border = padding === "same" ? 1 : 0;
  const inNorm =
    activation === "leaky-relu" ? "leakyRelu" : activation === "relu" ? "relu" : "none";

  const kindOf = ([, channels]: Shape) => {
    if (norm === "group") return { kind: "group", groups: divisor(GROUPS, channels) } as const;
    return { kind: norm as "batch" | "instance" };
  };
  const activated = (x: Tensor, name: string) => {
    if (activation === "relu") return relu(x, name);
    if (activation === "leaky-relu") return leakyRelu(x, 0.01, name);
    return activation === "elu" ? elu(x, 1, name) : silu(x, name);
  };

  /** A convolution with its norm and, unless `isLast`, its activation. */
  const step = (x: Tensor, name: string, index: number, use: BlockUse, isLast = false): Tensor => {
    const [convName, normName] = [`${name}.conv${index}`, `${name}.norm${index}`];
    const options = { padding: border, ...use };
    const after = (y: Tensor) => (isLast ? y : activated(y, `${convName}.${activation}`));
    if (norm === "none" || normFirst) {
      const normed = normFirst ? layers.norm(x, normName, kindOf(x.shape)) : x;
      const isFused = activation === "relu" && !isLast;
      const y = layers.conv(normed, convName, {
        ...options,
        activation: isFused ? "relu" : "none",
      });
      return isFused ? y : after(y);
    }
    const fused = isLast ? "none" : inNorm;
    const y =
      norm === "batch"
        ? layers.convNorm(x, convName, normName, { ...options, activation: fused })
        : normedConv(x, convName, normName, options, fused);
    return fused === "none" ? after(y) : y;
  };
  const normedConv = (
    x: Tensor,
    convName: string,
    normName: string,
    options: BlockUse & { readonly padding: number },
    fused: typeof inNorm,
  ) => {
    const y = layers.conv(x, convName, options);
    return layers.norm(y, normName, { ...kindOf(y.shape), activation: fused });
  };

  /** The input at the size and with the channels of the result. */
  const shortcut = (x: Tensor, y: Tensor, name: string, stride: number): Tensor => {
    const [, , height, width] = y.shape;
    const cut = { top: 2, left: 2, height, width };
    const inner = border === 0 ? crop2d(x, cut, `${name}.crop`) : x;
    const isPlain = x.shape[1] === y.shape[1] && stride === 1;
    return isPlain ? inner : layers.conv(inner, `${name}.shortcut`, { stride });
  };

  return (x: Tensor, name: string, { skip, stride = 1 }: BlockUse = {}): Tensor => {
    // A norm or a shortcut reads the skip too; else the convolution reads both where they are.
    const isJoined = skip && (residual || normFirst);
    const joined = isJoined ? cropConcat(skip, x, `${name}.concat`) : x;
    const use = { stride, ...(skip && !isJoined ? { skip } : {}) };
    const second = step(step(joined, name, 1, use), name, 2, {}, residual);
    if (!residual) return second;
    const sum = add(second, shortcut(joined, second, name, stride), `${name}.sum`);
    return activated(sum, `${name}.${activation}`);
  };
}

/** Returns the greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
