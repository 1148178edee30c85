// Several classes: enamel, dentine, pulp, fillings and bone in drawn X-rays of teeth. A U-Net is
// trained on them like on micrographs; each class gets its own figures.
//
// In your own project: from "micrograph/node".

import { pathToFileURL } from "node:url";
import {
  type Checkpoint,
  createPredictor,
  type Device,
  type Image,
  type LabelMap,
  modelConfig,
  openDevice,
  type Sample,
  train,
  trainingConfig,
} from "../src/node.js";
import { normal, uniform } from "./random.js";

export const CLASSES = ["background", "bone", "enamel", "dentine", "pulp", "filling"] as const;
const [BACKGROUND, BONE, ENAMEL, DENTINE, PULP, FILLING] = [0, 1, 2, 3, 4, 5];
/** How much of the X-rays each class stops, 0 to 1. */
const DENSITY = [0.14, 0.42, 0.82, 0.6, 0.43, 0.97];
const SIDE = 192;

interface Tooth {
  /** Of the crown's middle line, in pixels. */
  readonly x: number;
  /** Of the biting edge, in pixels from the jaw's edge of the image. */
  readonly length: number;
  /** Half of the crown's width. */
  readonly half: number;
  /** Pixels that the root's tip lies to the side. */
  readonly lean: number;
  /** Place and size of a filling as shares of the half width; a size of 0 is none. */
  readonly filling: readonly [number, number];
  readonly isMolar: boolean;
}

/** The class at a place of a tooth: `across` from -1 to 1, `down` from the biting edge 0 to the tip 1. */
function partOf(tooth: Tooth, across: number, down: number): number | undefined {
  if (down < 0 || down > 1) return undefined;
  const bulge = Math.sqrt(Math.min(1, down / 0.1)) * (1 - 0.25 * Math.max(0, (down - 0.18) / 0.22));
  const root = 0.75 * Math.sqrt(Math.max(0, 1 - (down - 0.4) / 0.6));
  const width = down < 0.4 ? bulge : root;
  // The roots of a molar part below its middle.
  const gap = tooth.isMolar ? Math.max(0, 0.55 * (down - 0.58)) : 0;
  const off = Math.abs(across);
  if (off > width || off < gap) return undefined;
  const [place, size] = tooth.filling;
  if (size > 0 && Math.hypot(across - place, 2.4 * down) < size) return FILLING;
  const rim = 0.24 * Math.sqrt(Math.max(0, 1 - down / 0.42));
  if (down < 0.42 && (off > width - rim || down < 0.55 * rim)) return ENAMEL;
  const middle = tooth.isMolar && down > 0.5 ? (width + gap) / 2 : 0;
  const canal = down < 0.45 ? 0.22 : 0.1 * (1.3 - down) + 0.03;
  return down > 0.26 && down < 0.92 && Math.abs(off - middle) < canal ? PULP : DENTINE;
}

/** Teeth side by side in one jaw. */
function drawTeeth(next: () => number): Tooth[] {
  const teeth: Tooth[] = [];
  const length = 88 + 10 * next();
  for (let x = -12 + 14 * next(); x < SIDE + 20; ) {
    const isMolar = next() < 0.55;
    const half = (isMolar ? 21 : 14) + 4 * next();
    const filling = [0.8 * next() - 0.4, next() < 0.35 ? 0.3 + 0.25 * next() : 0] as const;
    const lean = 10 * next() - 5;
    teeth.push({ x: x + half, length: length + 6 * next(), half, lean, filling, isMolar });
    x += 2 * half + 1 + 2 * next();
  }
  return teeth;
}

/** A field that varies over `scale` pixels, about -1 to 1: the sum of waves in all directions. */
function waves(next: () => number, scale: number): (x: number, y: number) => number {
  const all = Array.from({ length: 12 }, () => {
    const [angle, phase] = [2 * Math.PI * next(), 2 * Math.PI * next()];
    const pitch = (0.7 + 0.6 * next()) / scale;
    return [pitch * Math.cos(angle), pitch * Math.sin(angle), phase];
  });
  return (x, y) =>
    all.reduce((sum, [a, b, phase]) => sum + Math.sin(2 * Math.PI * (a * x + b * y) + phase), 0) /
    3.5;
}

/** A drawn bitewing X-ray with its label; one seed gives one picture. */
export function dentalXray(seed: number): Sample & { readonly image: Image } {
  const next = uniform(seed);
  const jaws = [drawTeeth(next), drawTeeth(next)];
  const [bend, crest, light, bone] = [60, 40, 110, 5].map((scale) => waves(next, scale));
  const bite = SIDE / 2 + 6 * next() - 3;
  const label = new Uint8Array(SIDE * SIDE);
  const density = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < label.length; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const jaw = Number(y > bite + 3 * bend(x, 0));
    const fromBite = Math.abs(y - bite - 3 * bend(x, 0)) - 1.5;
    label[i] = fromBite > 47 + 4 * crest(x, 100 * jaw) ? BONE : BACKGROUND;
    for (const tooth of jaws[jaw]) {
      const down = fromBite / tooth.length;
      const across = (x - tooth.x - tooth.lean * Math.max(0, down)) / tooth.half;
      label[i] = partOf(tooth, across, down) ?? label[i];
    }
    const texture = label[i] === BONE ? 0.07 * bone(x, y) : 0;
    density[i] = DENSITY[label[i]] + texture + 0.06 * light(x, y);
  }
  const data = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < data.length; i++) {
    // The blur of the film, and its grain.
    let [sum, count] = [0, 0];
    for (const [dy, dx] of NEAR) {
      const [y, x] = [Math.floor(i / SIDE) + dy, (i % SIDE) + dx];
      if (y < 0 || x < 0 || y >= SIDE || x >= SIDE) continue;
      [sum, count] = [sum + density[y * SIDE + x], count + 1];
    }
    data[i] = Math.max(0, Math.min(1, 0.92 * (sum / count) + 0.05 * normal(next)));
  }
  const size = { width: SIDE, height: SIDE };
  return {
    name: `x-ray ${seed}`,
    image: { ...size, channels: 1, data },
    label: { ...size, classes: CLASSES.length, data: label },
  };
}

/** The places of a disc of radius 2 around a pixel. */
const NEAR = Array.from({ length: 25 }, (_, i) => [Math.floor(i / 5) - 2, (i % 5) - 2]).filter(
  ([y, x]) => y * y + x * x <= 4,
);

/** Trains a U-Net on drawn X-rays; returns its best checkpoint. */
export async function trainDental(device: Device, steps: number): Promise<Checkpoint> {
  const samples = Array.from({ length: 42 }, (_, i) => dentalXray(i + 1));
  let best: Checkpoint | undefined;
  await train(
    device,
    { training: samples.slice(0, 40), validation: samples.slice(40) },
    modelConfig({ classes: CLASSES.length, base: 16, depth: 3 }),
    trainingConfig({
      tile: 148,
      steps,
      validateEvery: steps,
      learningRate: 0.002,
      schedule: "cosine",
    }),
    {
      task: { classNames: [...CLASSES] },
      onCheckpoint(kind, checkpoint) {
        if (kind === "best") best = checkpoint;
      },
    },
  );
  if (!best) throw new Error("the training ended before its validation");
  return best;
}

/** The class with the highest probability of each pixel. */
export async function segment(
  device: Device,
  checkpoint: Checkpoint,
  { name, image }: Sample,
): Promise<LabelMap> {
  using predictor = await createPredictor(device, checkpoint);
  const { probabilities } = await predictor.predict(image, name);
  const pixels = image.width * image.height;
  const data = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    for (let k = 1; k < CLASSES.length; k++) {
      if (probabilities[k * pixels + i] > probabilities[data[i] * pixels + i]) data[i] = k;
    }
  }
  return { width: image.width, height: image.height, classes: CLASSES.length, data };
}

/** Dice, 2 |A and B| / (|A| + |B|), of each class over several images. */
export function diceByClass(predicted: readonly LabelMap[], labels: readonly LabelMap[]): number[] {
  return CLASSES.map((_, k) => {
    let [both, sum] = [0, 0];
    for (const [n, { data }] of labels.entries()) {
      for (const [i, truth] of data.entries()) {
        const found = predicted[n].data[i];
        both += Number(found === k && truth === k);
        sum += Number(found === k) + Number(truth === k);
      }
    }
    return (2 * both) / sum;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const device = await openDevice();
  const checkpoint = await trainDental(device, 2400);
  const held = [101, 102, 103, 104].map(dentalXray);
  const found: LabelMap[] = [];
  for (const sample of held) found.push(await segment(device, checkpoint, sample));
  const figures = diceByClass(
    found,
    held.map(({ label }) => label),
  );
  for (const [k, dice] of figures.entries()) console.log(`${CLASSES[k]}: Dice ${dice.toFixed(3)}`);
  device.close();
}
