import { test } from "uvu";
import * as assert from "uvu/assert";
import { cellFigures, matchCells } from "../../src/metrics/cells.js";

const match = (truth: number[], prediction: number[], counted?: number[]) =>
  matchCells(
    Int32Array.from(truth),
    Int32Array.from(prediction),
    counted && Uint8Array.from(counted),
  );

test("cells are matched one to one from an IoU of 0.5 on", () => {
  assert.equal(match([1, 1, 0, 2], [5, 5, 0, 9]), {
    labelled: 2,
    predicted: 2,
    matched: 2,
    iou: 2,
  });
  // Half of the union, then less.
  assert.is(match([1, 1, 0], [7, 0, 0]).matched, 1);
  assert.is(match([1, 1, 1], [7, 0, 0]).matched, 0);
  // Two halves of one cell: one of them.
  assert.equal(match([1, 1], [7, 8]), { labelled: 1, predicted: 2, matched: 1, iou: 0.5 });
  // One cell over two: one of them.
  assert.equal(match([1, 2], [7, 7]), { labelled: 2, predicted: 1, matched: 1, iou: 0.5 });
});

test("cells that touch are different cells by their numbers", () => {
  assert.is(match([1, 1, 2, 2], [4, 4, 3, 3]).matched, 2);
});

test("pixels that are not counted belong to no cell", () => {
  const counts = match([1, 1, 2, 2], [4, 0, 3, 3], [1, 0, 0, 0]);
  assert.equal(counts, { labelled: 1, predicted: 1, matched: 1, iou: 1 });
});

test("figures of several images count their cells together", () => {
  const figures = cellFigures([match([1, 2], [1, 2]), match([1, 0, 2, 2], [0, 3, 3, 3])]);
  assert.equal([figures.labelled, figures.predicted, figures.matched], [4, 3, 3]);
  assert.equal([figures.precision, figures.recall, figures.f1], [1, 3 / 4, 6 / 7]);
  assert.ok(Math.abs(figures.meanIou - (2 + 2 / 3) / 3) < 1e-12);
  assert.equal(Number.isNaN(cellFigures([match([0], [0])]).f1), true);
});

test.run();
