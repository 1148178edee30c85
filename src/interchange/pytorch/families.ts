// U-Nets that people train with PyTorch, recognised by the names of their weights, whatever their depth and width.

import type { OnnxActivation } from "../onnx/graph-of-model.js";
import type { OnnxGraph } from "../onnx/onnx-graph.js";
import { type GraphWriter, type Shapes, writeGraph } from "./graph-writer.js";

/** A family of networks. */
export interface PytorchFamily {
  readonly name: string;
  /** A weight that all of the family have, and others do not. */
  readonly sign: string;
  /** The activation that the module applies itself. */
  readonly activation?: OnnxActivation;
  /** Writes the layers; returns the output. */
  write(layers: GraphWriter): string;
}

/** Counts the levels whose weight is there. */
function levels({ has }: GraphWriter, weight: (level: number) => string, first = 0): number {
  let count = 0;
  while (has(weight(first + count))) count++;
  return count;
}

const list = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What is common to all: blocks down, poolings, a block at the bottom, and up again with the skips. */
function uNet(
  g: GraphWriter,
  depth: number,
  parts: {
    readonly down: (x: string, level: number) => string;
    readonly bottom: (x: string) => string;
    readonly up: (x: string, step: number) => string;
    readonly join: (skip: string, x: string) => string;
    readonly block: (x: string, step: number) => string;
  },
): string {
  const skips: string[] = [];
  let x = "image";
  for (const level of list(depth)) {
    x = parts.down(x, level);
    skips.push(x);
    x = g.maxPool(x);
  }
  x = parts.bottom(x);
  for (const step of list(depth)) {
    const skip = skips[depth - 1 - step];
    x = parts.block(parts.join(skip, parts.up(x, step)), step);
  }
  return x;
}

/** The U-Net of the examples of bioimage.io, unet2d_nuclei_broad: one ReLU after two convolutions. */
const bioimageio: PytorchFamily = {
  name: "the U-Net of unet2d_nuclei_broad",
  sign: "upsamplers.0.1.weight",
  write(g) {
    const pair = (x: string, name: string) => g.relu(g.conv(g.conv(x, `${name}.0`), `${name}.1`));
    const x = uNet(
      g,
      levels(g, (level) => `encoders.${level}.0.weight`),
      {
        down: (t, level) => pair(t, `encoders.${level}`),
        bottom: (t) => pair(t, "base"),
        up: (t, step) => g.conv(g.resize(t, "half_pixel"), `upsamplers.${step}.1`),
        join: (skip, t) => g.concat(skip, t),
        block: (t, step) => pair(t, `decoders.${step}`),
      },
    );
    return g.conv(x, "output");
  },
};

/** milesial's Pytorch-UNet: batch norms, up-convolutions or linear resizing. */
const milesial: PytorchFamily = {
  name: "milesial's U-Net",
  sign: "inc.double_conv.0.weight",
  write(g) {
    const layer = (x: string, name: string, i: number) =>
      g.relu(g.batchNorm(g.conv(x, `${name}.${i}`), `${name}.${i + 1}`));
    const pair = (x: string, name: string) =>
      layer(layer(x, `${name}.double_conv`, 0), `${name}.double_conv`, 3);
    const depth = levels(g, (level) => `down${level}.maxpool_conv.1.double_conv.0.weight`, 1);
    const down = (level: number) => (level === 0 ? "inc" : `down${level}.maxpool_conv.1`);
    const x = uNet(g, depth, {
      down: (t, level) => pair(t, down(level)),
      bottom: (t) => pair(t, down(depth)),
      up: (t, step) => {
        const name = `up${step + 1}.up`;
        return g.has(`${name}.weight`) ? g.upConv(t, name) : g.resize(t, "align_corners");
      },
      join: (skip, t) => g.concat(skip, t),
      block: (t, step) => pair(t, `up${step + 1}.conv`),
    });
    return g.conv(x, "outc.conv");
  },
};

/** mateuszbuda's brain-segmentation-pytorch: batch norms, up-convolutions, a sigmoid. */
const mateuszbuda: PytorchFamily = {
  name: "mateuszbuda's U-Net",
  sign: "encoder1.enc1conv1.weight",
  activation: "sigmoid",
  write(g) {
    const layer = (x: string, name: string, i: number) =>
      g.relu(g.batchNorm(g.conv(x, `${name}conv${i}`), `${name}norm${i}`));
    const pair = (x: string, name: string) => layer(layer(x, name, 1), name, 2);
    const depth = levels(g, (level) => `encoder${level}.enc${level}conv1.weight`, 1);
    const x = uNet(g, depth, {
      down: (t, level) => pair(t, `encoder${level + 1}.enc${level + 1}`),
      bottom: (t) => pair(t, "bottleneck.bottleneck"),
      up: (t, step) => g.upConv(t, `upconv${depth - step}`),
      join: (skip, t) => g.concat(t, skip),
      block: (t, step) => pair(t, `decoder${depth - step}.dec${depth - step}`),
    });
    return g.conv(x, "conv");
  },
};

/** torch-em's UNet2d: instance norms (without weights) before convolutions, linear resizing with a 1x1 convolution. */
const torchEm: PytorchFamily = {
  name: "torch-em's UNet2d",
  sign: "encoder.blocks.0.block.0.weight|encoder.blocks.0.block.1.weight",
  write(g) {
    const normed =
      g.has("encoder.blocks.0.block.1.weight") && !g.has("encoder.blocks.0.block.0.weight");
    if (
      g.has("encoder.blocks.0.block.0.weight") &&
      g.shape("encoder.blocks.0.block.0.weight").length !== 4
    ) {
      throw new Error("its norms have weights: group and batch norms are not recognised");
    }
    const layer = (x: string, name: string, at: number) => {
      const conv = `${name}.block.${normed ? at + 1 : at}`;
      const [, channels] = g.shape(`${conv}.weight`);
      const input = normed ? g.instanceNorm(x, `${name}.block.${at}`, channels) : x;
      return g.relu(g.conv(input, conv));
    };
    const pair = (x: string, name: string) => layer(layer(x, name, 0), name, normed ? 3 : 2);
    const x = uNet(
      g,
      levels(g, (level) => `decoder.samplers.${level}.conv.weight`),
      {
        down: (t, level) => pair(t, `encoder.blocks.${level}`),
        bottom: (t) => pair(t, "base"),
        up: (t, step) => g.conv(g.resize(t, "half_pixel"), `decoder.samplers.${step}.conv`),
        join: (skip, t) => g.concat(t, skip),
        block: (t, step) => pair(t, `decoder.blocks.${step}`),
      },
    );
    return g.conv(x, "out_conv");
  },
};

/** nnU-Net's plain U-Net: strided convolutions, instance norms, leaky ReLU. */
const nnUnet: PytorchFamily = {
  name: "nnU-Net's plain U-Net",
  sign: "encoder.stages.0.0.convs.0.conv.weight",
  write(g) {
    const layers = (x: string, name: string, stride: number) => {
      let t = x;
      for (const i of list(levels(g, (at) => `${name}.convs.${at}.conv.weight`))) {
        const conv = `${name}.convs.${i}`;
        const [channels] = g.shape(`${conv}.conv.weight`);
        const y = g.conv(t, `${conv}.conv`, { stride: i === 0 ? stride : 1 });
        t = g.leakyRelu(g.instanceNorm(y, `${conv}.norm`, channels), 0.01);
      }
      return t;
    };
    const stages = levels(g, (stage) => `encoder.stages.${stage}.0.convs.0.conv.weight`);
    const skips: string[] = [];
    let x = "image";
    for (const stage of list(stages)) {
      x = layers(x, `encoder.stages.${stage}.0`, stage === 0 ? 1 : 2);
      skips.push(x);
    }
    for (const step of list(stages - 1)) {
      const up = g.upConv(x, `decoder.transpconvs.${step}`);
      x = layers(g.concat(up, skips[stages - 2 - step]), `decoder.stages.${step}`, 1);
    }
    return g.conv(x, `decoder.seg_layers.${stages - 2}`);
  },
};

/** All families; the first whose sign is there is tried. */
const FAMILIES: readonly PytorchFamily[] = [bioimageio, milesial, mateuszbuda, torchEm, nnUnet];

/** Names of what can be recognised. */
export const FAMILY_NAMES: readonly string[] = FAMILIES.map(({ name }) => name);

/** A network that was recognised. */
export interface Recognised {
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly activation: OnnxActivation | undefined;
  /** Channels of the image, and of the output. */
  readonly channels: number;
  readonly maps: number;
}

/** Counters of batch norms, and the copies that nnU-Net's modules save of the same weights. */
const EXTRA = /num_batches_tracked$|^decoder\.encoder\.|\.all_modules\.|^decoder\.seg_layers\./;

/**
 * Recognises a network by the names and shapes of its weights. Throws if none of the families has these names, if a
 * weight is missing, or if one is left over.
 */
export function recognise(shapes: Shapes): Recognised {
  const family = FAMILIES.find(({ sign }) => sign.split("|").some((name) => shapes.has(name)));
  if (!family) {
    const names = [...shapes.keys()].slice(0, 5).join(", ");
    throw new Error(
      `the network is not recognised by its weights (${names}, ...), expected ${FAMILY_NAMES.join(", ")}: ` +
        "export it as ONNX instead",
    );
  }
  const { name, activation } = family;
  try {
    const writer = writeGraph(shapes);
    const graph = writer.graph(family.write(writer));
    const used = new Set(graph.parameters.map((one) => one.name));
    const left = [...shapes.keys()].filter((key) => !used.has(key) && !EXTRA.test(key));
    if (left.length > 0)
      throw new Error(`${left.length} weights have no place in it: ${left.slice(0, 3).join(", ")}`);
    const convs = graph.nodes.filter(({ operator }) => operator === "Conv");
    const [, channels] = writer.shape(convs[0]?.inputs[1] ?? "");
    const [maps] = writer.shape(convs.at(-1)?.inputs[1] ?? "");
    return { name, graph, activation, channels, maps };
  } catch (error) {
    throw new Error(`it looks like ${name}, but ${(error as Error).message}`);
  }
}
