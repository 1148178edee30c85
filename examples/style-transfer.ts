// Style transfer (Gatys, Ecker, Bethge 2016): an image is changed until it has the large forms of one
// image and the texture of another. What is trained is the image itself. Texture is measured by the
// correlations of features, whose filters are random: for texture these need no training
// (Ustyuzhaninov et al. 2016), and so no pretrained network.
//
// In your own project: from "micrograph/node" and "micrograph/ops".

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Device, encodePng, type Image, openDevice, syntheticSample } from "../src/node.js";
import {
  add,
  avgPool2d,
  compilePlan,
  compileTraining,
  constant,
  conv2d,
  elementCount,
  input,
  layOut,
  matmul,
  mean,
  mseLoss,
  mul,
  networkLayers,
  relu,
  reshape,
  sigmoid,
  sub,
  type Tensor,
  toImage,
} from "../src/operations.js";
import { normal, uniform } from "./random.js";

const SIDE = 128;
/** Each scale sees pixels of half the size of the next. */
const SCALES = 4;
const FEATURES = 64;
/** How much large forms count next to texture. */
const CONTENT = 10;

/** Random filters of all colours. */
function filters(count: number, side: number): Tensor {
  const next = uniform(1);
  const shape = [count, 3, side, side];
  const deviation = Math.sqrt(2 / (3 * side * side));
  const values = Array.from({ length: elementCount(shape) }, () => deviation * normal(next));
  return constant("filters", shape, values, "dense");
}

/** Features of an image [1,3,S,S] at each scale, from fine to coarse; and its colours. */
function features(image: Tensor): Tensor[] {
  const random = filters(FEATURES, 7);
  const found: Tensor[] = [];
  let scaled = mul(sub(image, 0.4), 3);
  for (let scale = 0; scale < SCALES; scale++) {
    found.push(relu(conv2d(scaled, random, undefined, { padding: 3 })), scaled);
    scaled = avgPool2d(scaled, { kernel: 2 });
  }
  return found;
}

/** How often features occur together, wherever: [1,C,H,W] -> [C,C]. */
function gram(feature: Tensor): Tensor {
  const [, c, h, w] = feature.shape;
  const rows = reshape(feature, [c, h * w]);
  return mul(matmul(rows, rows, { transposeB: true }), 1 / (h * w));
}

/** The large forms: brightness in squares of 4 x 4 pixels. */
const forms = (image: Tensor): Tensor =>
  avgPool2d(mean(image, { axes: [1], keepDims: true }), { kernel: 4 });

/** Paints the forms of `content`, grey, with the texture of `style`, RGB; both SIDE x SIDE. */
export async function transferStyle(
  device: Device,
  content: Image,
  style: Image,
  steps: number,
  onLoss: (step: number, loss: number) => void = () => {},
): Promise<Image> {
  const still = input("still", [1, 3, SIDE, SIDE]);
  const measured = [...features(still).map(gram), forms(still)];
  using measure = await compilePlan(device, { name: "measure", outputs: measured });
  const grey = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    return content.data[i % (SIDE * SIDE)];
  });
  measure.run({ still: grey });
  const wantedForms = await measure.read(measured[measured.length - 1]);
  measure.run({ still: style.data });
  const wanted: Float32Array[] = [];
  for (const one of measured.slice(0, -1)) wanted.push(await measure.read(one));

  // The image is sigmoid(pixels), so that it stays between black and white.
  const start = grey.map((value) => Math.log(value + 0.02) - Math.log(1.02 - value));
  const layout = layOut([{ name: "image", shape: still.shape, init: () => start }]);
  const image = sigmoid(toImage(networkLayers(layout).get("image")));
  const grams = features(image).map(gram);
  const errors = grams.map((one, i) => {
    // Each by its own size, so that all scales count alike.
    const size = wanted[i].reduce((sum, value) => sum + value * value, 0) / wanted[i].length;
    return mul(mseLoss(one, constant("wanted", one.shape, wanted[i], "dense")), 1 / size);
  });
  const form = forms(image);
  const far = mseLoss(form, constant("forms", form.shape, wantedForms));
  const loss = [...errors, mul(far, CONTENT)].reduce((sum, one) => add(sum, one));
  using training = await compileTraining(device, { name: "style", layout, objectives: [{ loss }] });
  for (let step = 0; step < steps; step++) {
    training.step({}, 0.1 * Math.min(1, 2 - (2 * step) / steps));
    if (step % 50 === 0 || step === steps - 1) onLoss(step, (await training.read(loss))[0]);
  }
  const values = await training.values("image");
  const data = values.map((value) => 1 / (1 + Math.exp(-value)));
  return { width: SIDE, height: SIDE, channels: 3, data };
}

/** A picture of curved strokes of a brush, drawn by a program: night blue, light blue, yellow. */
export function strokes(seed: number): Image {
  const next = uniform(seed);
  const data = new Float32Array(3 * SIDE * SIDE);
  const colours = [
    [0.07, 0.13, 0.36],
    [0.14, 0.3, 0.62],
    [0.38, 0.62, 0.82],
    [0.93, 0.78, 0.3],
    [0.96, 0.93, 0.78],
  ];
  const whirls = Array.from({ length: 5 }, () => [next() * SIDE, next() * SIDE, 2 * next() - 1]);
  const angle = (x: number, y: number) => {
    let [dx, dy] = [0.6, 0.2 * Math.sin(x / 20)];
    for (const [cx, cy, turn] of whirls) {
      const near = 40 / (12 + Math.hypot(x - cx, y - cy));
      dx -= turn * near * ((y - cy) / 20);
      dy += turn * near * ((x - cx) / 20);
    }
    return Math.atan2(dy, dx);
  };
  for (let stroke = 0; stroke < 2600; stroke++) {
    let [x, y] = [next() * SIDE, next() * SIDE];
    const shade = Math.min(4, Math.floor(5 * next() ** 1.7));
    const colour = colours[shade].map((value) => value + 0.08 * normal(next));
    const radius = 1.4 + 1.4 * next();
    for (let step = 0; step < 16; step++) {
      for (let dy = -3; dy <= 3; dy++) {
        for (let dx = -3; dx <= 3; dx++) {
          const [px, py] = [Math.round(x) + dx, Math.round(y) + dy];
          if (px < 0 || py < 0 || px >= SIDE || py >= SIDE || Math.hypot(dx, dy) > radius) continue;
          for (let c = 0; c < 3; c++) {
            data[(c * SIDE + py) * SIDE + px] = Math.max(0, Math.min(1, colour[c]));
          }
        }
      }
      const way = angle(x, y);
      x += Math.cos(way);
      y += Math.sin(way);
    }
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

/** A micrograph without noise, to be painted. */
export const toPaint = (): Image =>
  syntheticSample({ seed: 10, width: SIDE, height: SIDE, noise: 0 }).image;

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const device = await openDevice();
  const painted = await transferStyle(device, toPaint(), strokes(1), 500, (step, loss) =>
    console.log(`step ${step}: loss ${loss.toFixed(4)}`),
  );
  const data = painted.data.map((value) => 255 * value);
  writeFileSync("painted.png", encodePng({ ...painted, channels: 3, bitDepth: 8, data }));
  device.close();
}
