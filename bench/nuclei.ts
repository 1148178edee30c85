// Single cells on synthetic nuclei: a trained network with and without the watershed, next to the best threshold
// with and without it. The test images are neither trained on nor held out: nothing is fitted to them.
//   npm run bench:nuclei -- --seeds 1,2,3 --minutes 10 [--steps N] [--objects border] [--w0 5] [--json FILE]
// The learning rate falls over the minutes; with --steps over these, so that runs can be compared.

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { drawNuclei } from "../src/cli/train/train-data.js";
import { connectedComponents } from "../src/data/components.js";
import { type NucleiSample, syntheticNuclei } from "../src/data/synthetic-nuclei.js";
import type { ObjectKind } from "../src/data/task.js";
import { bestThreshold, thresholdMask } from "../src/metrics/baseline.js";
import { batchWorkers } from "../src/node/batch-workers.js";
import { openDevice } from "../src/node/open-device.js";
import { cellProbability } from "../src/objects/cells-of-classes.js";
import { separationChooser } from "../src/objects/choose-separation.js";
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
const JUDGED = 8;
/** Seed of the test images: far from those of the sample. */
const FIRST_SEED = 1001;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1,2,3" },
    minutes: { type: "string", default: "10" },
    steps: { type: "string" },
    objects: { type: "string", default: "gap" },
    w0: { type: "string" },
    json: { type: "string" },
  },
});
const kind = values.objects as ObjectKind;

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
  const chooser = separationChooser();
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

async function networkFigures(seed: number) {
  const device = await openDevice();
  try {
    const { model, training } = RUN_DEFAULTS.nuclei;
    const { training: samples, validation } = drawNuclei(kind);
    const usualW0 = kind === "gap" ? INSTANCE_W0 : 0;
    const config = trainingConfig({
      ...training,
      seed,
      w0: values.w0 === undefined ? usualW0 : Number(values.w0),
      ...(values.steps === undefined
        ? ({ schedule: "cosine-time", steps: 1_000_000 } as const)
        : { steps: Number(values.steps) }),
      maxMinutes: Number(values.minutes),
    });
    let best: Checkpoint | undefined;
    const network = modelConfig({ ...model, classes: kind === "gap" ? 2 : 3 });
    const result = await train(device, { training: samples, validation }, network, config, {
      task: { objects: { kind } },
      openBatches: batchWorkers(1),
      onCheckpoint(which, checkpoint) {
        if (which === "best") best = checkpoint;
      },
      onEvent(event) {
        if (event.type !== "validation") return;
        const { step, wrongPixels, ap50, countError, separation } = event;
        console.error(JSON.stringify({ seed, step, wrongPixels, ap50, countError, separation }));
      },
    });
    if (best === undefined) throw new Error("nuclei: no checkpoint was made");
    const { separation } = best.metadata.task?.objects ?? {};
    const rows: Record<string, ObjectFigures> = {};
    for (const symmetries of [1, 8]) {
      const predictor = await createPredictor(device, best, { symmetries });
      const predicted = new Map<NucleiSample, CellProbability>();
      for (const sample of judged) {
        const prediction = await predictor.predict(sample.image, "nuclei");
        predicted.set(sample, cellProbability(prediction, kind));
      }
      predictor.close();
      const cellsOf = (sample: NucleiSample) => predicted.get(sample) as CellProbability;
      const views = symmetries === 1 ? "" : `, ${symmetries} views`;
      rows[`network, components${views}`] = await judge((sample) =>
        components(Uint8Array.from(cellsOf(sample).cell, (value) => Number(value > 0.5))),
      );
      rows[`network, watershed${views}`] = await judge((sample) =>
        separateObjects(cellsOf(sample), { separation }),
      );
    }
    return { rows, separation, steps: result.steps, minutes: result.elapsedMs / 60_000 };
  } finally {
    device.close();
  }
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
  const { steps, minutes, separation } = result;
  console.log(
    `seed ${seed}: ${steps} steps, ${minutes.toFixed(1)} min, separation ${separation} px`,
  );
}
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, null, 2));
