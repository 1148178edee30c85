// The figures of objects against values computed by hand.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { bestOfGrid, separationChooser } from "../../src/objects/choose-separation.js";
import { MATCH_THRESHOLDS, matchObjects } from "../../src/objects/match-objects.js";
import { objectFigures } from "../../src/objects/object-figures.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";

const row = (...numbers: number[]): ObjectLabels => {
  const data = Int32Array.from(numbers);
  return { width: data.length, height: 1, data, count: new Set(numbers.filter(Boolean)).size };
};
const figuresOf = (truth: ObjectLabels, predicted: ObjectLabels) =>
  objectFigures([matchObjects(truth, predicted)]);
const near = (value: number, expected: number, what = "") =>
  assert.ok(Math.abs(value - expected) < 1e-12, `${what} ${value}, expected ${expected}`);

// Cell 1, 4 pixels: 3 of them and one more found, IoU 3/5. Cell 2, 4 pixels: cut in halves, IoU 1/2 each.
// Cells 3 and 4, 2 and 3 pixels: merged into one of 5, IoU 2/5 and 3/5. Cell 5, 2 pixels: missed. One
// object of 2 pixels is added.
const TRUTH = row(0, 1, 1, 1, 1, 0, 2, 2, 2, 2, 0, 3, 3, 4, 4, 4, 0, 5, 5, 0, 0, 0);
const FOUND = row(1, 1, 1, 1, 0, 0, 2, 2, 3, 3, 0, 4, 4, 4, 4, 4, 0, 0, 0, 0, 5, 5);

test("split, merged, missed and added objects: all figures of a row of pixels", () => {
  const figures = figuresOf(TRUTH, FOUND);
  assert.equal([figures.labelled, figures.predicted, figures.countError], [5, 5, 0]);
  // Pairs at 0.5: cell 1 (3/5), a half of cell 2 (1/2), cell 4 (3/5); from 0.65 on none.
  near(figures.ap50, 3 / 7, "AP50");
  near(figures.averagePrecision[1], 2 / 8, "AP55");
  near(figures.averagePrecision[2], 2 / 8, "AP60");
  near(figures.averagePrecision[3], 0, "AP65");
  near(figures.ap, (3 / 7 + 2 / 8 + 2 / 8) / 10, "AP");
  near(figures.precision, 3 / 5, "precision");
  near(figures.recall, 3 / 5, "recall");
  near(figures.f1, 3 / 5, "F1");
  near(figures.panopticQuality, (3 / 5 + 1 / 2 + 3 / 5) / (3 + 2 / 2 + 2 / 2), "PQ");
  // Half of cell 2 is not more than half: it counts 0.
  near(figures.seg, (3 / 5 + 0 + 2 / 5 + 3 / 5 + 0) / 5, "SEG");
  // One cut (3 | 4), cells 2 and 5 are missed, three objects find nothing: 2, 3 and 5.
  near(figures.det, 1 - (5 * 1 + 10 * 2 + 3) / 50, "DET");
  // Cell 1: 3 of 5. Cell 2: 2 of 4. Cell 3: 2 of 5. Cell 4: 3 of 5. Cell 5: 0 of 2. Alone: 3 and 5, 2 each.
  near(figures.aggregatedJaccard, (3 + 2 + 2 + 3) / (5 + 4 + 5 + 5 + 2 + 2 + 2), "AJI");
});

test("equal objects with other numbers are perfect, and an empty prediction has figures of 0", () => {
  const other = { ...TRUTH, data: TRUTH.data.map((number) => (number === 0 ? 0 : 6 - number)) };
  const figures = figuresOf(TRUTH, other);
  for (const key of ["ap50", "ap", "panopticQuality", "seg", "det", "aggregatedJaccard"] as const) {
    assert.is(figures[key], 1, key);
  }
  const none = figuresOf(TRUTH, row(...new Array(22).fill(0)));
  for (const key of ["ap50", "ap", "panopticQuality", "seg", "det", "aggregatedJaccard"] as const) {
    assert.is(none[key], 0, key);
  }
  assert.is(none.countError, -1);
  const nothing = row(0, 0);
  assert.ok(Number.isNaN(figuresOf(nothing, nothing).ap50));
});

test("an overlap of exactly a threshold is a pair, such as 17 of 20 pixels at 0.85", () => {
  const truth = row(...new Array(20).fill(1));
  for (const [i, least] of MATCH_THRESHOLDS.entries()) {
    const pixels = Math.round(20 * least);
    const of = (count: number) => row(...Array.from({ length: 20 }, (_, x) => Number(x < count)));
    assert.is(figuresOf(truth, of(pixels)).averagePrecision[i], 1, `${least}`);
    assert.is(figuresOf(truth, of(pixels - 1)).averagePrecision[i], 0, `below ${least}`);
  }
});

test("counts of images are added before they are divided", () => {
  const [one, two] = [matchObjects(row(1), row(1)), matchObjects(row(1, 2, 3), row(0, 0, 0))];
  const figures = objectFigures([one, two]);
  assert.equal([figures.ap50, figures.seg, figures.countError], [1 / 4, 1 / 4, -3 / 4]);
});

test("ignored pixels belong to no object", () => {
  const counted = Uint8Array.from([1, 1, 0, 0]);
  const { labelled, predicted, iou } = matchObjects(row(1, 1, 2, 2), row(3, 3, 3, 4), counted);
  assert.equal([labelled, predicted, iou], [1, 1, 1]);
  assert.throws(() => matchObjects(row(1), row(1, 2)), /2 x 1, expected 1 x 1 as the label/);
});

test("the chosen separation gives the most objects of the label", () => {
  const [width, height] = [40, 24];
  const cell = new Float32Array(width * height);
  const data = new Int32Array(width * height);
  for (let pixel = 0; pixel < cell.length; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const isIn = (cx: number) => (x - cx) ** 2 + (y - 12) ** 2 <= 64;
    if (!isIn(12) && !isIn(26)) continue;
    cell[pixel] = 1;
    data[pixel] = x <= 19 ? 1 : 2;
  }
  const two = { width, height, data, count: 2 };
  const one = { width, height, data: data.map((number) => Number(number > 0)), count: 1 };
  const choose = (truth: ObjectLabels) => {
    const chooser = separationChooser();
    chooser.add(truth, { width, height, cell });
    return chooser.best();
  };
  assert.is(choose(two)?.figures.ap50, 1);
  assert.ok((choose(two)?.separation ?? 9) < 4);
  assert.is(choose(one)?.figures.ap50, 1);
  assert.ok((choose(one)?.separation ?? 0) >= 4);
  assert.is(separationChooser().best(), undefined);
});

test("the chosen threshold parts cells that a lower one leaves together, and a fixed one is kept", () => {
  const [width, height] = [30, 14];
  const cell = new Float32Array(width * height);
  const data = new Int32Array(width * height);
  for (let y = 2; y < 12; y++) {
    for (let x = 2; x < 28; x++) {
      const pixel = y * width + x;
      cell[pixel] = x === 15 ? 0.65 : 0.9;
      data[pixel] = x < 15 ? 1 : x > 15 ? 2 : 0;
    }
  }
  const choose = (options = {}) => {
    const chooser = separationChooser(options);
    chooser.add({ width, height, data, count: 2 }, { width, height, cell });
    return chooser.best();
  };
  const deep = choose({ separation: 20 });
  assert.equal([deep?.separation, deep?.figures.ap50], [20, 1]);
  assert.ok((deep?.threshold ?? 0) >= 0.7, "only there is the line not cell");
  const fixed = choose({ threshold: 0.45 });
  assert.equal([fixed?.threshold, fixed?.figures.ap50], [0.45, 1]);
  const joint = choose({ threshold: 0.45, separation: 20 });
  assert.equal([joint?.threshold, joint?.separation], [0.45, 20]);
  assert.is(joint?.figures.predicted, 1);
});

test("the best place of a grid is the middle of the best, not one value above worse ones", () => {
  const grid = [
    [9, 0, 0, 0, 0, 0],
    [0, 0, 5, 6, 5, 0],
    [0, 0, 5, 5, 5, 0],
    [0, 0, 5, 5, 5, 0],
    [0, 0, 0, 0, 0, 0],
  ];
  assert.equal(bestOfGrid(grid), [2, 3]);
  assert.equal(bestOfGrid([[1, 2, 2, 2, 1]]), [0, 2]);
  assert.equal(bestOfGrid([[3]]), [0, 0]);
  assert.is(bestOfGrid([[Number.NaN]]), undefined);
});

test.run();
