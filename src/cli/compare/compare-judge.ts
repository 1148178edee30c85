// The evaluation of a comparison: each network's predictions of the held-out images.

import { join } from "node:path";
import { classLegend } from "../../data/classes.js";
import { IGNORED, type LabelMap } from "../../data/image-types.js";
import { readSample, type SampleFile } from "../../data/survey.js";
import { classFieldsOf, type ObjectTask } from "../../data/task.js";
import { predictedClasses } from "../../metrics/pixels.js";
import { createModel } from "../../model/architectures.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { picturePng } from "../../node/png-files.js";
import { ensureFolder, writeFileAtomic } from "../../node/run-files.js";
import { cellProbability, cellsOfLabel } from "../../objects/cells-of-classes.js";
import { matchObjects, type ObjectMatches } from "../../objects/match-objects.js";
import { separateObjects } from "../../objects/separate-objects.js";
import type { ProbabilityMap } from "../../pictures/prediction.js";
import { comparisonSheet } from "../../pictures/sheet.js";
import type { Prediction, Sample } from "../../train/training-types.js";
import type { Evaluation } from "../evaluate/evaluate-report.js";
import { createJudge } from "../evaluate/judge.js";
import { type Contender, outputSide, seenPixels } from "./compare-networks.js";
import type { Standing } from "./compare-report.js";
import type { ComparisonWork, Trained } from "./compare-train.js";

/** A held-out image and its predictions. */
interface Row {
  readonly sample: Sample | SampleFile;
  readonly predictions: { readonly name: string; readonly prediction: ProbabilityMap }[];
}

/** Predicts the held-out images with each network, evaluates the predictions and draws them side by side. */
export async function judgeAll(work: ComparisonWork, trained: Trained): Promise<Standing[]> {
  const rows = work.data.validation.map((sample): Row => ({ sample, predictions: [] }));
  const standings: Standing[] = [];
  for (const contender of work.contenders) {
    const { name, model, training, models } = contender;
    const { result, elapsedMs } = trained[name];
    standings.push({
      name,
      parameters: createModel(model, models).parameters.count,
      tile: training.tile,
      output: outputSide(contender),
      steps: result.steps,
      seenPixels: seenPixels(contender, result.steps),
      elapsedMs,
      best: result.best,
      evaluation: await judgeOne(work, contender, rows),
    });
  }
  const pictures = join(work.folder, "pictures");
  await ensureFolder(pictures);
  for (const { sample, predictions } of rows) {
    const picture = comparisonSheet(
      await readSample(sample),
      predictions,
      classLegend(classFieldsOf(work.contenders[0])),
    );
    await writeFileAtomic(join(pictures, `${sample.name}.png`), picturePng(picture));
  }
  return standings;
}

/** Evaluates one network's best checkpoint; its predictions are added to the rows. */
async function judgeOne(
  { folder, device, context, progress }: ComparisonWork,
  { name, run, symmetries, models, ...contender }: Contender,
  rows: readonly Row[],
): Promise<Evaluation> {
  const judge = createJudge(classFieldsOf(contender));
  const checkpoint = await loadCheckpoint(join(folder, run, "best.safetensors"), { models });
  const cells = checkpoint.metadata.task?.objects;
  const predictor = await context.services.createPredictor(device, checkpoint, { symmetries });
  try {
    for (const [index, { sample, predictions }] of rows.entries()) {
      progress.update(index, rows.length, `${name}: judging ${sample.name}`);
      const { image, label } = await readSample(sample);
      const prediction = await predictor.predict(image, sample.name);
      predictions.push({ name, prediction: { ...prediction, cells } });
      const matches = cells && matchCells(prediction, label, cells);
      const { probabilities, classes, width, height } = prediction;
      if (classes === 2) {
        judge.addSlice(
          sample.name,
          { label, probability: probabilities.slice(width * height) },
          matches,
        );
      } else {
        judge.addClasses(sample.name, label, predictedClasses(probabilities, classes), matches);
      }
    }
    return judge.evaluation();
  } finally {
    progress.stop();
    predictor.close();
  }
}

/** The separated cells of a prediction, matched with the label's. */
function matchCells(
  prediction: Prediction,
  label: LabelMap,
  { kind, separation, threshold }: ObjectTask,
): ObjectMatches {
  const cells = cellProbability(prediction, kind);
  const found = separateObjects(cells, { separation, threshold });
  const counted = label.data.map((value) => Number(value !== IGNORED));
  return matchObjects(cellsOfLabel(label, kind), found, counted);
}
