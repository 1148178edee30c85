import { test } from "uvu";
import * as assert from "uvu/assert";
import { IGNORED } from "../../src/data/image-types.js";
import { objectErrors } from "../../src/metrics/object-errors.js";

const SIZE = 24;
/** A map of rectangles [left, top, right, bottom] (exclusive) of class 1. */
function map(...rectangles: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const data = new Uint8Array(SIZE * SIZE);
  for (const [left, top, right, bottom] of rectangles) {
    for (let y = top; y < bottom; y++) data.fill(1, y * SIZE + left, y * SIZE + right);
  }
  return data;
}
const label = (data: Uint8Array) => ({ width: SIZE, height: SIZE, classes: 2, data });
const kinds = (predicted: Uint8Array, truth: Uint8Array) => {
  const { split, merged, missed, mergers } = objectErrors(predicted, label(truth));
  return { split: [...split], merged: [...merged], missed: [...missed], mergers };
};
const NONE = { split: [], merged: [], missed: [], mergers: 0 };

const two = map([1, 1, 11, 11], [13, 1, 23, 11]);

test("a label against itself has no wrong object, nor has one that lost its rim", () => {
  assert.equal(kinds(two, two), NONE);
  assert.equal(kinds(map([2, 2, 10, 10], [14, 2, 22, 10]), two), NONE);
});

test("a line through a cell splits it", () => {
  assert.equal(kinds(map([1, 1, 11, 5], [1, 6, 11, 11], [13, 1, 23, 11]), two), {
    ...NONE,
    split: [1],
  });
});

test("a bridge between two cells merges both, in one merger", () => {
  const bridged = map([1, 1, 11, 11], [13, 1, 23, 11], [11, 5, 13, 6]);
  assert.equal(kinds(bridged, two), { ...NONE, merged: [1, 2], mergers: 1 });
});

test("a cell that is mostly called membrane is missed", () => {
  assert.equal(kinds(map([1, 1, 11, 5], [13, 1, 23, 11]), two), { ...NONE, missed: [1] });
});

test("specks of fewer than 20 pixels split nothing", () => {
  const speck = map([1, 1, 11, 8], [1, 9, 5, 11], [13, 1, 23, 11]);
  assert.equal(kinds(speck, two), NONE);
});

test("unlabelled pixels merge nothing", () => {
  const bridged = map([1, 1, 11, 11], [13, 1, 23, 11], [11, 5, 13, 6]);
  const truth = two.slice();
  for (let y = 0; y < SIZE; y++) truth.fill(IGNORED, y * SIZE + 11, y * SIZE + 13);
  assert.equal(kinds(bridged, truth), NONE);
});

test("a prediction of another size is refused with both numbers", () => {
  assert.throws(() => objectErrors(new Uint8Array(5), label(two)), /got 5 .* expected 576/);
});

test.run();
