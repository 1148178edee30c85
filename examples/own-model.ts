// A custom model, a small residual U-Net: trained, saved, loaded and used for prediction like the
// built-in ones, in Node and in a page.

import {
  createPredictor,
  type Device,
  decodeSafetensors,
  encodeSafetensors,
  type Prediction,
  type Sample,
  train,
  trainingConfig,
} from "../src/index.js"; // in your own project: from "micrograph"
import {
  add,
  convParameters,
  cropConcat,
  defineArchitecture,
  type Layers,
  maxPool2d,
  relu,
  type Tensor,
  upConvParameters,
} from "../src/operations.js"; // in your own project: from "micrograph/ops"

export const resUnet = defineArchitecture({
  name: "lab.res-unet",
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

/** Two convolutions, and the shortcut around them. */
function blockParameters(name: string, ins: number, outs: number) {
  return [
    ...convParameters(`${name}.conv1`, ins, outs, 3),
    ...convParameters(`${name}.conv2`, outs, outs, 3),
    ...convParameters(`${name}.around`, ins, outs, 1),
  ];
}

function block(x: Tensor, { conv }: Layers, name: string): Tensor {
  const first = conv(x, `${name}.conv1`, { padding: "same", activation: "relu" });
  const second = conv(first, `${name}.conv2`, { padding: "same" });
  const around = conv(x, `${name}.around`);
  return relu(add(second, around, `${name}.sum`), `${name}.relu`);
}

/** Trains it on grey images with two classes; returns the file of the last checkpoint. */
export async function trainOwn(
  device: Device,
  samples: readonly Sample[],
  steps: number,
): Promise<Uint8Array> {
  let file: Uint8Array = new Uint8Array();
  await train(
    device,
    { training: samples.slice(1), validation: samples.slice(0, 1) },
    resUnet.model({ base: 8 }),
    trainingConfig({ tile: 64, steps }),
    {
      task: { classNames: ["membrane", "cell"] },
      onCheckpoint(_kind, checkpoint) {
        file = encodeSafetensors(checkpoint);
      },
    },
  );
  return file;
}

/** Segments an image with this file. Functions that read it need the architecture. */
export async function predictOwn(
  device: Device,
  file: Uint8Array,
  { name, image }: Pick<Sample, "name" | "image">,
): Promise<Prediction> {
  const models = [resUnet];
  const checkpoint = decodeSafetensors(file, "own.safetensors", { models });
  using predictor = await createPredictor(device, checkpoint);
  return await predictor.predict(image, name);
}
