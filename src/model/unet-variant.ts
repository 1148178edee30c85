// U-Nets that differ from the paper's: with padding, norms, residual blocks, other activations,
// strided convolutions, resizing, deep supervision or other widths. Pages load this when needed.
// docs/own-ops-and-models.md says which of them are the U-Nets of other programs.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { maxPool2d } from "../ops/pool/max-pool2d.js";
import { resize } from "../ops/resize/resize.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import { unetRules } from "../options/unet-options-rules.generated.js";
import { deeplySupervised } from "./deep-supervision.js";
import {
  type BuiltInFields,
  checkConfig,
  SIZE_RULES,
  type UNetVariant,
  variantKeys,
} from "./fields.js";
import { type GraphDefinition, graphModel } from "./graph-model.js";
import type { Layers } from "./layers.js";
import type { Model, ModelConfig, NetworkOutputs } from "./model.js";
import { convParameters, type ParameterSpec, upConvParameters } from "./parameters.js";
import { inputSizes, type UNetConfig } from "./unet.js";
import { type BlockChannels, blockParameters, blocksOf } from "./unet-blocks.js";
import { unetFault } from "./unet-fault.js";

/** Every field, those that were left out with the paper's value. */
type Config = ModelConfig<BuiltInFields & UNetVariant>;

/**
 * Creates a U-Net of any variant, with the names of the paper's layers. Norms are "encoder1.norm1",
 * shortcuts "encoder1.shortcut", the heads of deep supervision "head2" and so on. Throws for an
 * invalid configuration.
 */
export function unetVariant(config: UNetConfig): Model<BuiltInFields> {
  const full: Config = { ...unetDefaults, ...config };
  checkConfig(full, { ...SIZE_RULES, ...unetRules });
  const fault = unetFault(full);
  if (fault) throw new ShapeError(`model: ${fault}`);
  return graphModel(definitionOf(full), config);
}

function definitionOf(full: Config): GraphDefinition<BuiltInFields> {
  const { base, depth, padding, norm, deepSupervision } = full;
  const gridStep = 2 ** depth;
  // A norm of a channel needs more than one pixel.
  const smallest = norm === "none" ? gridStep : 2 * gridStep;
  const words = variantKeys(full).map((key) => (full[key] === true ? key : `${key} ${full[key]}`));
  const name = "unet";
  return {
    name,
    parameters: () => parametersOf(full),
    logits: (x, layers) => outputsOf(full, x, layers),
    gridStep: () => gridStep,
    smallest: () => (padding === "valid" ? inputSizes(depth).smallest : smallest),
    tileStatistics: true,
    // Where pixels come from depends on the size of a map, by less than one pixel of it at each level.
    ...(isAligned(full) && { halo: () => haloWithoutCorners(full) + gridStep }),
    title: () => [`U-Net of base ${base}, depth ${depth}`, ...words].join(", "),
    loss: () => (deepSupervision ? deeplySupervised() : undefined),
  };
}

const haloWithoutCorners = (full: Config) => {
  const plain: Config = { ...full, upsampling: "linear" };
  return graphModel(definitionOf(plain), plain).halo;
};

/** Returns the channels of a level, from 1 at the top to depth + 1 at the bottom. */
function widthAt({ base, widths }: Config, level: number): number {
  return widths === "" ? base * 2 ** (level - 1) : Number(widths.split(",")[level - 1]);
}

/** Whether the block below an up-sampling ends in as many channels as the level above has. */
const narrowsBelow = ({ upsampling }: Config) =>
  upsampling === "nearest" || upsampling === "linear" || isAligned({ upsampling });

/** Whether the corners of maps stay where they are when these are resized, as PyTorch's align_corners says. */
const isAligned = ({ upsampling }: Pick<Config, "upsampling">) => upsampling === "linear-corners";

/** Returns the channels of the block that an up-sampling follows, or of the last block, level 1. */
function channelsBelow(config: Config, level: number, ins: number): BlockChannels {
  const middle = widthAt(config, level);
  const isNarrow = narrowsBelow(config) && level > 1;
  return { ins, middle, outs: isNarrow ? widthAt(config, level - 1) : middle };
}

/** The levels whose maps have a head of their own: not the lowest of several, as in nnU-Net's loss. */
function supervisedLevels({ depth, deepSupervision }: Config): number[] {
  const count = deepSupervision ? Math.max(1, depth - 2) : 0;
  return Array.from({ length: count }, (_, i) => i + 2);
}

function parametersOf(config: Config): ParameterSpec[] {
  const { depth, channels, classes, upsampling } = config;
  const stride = config.downsampling === "strided" ? 2 : 1;
  const specs: ParameterSpec[] = [];
  for (let level = 1; level <= depth; level++) {
    const outs = widthAt(config, level);
    const ins = level === 1 ? channels : widthAt(config, level - 1);
    const own = { ins, middle: outs, outs };
    specs.push(...blockParameters(`encoder${level}`, own, config, level === 1 ? 1 : stride));
  }
  const bottom = channelsBelow(config, depth + 1, widthAt(config, depth));
  specs.push(...blockParameters("bottleneck", bottom, config, stride));
  for (let level = depth; level >= 1; level--) {
    const name = `decoder${level}`;
    const [above, outs] = [widthAt(config, level + 1), widthAt(config, level)];
    if (upsampling === "transposed") specs.push(...upConvParameters(`${name}.up`, above, outs));
    else if (!narrowsBelow(config)) specs.push(...convParameters(`${name}.up`, above, outs, 1));
    specs.push(...blockParameters(name, channelsBelow(config, level, 2 * outs), config));
  }
  for (const level of [1, ...supervisedLevels(config)]) {
    const { outs } = channelsBelow(config, level, 1);
    specs.push(...convParameters(headOf(level), outs, classes, 1));
  }
  return specs;
}

const headOf = (level: number) => (level === 1 ? "head" : `head${level}`);

function outputsOf(config: Config, x: Tensor, layers: Layers): NetworkOutputs {
  const { depth, dropout, downsampling } = config;
  const { conv, drop } = layers;
  const block = blocksOf(layers, config);
  const isStrided = downsampling === "strided";
  const down = (t: Tensor, name: string) => (isStrided ? t : maxPool2d(t, `${name}.pool`));
  const stride = isStrided ? 2 : 1;
  const skips: Tensor[] = [];
  let t = x;
  for (let level = 1; level <= depth; level++) {
    const name = `encoder${level}`;
    t = block(t, name, { stride: level === 1 ? 1 : stride });
    // As in the paper's U-Net.
    if (level === depth) t = drop(t, name, dropout, 1);
    skips.push(t);
    t = down(t, name);
  }
  t = drop(block(t, "bottleneck", { stride }), "bottleneck", dropout, 2);
  const heads: Record<string, Tensor> = {};
  const supervised = supervisedLevels(config);
  for (let level = depth; level >= 1; level--) {
    const name = `decoder${level}`;
    t = block(up(t, `${name}.up`, config, layers), name, { skip: skips[level - 1] });
    if (supervised.includes(level)) heads[`level${level}`] = conv(t, headOf(level));
  }
  return { ...heads, logits: conv(t, "head") };
}

/** Returns x [N,C,H,W] twice as large, with the channels of the level above. */
function up(x: Tensor, name: string, config: Config, { upConv, conv }: Layers): Tensor {
  const { upsampling } = config;
  if (upsampling === "transposed") return upConv(x, name);
  // A 1x1 convolution gives the same before the resizing, at a quarter of its cost.
  const t = narrowsBelow(config) ? x : conv(x, name);
  const mode = upsampling.startsWith("linear") ? "linear" : "nearest";
  return resize(t, {
    scale: 2,
    mode,
    alignCorners: isAligned(config),
    name: `${name}.resize`,
  });
}
