// A residual U-Net with batch norm, on blocks of convolution, norm and ReLU. Training normalises by each
// batch and keeps running averages, which are stored with the weights; prediction folds them into the
// convolutions, so that the norms cost nothing there.

import {
  createPredictor,
  decodeSafetensors,
  encodeSafetensors,
  openDevice,
  syntheticSample,
  train,
  trainingConfig,
} from "../src/node.js"; // in your own project: from "micrograph/node"
import {
  add,
  convParameters,
  cropConcat,
  defineArchitecture,
  type Layers,
  maxPool2d,
  normParameters,
  relu,
  type Tensor,
  upConvParameters,
} from "../src/operations.js"; // in your own project: from "micrograph/ops"

const normUnet = defineArchitecture({
  name: "lab.norm-unet",
  fields: {
    base: { default: 8, whole: true, least: 1, most: 256 }, // channels of the first level
    depth: { default: 2, whole: true, least: 1, most: 6 }, // poolings
  },
  gridStep: ({ depth }) => 2 ** depth,
  parameters({ channels, classes, base, depth }) {
    const width = (level: number) => base * 2 ** level;
    const levels = Array.from({ length: depth }, (_, level) => level);
    return [
      ...levels.flatMap((level) =>
        blockParameters(`down${level}`, level ? width(level - 1) : channels, width(level)),
      ),
      ...blockParameters("bottom", width(depth - 1), width(depth)),
      ...levels.flatMap((level) => [
        ...upConvParameters(`up${level}.grow`, width(level + 1), width(level)),
        ...blockParameters(`up${level}`, 2 * width(level), width(level)),
      ]),
      ...convParameters("head", base, classes, 1),
    ];
  },
  logits(x, layers, { depth }) {
    const skips: Tensor[] = [];
    let t = x;
    for (let level = 0; level < depth; level++) {
      skips[level] = block(t, layers, `down${level}`);
      t = maxPool2d(skips[level], `down${level}.pool`);
    }
    t = block(t, layers, "bottom");
    for (let level = depth - 1; level >= 0; level--) {
      const up = layers.upConv(t, `up${level}.grow`);
      t = block(cropConcat(skips[level], up, `up${level}.concat`), layers, `up${level}`);
    }
    return layers.conv(t, "head");
  },
});

/** Two convolutions, each with a norm, which needs no bias before it; and the shortcut around them. */
function blockParameters(name: string, ins: number, outs: number) {
  const weight = (conv: string, from: number) =>
    convParameters(`${name}.${conv}`, from, outs, 3).filter(({ shape }) => shape.length > 1);
  return [
    ...weight("conv1", ins),
    ...normParameters(`${name}.norm1`, outs),
    ...weight("conv2", outs),
    ...normParameters(`${name}.norm2`, outs),
    ...convParameters(`${name}.around`, ins, outs, 1),
  ];
}

function block(x: Tensor, { conv, convNorm }: Layers, name: string): Tensor {
  const own = { padding: "same" } as const;
  const first = convNorm(x, `${name}.conv1`, `${name}.norm1`, { ...own, activation: "relu" });
  const second = convNorm(first, `${name}.conv2`, `${name}.norm2`, own);
  const around = conv(x, `${name}.around`);
  return relu(add(second, around, `${name}.sum`), `${name}.relu`);
}

const sample = (seed: number) => ({
  name: `synthetic ${seed}`,
  ...syntheticSample({ seed, width: 128, height: 128 }),
});
using device = await openDevice();
let file: Uint8Array = new Uint8Array();
await train(
  device,
  { training: [sample(1), sample(2)], validation: [sample(3)] },
  normUnet.model({ base: 8 }),
  trainingConfig({ tile: 64, steps: 200, validateEvery: 50 }),
  {
    task: { classNames: ["membrane", "cell"] },
    onEvent(event) {
      if (event.type !== "validation") return;
      console.log(`step ${event.step}: ${(100 * event.wrongPixels).toFixed(1)} % of pixels wrong`);
    },
    onCheckpoint(_kind, checkpoint) {
      file = encodeSafetensors(checkpoint);
    },
  },
);
const checkpoint = decodeSafetensors(file, "norm-unet.safetensors", { models: [normUnet] });
const buffers = [...checkpoint.tensors.keys()].filter((name) => name.includes(".running_"));
console.log(`${buffers.length} buffers, such as ${buffers[0]}`);
using predictor = await createPredictor(device, checkpoint);
const { probabilities } = await predictor.predict(sample(3).image, "synthetic 3");
console.log(`${probabilities.length} probabilities`);
