// Noise2Void (Krull, Buchholz, Jug 2019): a network learns to remove noise from the noisy images
// themselves. In each tile a few pixels are replaced by neighbours, and the network must predict
// what they were. It sees only what is around them, so it learns what a pixel has in common with its
// neighbourhood: the structure, and not the noise, which is independent from pixel to pixel.
//
// In your own project: from "micrograph/node" and "micrograph/ops".

import { pathToFileURL } from "node:url";
import {
  AUGMENTATIONS,
  createSampler,
  type Device,
  type Image,
  openDevice,
  syntheticSample,
} from "../src/node.js";
import {
  compilePlan,
  compileTraining,
  convParameters,
  input,
  type Layers,
  layOut,
  maxPool2d,
  mul,
  networkLayers,
  relu,
  resize,
  square,
  sub,
  sum,
  type Tensor,
} from "../src/operations.js";
import { bestOf, GAUSSIANS, MEDIANS, psnr } from "./filters.js";
import { normal, uniform } from "./random.js";

const BASE = 16;
const TILE = 64;
const BATCH = 4;
/** One pixel of each square of so many by so many pixels is replaced. */
const SPACING = 6;
/** So far from it is the neighbour that replaces it. */
const REACH = 2;
/** The greys around which those of the images lie, and how far. */
const GREYS = { mean: 0.5, deviation: 0.2 };

const layout = layOut([
  ...convParameters("down0.first", 1, BASE, 3),
  ...convParameters("down0.second", BASE, BASE, 3),
  ...convParameters("down1.first", BASE, 2 * BASE, 3),
  ...convParameters("down1.second", 2 * BASE, 2 * BASE, 3),
  ...convParameters("bottom.first", 2 * BASE, 4 * BASE, 3),
  ...convParameters("bottom.second", 4 * BASE, 2 * BASE, 3),
  ...convParameters("up1.first", 4 * BASE, 2 * BASE, 3),
  ...convParameters("up1.second", 2 * BASE, BASE, 3),
  ...convParameters("up0.first", 2 * BASE, BASE, 3),
  ...convParameters("up0.second", BASE, BASE, 3),
  ...convParameters("head", BASE, 1, 1),
]);

/** A U-Net of three levels: x [N,1,H,W] -> [N,1,H,W], H and W multiples of 4. */
function network(x: Tensor, layers: Layers): Tensor {
  const conv = (t: Tensor, name: string, skip?: Tensor) =>
    layers.conv(t, name, { padding: "same", skip });
  const twice = (t: Tensor, name: string, skip?: Tensor) =>
    relu(conv(relu(conv(t, `${name}.first`, skip)), `${name}.second`));
  const level0 = twice(x, "down0");
  const level1 = twice(maxPool2d(level0), "down1");
  const bottom = twice(maxPool2d(level1), "bottom");
  const up1 = twice(resize(bottom, { scale: 2 }), "up1", level1);
  const up0 = twice(resize(up1, { scale: 2 }), "up0", level0);
  return conv(up0, "head");
}

/** Replaces pixels of tiles [BATCH][TILE][TILE]; the mask is 1 where a pixel was replaced. */
function blindSpots(tiles: Float32Array, next: () => number) {
  const blind = tiles.slice();
  const mask = new Float32Array(tiles.length);
  const below = (count: number) => Math.floor(next() * count);
  const inside = (at: number) => Math.max(0, Math.min(TILE - 1, at));
  for (let tile = 0; tile < BATCH; tile++) {
    for (let top = 0; top < TILE; top += SPACING) {
      for (let left = 0; left < TILE; left += SPACING) {
        const [y, x] = [inside(top + below(SPACING)), inside(left + below(SPACING))];
        let [fromY, fromX] = [y, x];
        while (fromY === y && fromX === x) {
          fromY = inside(y - REACH + below(2 * REACH + 1));
          fromX = inside(x - REACH + below(2 * REACH + 1));
        }
        const at = (y: number, x: number) => (tile * TILE + y) * TILE + x;
        blind[at(y, x)] = tiles[at(fromY, fromX)];
        mask[at(y, x)] = 1;
      }
    }
  }
  return { blind, mask };
}

/** Learns from noisy images, and returns them without noise, and the losses of some steps. */
export async function denoise(device: Device, noisy: readonly Image[], steps: number) {
  const layers = networkLayers(layout);
  const shape = [BATCH, 1, TILE, TILE];
  const [tiles, blind, mask] = ["tiles", "blind", "mask"].map((name) => input(name, shape));
  const errors = square(mul(mask, sub(network(blind, layers), tiles)));
  const perPixel = 1 / (BATCH * Math.ceil(TILE / SPACING) ** 2);
  const loss = mul(sum(errors), perPixel);
  const objectives = [{ loss }];
  const training = await compileTraining(device, { name: "denoiser", layout, objectives });
  const sampler = createSampler({
    samples: noisy.map((image, i) => ({ name: `noisy ${i}`, image, label: unlabelled(image) })),
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
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { image } = sampler.batch(step, BATCH);
    const rate = 0.002 * Math.min(1, 2 - (2 * step) / steps);
    training.step({ tiles: image, ...blindSpots(image, next) }, rate);
    if (step % 50 === 0 || step === steps - 1) losses.push((await training.read(loss))[0]);
  }
  const images: Image[] = [];
  for (const image of noisy) {
    const x = input("x", [1, 1, image.height, image.width]);
    const y = network(x, layers);
    const states = { parameters: training.parameters.buffer };
    const plan = await compilePlan(device, { name: "denoised", outputs: [y], states });
    plan.run({ x: image.data.map((value) => (value - GREYS.mean) / GREYS.deviation) });
    const data = (await plan.read(y)).map((value) => GREYS.mean + GREYS.deviation * value);
    images.push({ ...image, data });
    plan.close();
  }
  training.close();
  return { images, losses };
}

/** The sampler wants labels; nothing is done with these. */
const unlabelled = ({ width, height }: Image) => {
  return { width, height, classes: 2, data: new Uint8Array(width * height) };
};

/** Noise that grows with the signal, as that of electrons that are counted. */
export function addNoise({ data, ...image }: Image, seed: number): Image {
  const next = uniform(seed);
  return { ...image, data: data.map((value) => value + (0.06 + 0.14 * value) * normal(next)) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const device = await openDevice();
  const clean = [1, 2, 3, 4].map(
    (seed) => syntheticSample({ seed, width: 192, height: 192, noise: 0 }).image,
  );
  const noisy = clean.map((image, i) => addNoise(image, i + 1));
  const { images } = await denoise(device, noisy, 1500);
  for (const [i, image] of images.entries()) {
    const results = {
      noisy: noisy[i],
      "best median": bestOf(MEDIANS, noisy[i], clean[i]),
      "best Gaussian": bestOf(GAUSSIANS, noisy[i], clean[i]),
      denoised: image,
    };
    const decibels = Object.entries(results).map(
      ([name, result]) => `${name} ${psnr(result, clean[i]).toFixed(1)} dB`,
    );
    console.log(decibels.join(", "));
  }
  device.close();
}
