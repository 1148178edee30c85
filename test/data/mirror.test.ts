import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussianBlur } from "../../src/data/blur.js";
import { cutTile, mirrorIndex } from "../../src/data/mirror.js";
import { normalise } from "../../src/data/normalise.js";

test("indices mirror as NumPy's reflect, again and again", () => {
  const mirrored = Array.from({ length: 14 }, (_, i) => mirrorIndex(i - 5, 4));
  assert.equal(mirrored, [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2]);
  assert.equal(
    [-3, -2, -1, 0, 1, 2, 3].map((i) => mirrorIndex(i, 2)),
    [1, 0, 1, 0, 1, 0, 1],
  );
  assert.equal(
    [-2, 0, 5].map((i) => mirrorIndex(i, 1)),
    [0, 0, 0],
  );
});

test("a tile is cut where it lies, inside or outside, of every channel", () => {
  const [width, height, channels] = [5, 3, 2];
  const data = Float32Array.from({ length: width * height * channels }, (_, i) => i);
  for (const [x, y, w, h] of [
    [1, 1, 3, 2],
    [-7, -4, 19, 11],
    [4, 2, 1, 1],
    [6, -3, 2, 4],
  ]) {
    const tile = cutTile({ width, height, channels, data }, { x, y, width: w, height: h });
    for (let i = 0; i < tile.length; i++) {
      const [column, row, channel] = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))];
      const from = mirrorIndex(y + row, height) * width + mirrorIndex(x + column, width);
      assert.is(tile[i], channel * width * height + from);
    }
  }
});

test("a label's class indices are cut into a place of a larger array", () => {
  const target = new Float32Array(6).fill(-1);
  const label = { width: 2, height: 1, data: Uint8Array.from([3, 255]) };
  cutTile(label, { x: 0, y: 0, width: 3, height: 1 }, target, 2);
  assert.equal([...target], [-1, -1, 3, 255, 3, -1]);
});

test("normalising gives each channel mean 0 and deviation 1, and a flat one zeros", () => {
  const data = Float32Array.from([0.1, 0.2, 0.6, 0.7, 0.3, 0.3, 0.3, 0.3]);
  const image = normalise({ width: 2, height: 2, channels: 2, data });
  const first = [...image.data.subarray(0, 4)];
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum(first)) < 1e-6);
  assert.ok(Math.abs(sum(first.map((value) => value * value)) / 4 - 1) < 1e-6);
  assert.equal([...image.data.subarray(4)], [0, 0, 0, 0]);
});

test("a blur keeps a flat plane and the sum of a point, at borders too", () => {
  const flat = gaussianBlur(new Float32Array(35).fill(0.5), 7, 5, 2);
  for (const value of flat) assert.ok(Math.abs(value - 0.5) < 1e-6);
  const point = new Float32Array(41 * 31);
  point[15 * 41 + 20] = 1;
  const blurred = gaussianBlur(point, 41, 31, 1.5);
  assert.ok(Math.abs(blurred.reduce((sum, value) => sum + value, 0) - 1) < 1e-5);
  assert.ok(Math.abs(blurred[15 * 41 + 20] - 1 / (2 * Math.PI * 1.5 ** 2)) < 1e-3);
  assert.ok(Math.abs(blurred[15 * 41 + 22] - blurred[17 * 41 + 20]) < 1e-7);
});

test.run();
