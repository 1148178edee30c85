// Single cells on synthetic nuclei: a trained network with and without the watershed, next to the best threshold
// with and without it. The test images are neither trained on nor held out: nothing is fitted to them.
//   npm run bench:nuclei -- --seeds 1,2,3 [--steps N | --minutes 10] [--objects border] [--w0 5] [--tile 188]
//     [--images 512] [--norm none] [--base 24] [--checkpoints FOLDER] [--json FILE]
// By default as `train --sample nuclei`. With --minutes the learning rate falls over these. Networks are kept in the
// folder of --checkpoints; one that is there already is judged without being trained again.

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NUCLEI } from "../src/cli/options/sample.js";
import { drawNuclei, nucleiSample } from "../src/cli/train/train-data.js";
import { connectedComponents } from "../src/data/components.js";
import { type NucleiSample, syntheticNuclei } from "../src/data/synthetic-nuclei.js";
import type { ObjectKind } from "../src/data/task.js";
import type { Device } from "../src/gpu/device.js";
import { bestThreshold, thresholdMask } from "../src/metrics/baseline.js";
import { batchWorkers } from "../src/node/batch-workers.js";
import { loadCheckpoint, saveCheckpoint } from "../src/node/checkpoint.js";
import { openDevice } from "../src/node/open-device.js";
import { cellProbability, cellsOfLabel } from "../src/objects/cells-of-classes.js";
import { type ChosenSeparation, separationChooser } from "../src/objects/choose-separation.js";
import { matchObjects } from "../src/objects/match-objects.js";
import { type ObjectFigures, objectFigures } from "../src/objects/object-figures.js";
import { type ObjectLabels, objectLabels } from "../src/objects/object-labels.js";
import { type CellProbability, separateObjects } from "../src/objects/separate-objects.js";
import { createPredictor } from "../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../src/train/config.js";
import { INSTANCE_W0, RUN_DEFAULTS } from "../src/train/recipes.js";
import { train } from "../src/train/train.js";
import type { Checkpoint, Sample } from "../src/train/training-types.js";

const SIZE = 256;
const JUDGED = 32;
/** Seed of the test images: far from those of the sample. */
const FIRST_SEED = 1001;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1,2,3" },
    minutes: { type: "string" },
    steps: { type: "string" },
    objects: { type: "string", default: "gap" },
    w0: { type: "string" },
    tile: { type: "string" },
    images: { type: "string", default: String(NUCLEI.training) },
    norm: { type: "string" },
    base: { type: "string" },
    checkpoints: { type: "string" },
    json: { type: "string" },
  },
});
const kind = values.objects as ObjectKind;

/** Images of the training and held-out ones; the first of both are those of `train --sample nuclei`. */
const drawn = drawNuclei(kind);
const validation = drawn.validation as Sample[];
/** Seeds of further images follow after a distance: the held-out ones are next. */
const MORE = NUCLEI.seed + NUCLEI.training + 100;
const training = (drawn.training as Sample[]).slice(0, Number(values.images));
for (let seed = MORE; training.length < Number(values.images); seed++) {
  training.push(nucleiSample(kind, seed, `more-${seed}`));
}

const judged = Array.from({ length: JUDGED }, (_, i) =>
  syntheticNuclei({ seed: FIRST_SEED + i, width: SIZE, height: SIZE }),
);
const truthOf = ({ cells }: NucleiSample) => objectLabels(cells, SIZE, SIZE);

/** The figures over all test images; `find` returns the objects of one. */
async function judge(
  find: (sample: NucleiSample) => ObjectLabels | Promise<ObjectLabels>,
): Promise<ObjectFigures> {
  const matches = [];
  for (const sample of judged) matches.push(matchObjects(truthOf(sample), await find(sample)));
  return objectFigures(matches);
}

const components = (mask: Uint8Array) =>
  objectLabels(connectedComponents(mask, SIZE, SIZE), SIZE, SIZE);

/** The threshold that is best on the training images, and the best separation with it. */
async function thresholdFigures() {
  const sample = drawNuclei("gap");
  const samples = [...sample.training, ...sample.validation] as Sample[];
  const fitted = bestThreshold(
    samples.map(({ image }) => image),
    samples.map(({ label }) => label),
  );
  const cellsOf = (image: Sample["image"]): CellProbability => {
    const cell = Float32Array.from(thresholdMask(image, fitted));
    return { width: SIZE, height: SIZE, cell };
  };
  // A mask has no probabilities.
  const chooser = separationChooser({ threshold: 0.5 });
  for (const { image, label } of samples) {
    chooser.add(components(label.data), cellsOf(image));
  }
  const separation = chooser.best()?.separation;
  return {
    "threshold, components": await judge(({ image }) => components(thresholdMask(image, fitted))),
    "threshold, watershed": await judge(({ image }) =>
      separateObjects(cellsOf(image), { separation }),
    ),
  };
}

/** Trains a network of that seed; returns its best checkpoint. */
async function trained(device: Device, seed: number): Promise<Checkpoint> {
  const { model, training: usual } = RUN_DEFAULTS.nuclei;
  const usualW0 = kind === "gap" ? INSTANCE_W0 : 0;
  const config = trainingConfig({
    ...usual,
    seed,
    w0: values.w0 === undefined ? usualW0 : Number(values.w0),
    ...(values.tile === undefined ? {} : { tile: Number(values.tile) }),
    ...(values.steps === undefined ? {} : { steps: Number(values.steps) }),
    ...(values.minutes === undefined
      ? {}
      : { schedule: "cosine-time", steps: 1_000_000, maxMinutes: Number(values.minutes) }),
  });
  let best: Checkpoint | undefined;
  const network = modelConfig({
    ...model,
    ...(values.base === undefined ? {} : { base: Number(values.base) }),
    ...(values.norm === undefined ? {} : { norm: values.norm as "none" | "batch" }),
    classes: kind === "gap" ? 2 : 3,
  });
  const { steps, elapsedMs } = await train(device, { training, validation }, network, config, {
    task: { objects: { kind } },
    openBatches: batchWorkers(1),
    onCheckpoint(which, checkpoint) {
      if (which === "best") best = checkpoint;
    },
    onEvent(event) {
      if (event.type !== "validation") return;
      const { step, wrongPixels, ap50, countError, separation, cellThreshold } = event;
      const figures = { step, wrongPixels, ap50, countError, separation, cellThreshold };
      console.error(JSON.stringify({ seed, ...figures }));
    },
  });
  if (best === undefined) throw new Error("nuclei: no checkpoint was made");
  console.log(`seed ${seed}: ${steps} steps in ${(elapsedMs / 60_000).toFixed(1)} minutes`);
  return best;
}

/** The network of that seed: the one that is kept, or a new one, which is kept then. */
async function networkOf(device: Device, seed: number): Promise<Checkpoint> {
  const { checkpoints: folder } = values;
  const path = folder && join(folder, `${kind}-${seed}.safetensors`);
  if (path && existsSync(path)) return loadCheckpoint(path);
  const checkpoint = await trained(device, seed);
  if (path) {
    await mkdir(folder, { recursive: true });
    await saveCheckpoint(path, checkpoint);
  }
  return checkpoint;
}

async function networkFigures(seed: number) {
  const device = await openDevice();
  try {
    const checkpoint = await networkOf(device, seed);
    const rows: Record<string, ObjectFigures> = {};
    const chosen: Record<number, ChosenSeparation> = {};
    for (const symmetries of [1, 8]) {
      const predictor = await createPredictor(device, checkpoint, { symmetries });
      const cellsOf = async (image: Sample["image"]) =>
        cellProbability(await predictor.predict(image, "nuclei"), kind);
      chosen[symmetries] = await chooseOn(cellsOf);
      const { threshold, separation } = chosen[symmetries];
      const predicted = new Map<NucleiSample, CellProbability>();
      for (const sample of judged) predicted.set(sample, await cellsOf(sample.image));
      predictor.close();
      const found = (sample: NucleiSample) => predicted.get(sample) as CellProbability;
      const views = symmetries === 1 ? "" : `, ${symmetries} views`;
      rows[`network, components${views}`] = await judge((sample) =>
        components(insidesOf(found(sample))),
      );
      rows[`network, watershed${views}`] = await judge((sample) =>
        separateObjects(found(sample), { threshold, separation }),
      );
    }
    return { rows, chosen };
  } finally {
    device.close();
  }
}

/** 1 where a pixel is cell, or without its border where the network has a class for that. */
const insidesOf = ({ cell, inside = cell }: CellProbability) =>
  Uint8Array.from(inside as Float32Array, (value) => Number(value > 0.5));

/** The threshold and the separation that serve best on the held-out images. */
async function chooseOn(
  cellsOf: (image: Sample["image"]) => Promise<CellProbability>,
): Promise<ChosenSeparation> {
  const chooser = separationChooser();
  for (const { image, label } of validation) {
    chooser.add(cellsOfLabel(label, kind), await cellsOf(image));
  }
  const best = chooser.best();
  if (best === undefined) throw new Error("nuclei: the held-out images have no cell");
  return best;
}

const COLUMNS = ["ap50", "ap", "f1", "panopticQuality", "seg", "det", "aggregatedJaccard"] as const;

function line(name: string, figures: ObjectFigures): string {
  const cells = COLUMNS.map((key) => figures[key].toFixed(3));
  const error = `${(100 * figures.countError).toFixed(1)} %`;
  return `| ${[name, figures.labelled, figures.predicted, error, ...cells].join(" | ")} |`;
}

console.log(`| ${["", "nuclei", "found", "count", ...COLUMNS].join(" | ")} |`);
console.log(`|---|${"---|".repeat(COLUMNS.length + 3)}`);
const results: Record<string, unknown> = await thresholdFigures();
for (const [name, figures] of Object.entries(results)) {
  console.log(line(name, figures as ObjectFigures));
}
for (const seed of values.seeds.split(",").map(Number)) {
  const result = await networkFigures(seed);
  results[`seed ${seed}`] = result;
  for (const [name, figures] of Object.entries(result.rows)) {
    console.log(line(`${name}, seed ${seed}`, figures));
  }
  for (const [views, { threshold, separation }] of Object.entries(result.chosen)) {
    console.log(
      `seed ${seed}, ${views} views: threshold ${threshold}, separation ${separation} px`,
    );
  }
}
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, null, 2));
