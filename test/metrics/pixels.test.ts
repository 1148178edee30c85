import { test } from "uvu";
import * as assert from "uvu/assert";
import { IGNORED, type LabelMap } from "../../src/data/image-types.js";
import {
  classFigures,
  confusion,
  predictedClasses,
  sumConfusions,
  wrongPixels,
} from "../../src/metrics/pixels.js";

function label(classes: number, ...data: number[]): LabelMap {
  return { width: data.length, height: 1, classes, data: Uint8Array.from(data) };
}

test("the class is the largest probability; of two, class 1 above 0.5", () => {
  const two = Float32Array.from([0.4, 0.5, 0.6, 0.6, 0.5, 0.4]);
  assert.equal([...predictedClasses(two, 2)], [1, 0, 0]);
  const three = Float32Array.from([0.2, 0.5, 0.3, 0.1, 0.5, 0.4]);
  assert.equal([...predictedClasses(three, 3)], [2, 0]);
  assert.throws(() => predictedClasses(three, 4), /got 6 values, expected a multiple of 4/);
});

test("figures of a class follow from hits, false calls and misses", () => {
  const counts = confusion(Uint8Array.from([1, 1, 0, 1, 0, 1]), label(2, 1, 1, 1, 0, 0, IGNORED));
  assert.equal([...counts.counts], [1, 1, 1, 2]);
  assert.is(wrongPixels(counts), 2 / 5);
  const [membrane, cell] = classFigures(counts);
  assert.equal(membrane, { iou: 1 / 3, dice: 1 / 2, precision: 1 / 2, recall: 1 / 2 });
  assert.equal(cell, { iou: 2 / 4, dice: 4 / 6, precision: 2 / 3, recall: 2 / 3 });
});

test("a class that occurs nowhere has no figures", () => {
  const counts = confusion(Uint8Array.from([0, 1]), label(3, 0, 0));
  const figures = classFigures(counts);
  assert.equal(figures[1], { iou: 0, dice: 0, precision: 0, recall: Number.NaN });
  assert.equal(Object.values(figures[2]).map(Number.isNaN), [true, true, true, true]);
  assert.ok(Number.isNaN(wrongPixels(confusion(Uint8Array.from([0]), label(2, IGNORED)))));
});

test("several images are counted together", () => {
  const one = confusion(Uint8Array.from([0, 1]), label(2, 0, 0));
  const other = confusion(Uint8Array.from([1]), label(2, 1));
  assert.equal([...sumConfusions([one, other]).counts], [1, 1, 0, 1]);
  assert.throws(() => sumConfusions([]), /got none/);
  assert.throws(
    () => sumConfusions([one, confusion(Uint8Array.from([1]), label(3, 1))]),
    /got 3 classes, expected 2/,
  );
});

test("predictions that do not fit the label are refused", () => {
  assert.throws(
    () => confusion(new Uint8Array(3), label(2, 0)),
    /got 3 predicted pixels, expected 1/,
  );
  assert.throws(
    () => confusion(Uint8Array.from([2]), label(2, 0)),
    /got predicted class 2, expected 0 to 1/,
  );
});

test.run();
