import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LabelMap } from "../../src/data/image-types.js";
import { challengeFigures, judgeSlice } from "../../src/metrics/challenge.js";
import { instanceIou } from "../../src/metrics/instances.js";
import { selectionFigures } from "../../src/metrics/selection-figures.js";
import { cellsOf, labelOf, maskOf, objectsOf } from "./grids.js";

const figuresOf = (...slices: [LabelMap, Float32Array][]) =>
  challengeFigures(slices.map(([label, probability]) => judgeSlice({ label, probability })));

/** A probability map that fits the label, with values between the thresholds. */
const softened = (label: LabelMap) =>
  maskOf(label).map((value, i) => 0.15 + 0.6 * value + 0.1 * ((i * 7) % 3));

test("a label against itself is perfect, as a mask and as a probability", () => {
  const label = cellsOf(70, 53, 20, 1);
  for (const probability of [maskOf(label), softened(label)]) {
    const { classes, ...figures } = figuresOf([label, probability]);
    assert.equal(figures, {
      vRandThin: 1,
      vInfoThin: 1,
      randError: 0,
      pixelErrorMaxF: 0,
      wrongPixels: 0,
      warpingSplitsMergers: 0,
      warpingClustered: 0,
      warpingClassic: 0,
      instanceIou: 1,
    });
    for (const one of classes) assert.equal(one, { iou: 1, dice: 1, precision: 1, recall: 1 });
  }
});

test("ignored pixels change nothing, whatever is predicted there", () => {
  const label = labelOf("####.###", "####.###", "........", "###.???#", "###.???#");
  const right = maskOf(label);
  const wrong = right.map((value, i) => (label.data[i] > 1 ? 1 : value));
  assert.equal(figuresOf([label, wrong]), figuresOf([label, right]));
  assert.is(figuresOf([label, wrong]).vRandThin, 1);
  const missed = right.with(0, 0);
  assert.is(figuresOf([label, missed]).wrongPixels, 1 / (label.data.length - 6));
});

test("a slice without a cell has no scores of objects and does not change those of others", () => {
  const empty = labelOf("....", "....");
  const alone = figuresOf([empty, new Float32Array(8)]);
  assert.equal([alone.vRandThin, alone.vInfoThin, alone.randError], Array(3).fill(Number.NaN));
  assert.equal([alone.pixelErrorMaxF, alone.instanceIou], [Number.NaN, Number.NaN]);
  assert.equal([alone.wrongPixels, alone.warpingClassic], [0, 0]);
  const cells = cellsOf(30, 30, 6, 2);
  const other: [LabelMap, Float32Array] = [cells, cellsMoved(cells)];
  const both = figuresOf([empty, new Float32Array(8)], other);
  assert.is(both.vRandThin, figuresOf(other).vRandThin);
  assert.is(both.vInfoThin, figuresOf(other).vInfoThin);
});

/** The mask one pixel to the right. */
function cellsMoved(label: LabelMap): Float32Array {
  const mask = maskOf(label);
  return mask.map((_, i) => (i % label.width === 0 ? 0 : mask[i - 1]));
}

test("one cell, and nothing but one cell, are scored by pairs of pixels", () => {
  const one = labelOf("......", ".####.", ".####.", "......");
  const all = labelOf("####", "####");
  for (const label of [one, all]) {
    const figures = figuresOf([label, maskOf(label)]);
    assert.equal([figures.vRandThin, figures.randError, figures.instanceIou], [1, 0, 1]);
    // One object has no entropy.
    assert.is(figures.vInfoThin, 0);
    const nothing = figuresOf([label, new Float32Array(label.data.length)]);
    assert.equal([nothing.instanceIou, nothing.pixelErrorMaxF], [0, 1]);
    assert.ok(nothing.vRandThin < 0.5);
  }
});

test("the maximum over thresholds is taken after the mean over slices", () => {
  const label = labelOf("##.##", "##.##", "##.##");
  const at = (membrane: number, cell: number) =>
    maskOf(label).map((value) => membrane + (cell - membrane) * value);
  // One slice is perfect between 0.1 and 0.3, the other between 0.6 and 0.8: never both.
  const [low, high]: [LabelMap, Float32Array][] = [
    [label, at(0.05, 0.35)],
    [label, at(0.55, 0.85)],
  ];
  assert.is(figuresOf(low).vRandThin, 1);
  assert.is(figuresOf(high).vRandThin, 1);
  const both = figuresOf(low, high);
  assert.ok(both.vRandThin < 1);
  assert.ok(both.randError > 0);
  assert.ok(both.pixelErrorMaxF > 0);
});

test("membranes of any width score the same once thinned", () => {
  const label = cellsOf(80, 60, 12, 7);
  const thick = maskOf(label).map((value, i) =>
    Math.min(value, label.data[i + 1] ?? 1, label.data[i - 1] ?? 1),
  );
  const figures = figuresOf([label, thick]);
  assert.ok(figures.wrongPixels > 0.05);
  assert.ok(figures.randError > 0.05);
  assert.ok(figures.vRandThin > 0.99);
});

test("an object counts with the one that covers more than half of it", () => {
  const truth = objectsOf("####.####", "####.####");
  const proposal = objectsOf("###.#####", "###.#####");
  // 6 of 8 pixels, the other object 8 with two more.
  const { mean, objects } = instanceIou(truth, proposal);
  assert.equal([mean, objects], [(6 / 8 + 8 / 10) / 2, 2]);
  const half = objectsOf("##..#####", "##..#####");
  assert.is(instanceIou(truth, half).mean, (0 + 8 / 10) / 2);
  assert.is(instanceIou(truth, new Int32Array(18)).mean, 0);
});

test("the figures to choose a checkpoint by equal those of the challenge", () => {
  const slices = [cellsOf(40, 50, 9, 1), cellsOf(40, 50, 8, 2)].map((label) => {
    const cell = cellsMoved(label).map((value) => 0.2 + 0.6 * value);
    const probabilities = new Float32Array([...cell.map((value) => 1 - value), ...cell]);
    return { label, cell, probabilities };
  });
  const expected = figuresOf(
    ...slices.map(({ label, cell }) => [label, cell] as [LabelMap, typeof cell]),
  );
  const found = selectionFigures(slices);
  assert.equal(found, {
    vRand: expected.vRandThin,
    vInfo: expected.vInfoThin,
    wrongPixels: expected.wrongPixels,
    iou: (expected.classes[0].iou + expected.classes[1].iou) / 2,
    dice: (expected.classes[0].dice + expected.classes[1].dice) / 2,
  });
  const some = selectionFigures(slices, { objects: false });
  assert.equal([some.dice, some.vRand], [found.dice, Number.NaN]);
});

test("more classes have no scores of objects, and classes that do not occur are left out", () => {
  const label = { width: 3, height: 1, classes: 3, data: Uint8Array.from([0, 0, 1]) };
  const probabilities = Float32Array.from([1, 0, 0, 0, 1, 1, 0, 0, 0]);
  const figures = selectionFigures([{ label, probabilities }]);
  assert.equal(figures, {
    vRand: Number.NaN,
    vInfo: Number.NaN,
    wrongPixels: 1 / 3,
    iou: 1 / 2,
    dice: 2 / 3,
  });
});

test("what does not fit is refused", () => {
  const label = labelOf("##.", "##.");
  const judge = (changes: Partial<LabelMap>, count = 6) =>
    judgeSlice({ label: { ...label, ...changes }, probability: new Float32Array(count) });
  assert.throws(() => judge({}, 5), /got 5 probabilities, expected 6 as in the label/);
  assert.throws(() => judge({ classes: 3 }), /got a label of 3 classes, expected 2/);
  assert.throws(() => challengeFigures([]), /got no slice, expected at least one/);
});

test.run();
