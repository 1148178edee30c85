// The gain of a watershed if membranes have gaps: V_rand (EM challenge of 2012) of predicted probabilities at
// their best threshold, as in `evaluate`, and after a watershed. Threshold and separation are chosen on some slices
// and tested on others.
//   npm run bench:separation -- --prediction DIR --labels DIR --choose 18,19 --judge 20,21,22,23,24

import { parseArgs } from "node:util";
import { connectedComponents } from "../src/data/components.js";
import { thinBorders } from "../src/metrics/border-thinning.js";
import { overlapOf, randScore } from "../src/metrics/overlap.js";
import { THRESHOLDS } from "../src/metrics/proposals.js";
import { decideReading, loadPair, openPairFiles } from "../src/node/judged-files.js";
import { findPredictions } from "../src/node/predictions.js";
import { bestOfGrid, SEPARATIONS } from "../src/objects/choose-separation.js";
import { prepareSeparation } from "../src/objects/separate-objects.js";

interface Slice {
  readonly width: number;
  readonly height: number;
  /** The number of the labelled cell of each pixel. */
  readonly truth: Int32Array;
  readonly cell: Float32Array;
}

/** Infinity separates nothing: only the threshold counts. */
const TRIED = [...SEPARATIONS, Number.POSITIVE_INFINITY];

const { values } = parseArgs({
  options: {
    prediction: { type: "string" },
    labels: { type: "string" },
    choose: { type: "string" },
    judge: { type: "string" },
  },
});
const { prediction, labels, choose, judge } = values;
if (!prediction || !labels || !choose || !judge) {
  throw new Error("separation: expected --prediction, --labels, --choose and --judge");
}

const { pairs } = await findPredictions(prediction, labels);
const files = openPairFiles();
const reading = await decideReading(pairs, files, { classes: 2 }, { isTyped: true });

async function slicesOf(names: string): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (const name of names.split(",")) {
    const pair = reading.pairs.find((one) => one.name === name);
    if (pair === undefined) throw new Error(`separation: no prediction and label is named ${name}`);
    const { label, probability } = await loadPair(files, pair, reading, 0.5);
    if (probability === undefined) throw new Error(`separation: ${name} has no probabilities`);
    const { width, height, data } = label;
    const truth = connectedComponents(data, width, height).labels;
    slices.push({ width, height, truth, cell: probability });
  }
  return slices;
}

/** Mean V_rand of the slices by threshold, then by separation. */
function scores(slices: readonly Slice[]): number[][] {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return THRESHOLDS.slice(1, -1).map((threshold) => {
    const bySlice = slices.map(({ truth, ...slice }) => {
      const prepared = prepareSeparation(slice, { threshold, smallest: 0, holes: 0 });
      return TRIED.map((separation) => {
        const { data, width, height } = prepared.at(separation);
        return randScore([overlapOf(truth, thinBorders(data, width, height))]).f;
      });
    });
    return TRIED.map((_, i) => mean(bySlice.map((values) => values[i])));
  });
}

const [chosen, judged] = [scores(await slicesOf(choose)), scores(await slicesOf(judge))];
const last = TRIED.length - 1;
/** The first place of the largest value, [row, column]. */
function largest(values: readonly (readonly number[])[]): readonly [number, number] {
  const most = Math.max(...values.flat());
  const row = values.findIndex((line) => line.includes(most));
  return [row, values[row].indexOf(most)];
}
const at = (index: number) => `threshold ${THRESHOLDS[index + 1]}`;
const four = (value: number) => value.toFixed(4);
console.log(`V_rand on ${judge} (chosen on ${choose})`);
console.log(
  `threshold, the best on these very slices: ${four(Math.max(...judged.map((row) => row[last])))}`,
);
for (const [how, choose] of [
  ["as in training, in the mean over the neighbours", bestOfGrid],
  ["the best of all pairs", largest],
] as const) {
  const [threshold] = choose(chosen.map((row) => [row[last]])) ?? [0];
  const [row, column] = choose(chosen) ?? [0, 0];
  console.log(`chosen ${how}:`);
  console.log(`  threshold (${at(threshold)}): ${four(judged[threshold][last])}`);
  console.log(
    `  watershed (${at(row)}, separation ${TRIED[column]} px): ${four(judged[row][column])}`,
  );
}
console.log(`watershed, the best on these very slices: ${four(Math.max(...judged.flat()))}`);
