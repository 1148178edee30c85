// The recipes of the networks that are shipped: drawn images of varied scale and noise, a network of width 8 and depth 3,
// and a training that fits into twelve minutes of two processor cores. Equal code and adapter give equal weights.

import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { separateCells } from "../../src/data/label-instances.js";
import { random } from "../../src/data/random.js";
import { type Interpolation, resample } from "../../src/data/resample.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import type { Task } from "../../src/data/task.js";
import type { StartingName } from "../../src/networks/starting-networks.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { INSTANCE_W0 } from "../../src/train/recipes.js";
import type { ModelConfig, Sample, TrainingConfig } from "../../src/train/training-types.js";

/** How a network that is shipped is made. */
export interface Recipe {
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly task: Task;
  /** The images of the training; further ones for the choice of the best checkpoint. */
  readonly images: { readonly training: number; readonly validation: number };
  /** The image of an index: any whole number from 0 has one. */
  draw(index: number): Sample;
}

/** Side of the drawn images, in pixels. */
const SIZE = 256;
/** Seeds of the images: far from those of `train --sample` and of tests. */
const FIRST_SEED = 50_000;
/** The stream of random numbers that varies an image. */
const VARIED = 901;

const NETWORK = { base: 8, depth: 3, dropout: 0, norm: "batch" } as const;

const GREYS = { contrast: 0.3, brightness: 0.3, gamma: 0.4, noise: 0.3 };

const TRAINING = {
  tile: 188,
  learningRate: 0.004,
  schedule: "cosine",
  warmup: 50,
  validateEvery: 1000,
  ema: 0.998,
  seed: 1,
} as const;

/** Drawn micrographs in which dark membranes separate cells, more and less noisy. */
function drawCells(classes: 2 | 3): Recipe["draw"] {
  return (index) => {
    const seed = FIRST_SEED + index;
    const noise = 0.03 + 0.09 * random(seed, VARIED)();
    return {
      name: `cells-${index}`,
      ...syntheticSample({ seed, width: SIZE, height: SIZE, classes, noise }),
    };
  };
}

/** Drawn nuclei; every second image enlarged or reduced, by factors from 0.7 to 1.5. */
function drawNuclei(index: number): Sample {
  const seed = FIRST_SEED + index;
  const factor = index % 2 === 0 ? 1 : 0.7 * (1.5 / 0.7) ** random(seed, VARIED)();
  const side = Math.round(SIZE / factor);
  const { image, label, cells } = syntheticNuclei({ seed, width: side, height: side });
  const name = `nuclei-${index}`;
  if (factor === 1) return { name, image, label };
  const numbers = scaled(Float32Array.from(cells.labels), side, "nearest");
  const { data } = separateCells(numbers, SIZE, SIZE);
  return {
    name,
    image: { ...image, width: SIZE, height: SIZE, data: scaled(image.data, side, "bicubic") },
    label: { ...label, width: SIZE, height: SIZE, data },
  };
}

/** A square plane of that side in the side of the images. */
function scaled(data: Float32Array, side: number, interpolation: Interpolation): Float32Array {
  const at = (i: number) => (i - (SIZE - 1) / 2) * (side / SIZE);
  const field = {
    side: SIZE,
    x: Float32Array.from({ length: SIZE * SIZE }, (_, i) => at(i % SIZE)),
    y: Float32Array.from({ length: SIZE * SIZE }, (_, i) => at(Math.floor(i / SIZE))),
  };
  const target = new Float32Array(SIZE * SIZE);
  const [centreX, centreY] = [(side - 1) / 2, (side - 1) / 2];
  const source = { width: side, height: side, channels: 1, data };
  resample(source, field, { interpolation, centreX, centreY, target });
  return target;
}

const cells = (classes: 2 | 3, task: Task): Recipe => ({
  model: modelConfig({ ...NETWORK, classes }),
  training: trainingConfig({
    ...TRAINING,
    steps: 6000,
    augmentation: { ...AUGMENTATIONS.flips, ...GREYS, rotation: 180, scale: 0.4 },
  }),
  task,
  images: { training: 128, validation: 8 },
  draw: drawCells(classes),
});

export const RECIPES: Readonly<Record<StartingName, Recipe>> = {
  membranes: cells(2, { classNames: ["membrane", "cell"] }),
  nuclei: {
    model: modelConfig({ ...NETWORK, classes: 2 }),
    training: trainingConfig({
      ...TRAINING,
      steps: 5000,
      w0: INSTANCE_W0,
      best: "ap50",
      // Turning by parts of a pixel tears gaps of one pixel; flips keep them whole.
      augmentation: { ...AUGMENTATIONS.flips, ...GREYS },
    }),
    task: { classNames: ["background", "nucleus"], objects: { kind: "gap" } },
    images: { training: 512, validation: 8 },
    draw: drawNuclei,
  },
  mitochondria: cells(3, { classNames: ["membrane", "cell", "mitochondrion"] }),
};
