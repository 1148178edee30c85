// U-Nets that people train with PyTorch, recognised by the names of their weights, whatever their depth and width.

import type { OnnxActivation } from "../onnx/end-activation.js";
import type { OnnxGraph } from "../onnx/onnx-graph.js";
import { type Shapes, writeGraph } from "./graph-writer.js";
import { levels, list, type PytorchFamily, uNet } from "./unet-parts.js";

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

/** Groups of torch-em's group norms, if there are as many channels. */
const EM_GROUPS = 32;

/** torch-em's UNet2d: norms before convolutions, instance norms without weights by default; linear resizing with a 1x1 convolution. */
const torchEm: PytorchFamily = {
  name: "torch-em's UNet2d",
  sign: "encoder.blocks.0.block.0.weight|encoder.blocks.0.block.1.weight",
  write(g) {
    const first = "encoder.blocks.0.block.0";
    const normed = !g.has(`${first}.weight`) || g.shape(`${first}.weight`).length === 1;
    const norm = (x: string, name: string, channels: number) => {
      if (!g.has(`${name}.weight`)) return g.instanceNorm(x, name, channels);
      if (g.has(`${name}.running_mean`)) return g.batchNorm(x, name);
      return g.groupNorm(x, name, Math.min(EM_GROUPS, channels));
    };
    const layer = (x: string, name: string, at: number) => {
      const conv = `${name}.block.${normed ? at + 1 : at}`;
      const [, channels] = g.shape(`${conv}.weight`);
      const input = normed ? norm(x, `${name}.block.${at}`, channels) : x;
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

/** StarDist's network with the names that its layers have in Keras: the probability, not the distances along rays. */
const starDist: PytorchFamily = {
  name: "StarDist's network",
  sign: "down_level_0_no_0.weight",
  activation: "sigmoid",
  write(g) {
    const layer = (x: string, name: string) => g.relu(g.conv(x, name));
    const layers = (x: string, names: readonly string[]) => names.reduce(layer, x);
    // The convolutions of a level: 0, 1, ... on the way down, and one later with a number too high on the way up.
    const of = (prefix: string) =>
      list(9).flatMap((i) => (g.has(`${prefix}_${i}.weight`) ? [`${prefix}_${i}`] : []));
    const perLevel = of("down_level_0_no").length;
    const early = ["conv2d", ...list(8).map((i) => `conv2d_${i + 1}`)].filter((name) =>
      g.has(`${name}.weight`),
    );
    let x = "image";
    // A pooling for each power of two of its grid.
    for (const i of list(Math.ceil(early.length / perLevel))) {
      x = g.maxPool(layers(x, early.slice(i * perLevel, (i + 1) * perLevel)));
    }
    const depth = levels(g, (level) => `down_level_${level}_no_0.weight`);
    x = uNet(
      g,
      depth,
      {
        down: (t, level) => layers(t, of(`down_level_${level}_no`)),
        bottom: (t) => layers(t, of("middle")),
        up: (t) => g.nearest(t),
        join: (skip, t) => g.concat(t, skip),
        block: (t, step) => layers(t, of(`up_level_${depth - 1 - step}_no`)),
      },
      x,
    );
    return g.conv(g.has("features.weight") ? layer(x, "features") : x, "prob");
  },
};

/** All families; the first whose sign is there is tried. */
const FAMILIES: readonly PytorchFamily[] = [
  bioimageio,
  milesial,
  mateuszbuda,
  torchEm,
  nnUnet,
  starDist,
];

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

/** Counters of batch norms, StarDist's distances, and the copies that nnU-Net's modules save of the same weights. */
const EXTRA =
  /num_batches_tracked$|^dist\.|^decoder\.encoder\.|\.all_modules\.|^decoder\.seg_layers\./;

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
