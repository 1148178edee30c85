import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { thinBorders } from "../../src/metrics/border-thinning.js";
import { cellsOf } from "./grids.js";

test("objects grow at one speed and leave a border of one pixel", () => {
  const row = Int32Array.from([1, 0, 0, 0, 0, 0, 2, 0]);
  assert.equal([...thinBorders(row, 8, 1)], [1, 1, 1, 0, 2, 2, 2, 2]);
  assert.equal([...thinBorders(row, 1, 8)], [1, 1, 1, 0, 2, 2, 2, 2]);
});

test("of an even gap the object that the flood takes first gets the larger part", () => {
  assert.equal([...thinBorders(Int32Array.from([2, 0, 0, 1]), 4, 1)], [2, 2, 0, 1]);
  // The same picture turned: column by column the upper pixel comes first.
  assert.equal([...thinBorders(Int32Array.from([1, 0, 0, 2]), 1, 4)], [1, 1, 0, 2]);
});

test("borders that are thin already stay, and no two objects touch", () => {
  const { data } = cellsOf(50, 37, 20, 5);
  const { labels } = connectedComponents(data, 50, 37);
  const thin = thinBorders(labels, 50, 37);
  for (let pixel = 0; pixel < labels.length; pixel++) {
    if (labels[pixel] > 0) assert.is(thin[pixel], labels[pixel]);
    const right = pixel % 50 < 49 ? thin[pixel + 1] : 0;
    const below = thin[pixel + 50] ?? 0;
    for (const other of [right, below]) {
      assert.ok(thin[pixel] === 0 || other === 0 || other === thin[pixel]);
    }
  }
});

test("without an object nothing grows", () => {
  assert.equal([...thinBorders(new Int32Array(6), 3, 2)], [0, 0, 0, 0, 0, 0]);
});

test.run();
