import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussianBlur } from "../../src/data/blur.js";
import { cutTile, mirroredRange, mirrorIndex } from "../../src/data/mirror.js";
import { normalise } from "../../src/data/normalise.js";

test("values that are not finite are left out of mean and deviation, and become 0", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const image = (data: Float32Array) => ({ width: 3, height: 2, channels: 1, data });
  const holes = normalise(image(Float32Array.of(1, nan, 3, inf, 5, -inf))).data;
  const whole = normalise({
    width: 3,
    height: 1,
    channels: 1,
    data: Float32Array.of(1, 3, 5),
  }).data;
  assert.equal([...holes], [whole[0], 0, whole[1], 0, whole[2], 0]);
  assert.equal([...normalise(image(new Float32Array(6).fill(nan))).data], [0, 0, 0, 0, 0, 0]);
  assert.equal([...normalise(image(Float32Array.of(7, nan, 7, 7, 7, 7))).data], [0, 0, 0, 0, 0, 0]);
});

test("numbers of 32 bits and of either sign are normalised in 64 bits", () => {
  const expected = [-1, 1];
  for (const data of [
    Uint32Array.of(4_000_000_000, 4_000_000_001),
    Int32Array.of(-2_000_000_001, -2_000_000_000),
    Int16Array.of(-32_768, 32_767),
    Int8Array.of(-128, 127),
    Float32Array.of(-3e38, 3e38),
    Float32Array.of(1e-40, 2e-40),
  ]) {
    const maximum = data instanceof Float32Array ? 1 : 2 ** (8 * data.BYTES_PER_ELEMENT - 1) - 1;
    const found = normalise({ width: 2, height: 1, channels: 1, maximum, data }).data;
    for (const [i, value] of expected.entries()) {
      assert.ok(Math.abs(found[i] - value) < 1e-6, `${data.constructor.name}: ${found}`);
    }
  }
});

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

test("a tile is cut at its position, inside or outside, from every channel", () => {
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

test("a range of indices mirrors into the range that is said", () => {
  for (const size of [1, 2, 5, 9]) {
    for (let first = -12; first < 22; first++) {
      for (let last = first; last < 22; last++) {
        const [low, high] = mirroredRange(first, last, size);
        assert.ok(low >= 0 && high < size && low <= high, `${first} ${last} ${size}`);
        for (let index = first; index <= last; index++) {
          const mirrored = mirrorIndex(index, size);
          assert.ok(mirrored >= low && mirrored <= high, `${first} ${last} ${size}`);
        }
        if (first >= 0 && last < size) assert.equal([low, high], [first, last]);
      }
    }
  }
});

test.run();
