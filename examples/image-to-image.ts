// Image to image (pix2pix; Isola, Zhu, Zhou, Efros 2017): a U-Net draws micrographs from labels. A
// discriminator learns to tell patches of drawn micrographs from real ones, and the U-Net learns to
// pass. Both are trained in one plan, each by an Adam of its own.
//
// In your own project: from "micrograph/node" and "micrograph/ops".

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  AUGMENTATIONS,
  createSampler,
  type Device,
  encodePng,
  type Image,
  type LabelMap,
  openDevice,
  type Sample,
  syntheticSample,
} from "../src/node.js";
import {
  add,
  bceWithLogits,
  compilePlan,
  compileTraining,
  concat,
  constant,
  convParameters,
  elementCount,
  input,
  instanceNorm,
  type Layers,
  l1Loss,
  layOut,
  leakyRelu,
  mul,
  networkLayers,
  oneHot,
  relu,
  resize,
  type State,
  type Tensor,
} from "../src/operations.js";
import { normal, uniform } from "./random.js";

/** Membrane, cell, mitochondrion. */
const CLASSES = 3;
const BASE = 16;
const TILE = 96;
const BATCH = 2;
/** How much a wrong grey counts next to being found out. */
const GREY_WEIGHT = 20;
/** The greys around which those of the images lie, and how far. */
const GREYS = { mean: 0.5, deviation: 0.2 };

const layout = layOut([
  ...convParameters("draw.fine", CLASSES + 1, BASE, 3),
  ...convParameters("draw.down1", BASE, 2 * BASE, 4),
  ...convParameters("draw.down2", 2 * BASE, 4 * BASE, 4),
  ...convParameters("draw.down3", 4 * BASE, 4 * BASE, 4),
  ...convParameters("draw.up3", 4 * BASE, 4 * BASE, 3),
  ...convParameters("draw.up2", 8 * BASE, 2 * BASE, 3),
  ...convParameters("draw.up1", 4 * BASE, BASE, 3),
  ...convParameters("draw.head", 2 * BASE, 1, 3),
  ...convParameters("judge.conv1", CLASSES + 1, 2 * BASE, 4),
  ...convParameters("judge.conv2", 2 * BASE, 4 * BASE, 4),
  ...convParameters("judge.conv3", 4 * BASE, 4 * BASE, 3),
  ...convParameters("judge.head", 4 * BASE, 1, 3),
]);

/**
 * The generator. classes [N,3,H,W], noise [N,1,H,W] -> greys [N,1,H,W], H and W multiples of 8. The
 * noise is what grain and texture are drawn from.
 */
function draw({ conv }: Layers, classes: Tensor, noise: Tensor): Tensor {
  const own = (x: Tensor, name: string, stride = 1) =>
    conv(x, `draw.${name}`, { stride, padding: 1 });
  const down = (x: Tensor, name: string) => leakyRelu(instanceNorm(own(x, name, 2)), 0.2);
  const up = (x: Tensor, name: string) => relu(instanceNorm(own(resize(x, { scale: 2 }), name)));
  const fine = leakyRelu(own(concat([classes, noise], 1), "fine"), 0.2);
  const down1 = down(fine, "down1");
  const down2 = down(down1, "down2");
  const up3 = up(down(down2, "down3"), "up3");
  const up2 = up(concat([down2, up3], 1), "up2");
  const up1 = up(concat([down1, up2], 1), "up1");
  return own(concat([fine, up1], 1), "head");
}

/** The discriminator: whether each patch of 26 x 26 pixels is of a real micrograph, as logits. */
function judge({ conv }: Layers, classes: Tensor, greys: Tensor): Tensor {
  const own = (x: Tensor, name: string, stride = 1) =>
    conv(x, `judge.${name}`, { stride, padding: 1 });
  const first = leakyRelu(own(concat([classes, greys], 1), "conv1", 2), 0.2);
  const second = leakyRelu(instanceNorm(own(first, "conv2", 2)), 0.2);
  const third = leakyRelu(instanceNorm(own(second, "conv3")), 0.2);
  return own(third, "head");
}

/** Cross-entropy of logits with the same answer for every patch. */
function answers(logits: Tensor, real: 0 | 1): Tensor {
  const { shape } = logits;
  const wanted = new Float32Array(elementCount(shape)).fill(real);
  return bceWithLogits(logits, constant(real ? "real" : "drawn", shape, wanted));
}

/** The losses of a step: of the discriminator, and what the generator pays for it and for greys. */
export type Losses = readonly [judge: number, found: number, grey: number];

/** Who is told of the losses, and after how many steps again and again; by default 50. */
export interface Watching {
  readonly every?: number;
  readonly onLosses?: (step: number, losses: Losses) => void;
}

/** Trains both networks on images with labels of three classes; returns `draw` as a function. */
export async function trainDrawing(
  device: Device,
  samples: readonly Sample[],
  steps: number,
  { every = 50, onLosses = () => {} }: Watching = {},
) {
  const layers = networkLayers(layout);
  const plane = [BATCH, 1, TILE, TILE];
  const [greys, label, noise] = ["greys", "label", "noise"].map((name) => input(name, plane));
  const classes = oneHot(label, CLASSES);
  const drawn = draw(layers, classes, noise);
  const onReal = judge(layers, classes, greys);
  const onDrawn = judge(layers, classes, drawn);
  const judged = mul(add(answers(onReal, 1), answers(onDrawn, 0)), 0.5);
  const found = answers(onDrawn, 1);
  const grey = l1Loss(drawn, greys);
  const optimizer = { kind: "adam", beta1: 0.5 } as const;
  const training = await compileTraining(device, {
    name: "image to image",
    layout,
    objectives: [
      { loss: judged, parameters: /^judge/, optimizer },
      { loss: add(found, mul(grey, GREY_WEIGHT)), parameters: /^draw/, optimizer },
    ],
    outputs: [found, grey],
  });
  const sampler = createSampler({
    samples,
    normalisation: { kind: "statistics", mean: [GREYS.mean], deviation: [GREYS.deviation] },
    input: TILE,
    output: TILE,
    augmentation: AUGMENTATIONS.flips,
    classWeights: "equal",
    w0: 0,
    sigma: 5,
    seed: 1,
  });
  const next = uniform(1);
  for (let step = 0; step < steps; step++) {
    const { image, label } = sampler.batch(step, BATCH);
    const noise = image.map(() => normal(next));
    training.step({ greys: image, label, noise }, 0.001 * Math.min(1, 2 - (2 * step) / steps));
    if (step % every !== every - 1) continue;
    const losses = await Promise.all([judged, found, grey].map((loss) => training.read(loss)));
    onLosses(step + 1, losses.map(([value]) => value) as unknown as Losses);
  }
  return {
    draw: (label: LabelMap) => drawLabel(device, training.parameters, label),
    close: training.close,
  };
}

/** Draws a micrograph for a label whose sides are multiples of 8. */
async function drawLabel(device: Device, state: State, label: LabelMap): Promise<Image> {
  const { width, height, data } = label;
  const [classes, noise] = ["classes", "noise"].map((name) => input(name, [1, 1, height, width]));
  const greys = draw(networkLayers(layout), oneHot(classes, CLASSES), noise);
  const states = { parameters: state.buffer };
  using plan = await compilePlan(device, { name: "draw", outputs: [greys], states });
  const next = uniform(2);
  plan.run({ classes: data, noise: Float32Array.from(data, () => normal(next)) });
  const drawn = await plan.read(greys);
  return {
    width,
    height,
    channels: 1,
    data: drawn.map((value) => Math.max(0, Math.min(1, GREYS.mean + GREYS.deviation * value))),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const device = await openDevice();
  const sample = (seed: number): Sample => {
    const size = { width: 256, height: 256 };
    return { name: `synthetic ${seed}`, ...syntheticSample({ seed, ...size, classes: 3 }) };
  };
  const samples = [1, 2, 3, 4, 5, 6, 7, 8].map(sample);
  const trained = await trainDrawing(device, samples, 700, {
    onLosses(step, losses) {
      const [judged, found, grey] = losses.map((loss) => loss.toFixed(3));
      console.log(`step ${step}: discriminator ${judged}, generator ${found}, greys ${grey}`);
    },
  });
  const drawn = await trained.draw(sample(10).label);
  const grey = { ...drawn, bitDepth: 8, data: drawn.data.map((value) => 255 * value) } as const;
  writeFileSync("drawn.png", encodePng({ ...grey, channels: 1 }));
  trained.close();
  device.close();
}
