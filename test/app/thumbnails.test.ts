import { test } from "uvu";
import * as assert from "uvu/assert";
import { smallImage, thumbnail } from "../../app/src/canvas/thumbnails.js";
import type { LabelMap, RawImage } from "../../src/index.js";

/** An image whose columns are 0, 1, 2, ... */
function ramp(width: number, height: number): RawImage {
  const data = Uint8Array.from({ length: width * height }, (_, i) => i % width);
  return { width, height, channels: 1, maximum: 255, data };
}

const pause = async () => {};

const reds = (pixels: Uint8ClampedArray, count: number) =>
  Array.from({ length: count }, (_, i) => pixels[4 * i]);

test("a thumbnail has the chosen black and white points", async () => {
  const small = await smallImage(ramp(201, 4), 360, pause);
  const row = (black: number, white: number) =>
    reds(thumbnail(small, undefined, [], [black, white]).pixels, 201);
  // The default range leaves out an outlier at each end, 1 of 201 columns.
  const [low, high] = [1, 199];
  for (const [black, white] of [
    [0, 1],
    [0.25, 0.5],
  ]) {
    const at = (share: number) => low + share * (high - low);
    const expected = Array.from({ length: 201 }, (_, value) =>
      Math.min(255, Math.max(0, (255 * (value - at(black))) / (at(white) - at(black)))),
    );
    const got = row(black, white);
    const most = Math.max(...got.map((value, i) => Math.abs(value - expected[i])));
    assert.ok(most <= 0.5 + 1e-6, `${black} to ${white}: ${most}`);
  }
});

test("a narrow image and its label are shrunk by the same factor", async () => {
  const raw = ramp(7, 2000);
  const data = new Uint8Array(7 * 2000).fill(1);
  const label: LabelMap = { width: 7, height: 2000, classes: 2, data };
  const small = await smallImage(raw, 360, pause);
  assert.equal([small.factor, small.image.width, small.image.height], [5, 1, 400]);
  const { pixels } = thumbnail(small, label, ["#000000", "#ff0000"], [0, 1]);
  assert.is(pixels.length, 4 * 400);
  assert.ok(
    reds(pixels, 400).every((value) => value >= 0.4 * 255),
    "the colour lies over all rows",
  );
});

test("a large image is shrunk to means of squares, with pauses", async () => {
  const [width, height] = [1500, 3000];
  const plane = Uint16Array.from({ length: width * height }, (_, i) => 40 * (i % width));
  const data = new Uint16Array(3 * plane.length);
  for (let channel = 0; channel < 3; channel++) data.set(plane, channel * plane.length);
  data.fill(7, 2 * plane.length);
  let pauses = 0;
  const count = async () => void pauses++;
  const raw = { width, height, channels: 3, maximum: 65535, data };
  const { image, factor } = await smallImage(raw, 360, count);
  assert.equal([factor, image.width, image.height], [8, 187, 375]);
  // The mean of columns 8 c to 8 c + 7.
  const row = Array.from({ length: 187 }, (_, column) => 40 * (8 * column + 3.5));
  for (const y of [0, 374, 375, 749]) {
    assert.equal([...image.data.subarray(187 * y, 187 * (y + 1))], row);
  }
  assert.ok(image.data.subarray(187 * 750).every((value) => value === 7));
  assert.ok(pauses >= 20, `${pauses} pauses over 13.5 million values`);
});

test("means keep their sign and leave out NaN; a square of only NaN is NaN", async () => {
  const side = 722;
  const data = new Float32Array(side * side).fill(-1.5);
  data[0] = Number.NaN;
  for (const i of [2, 3, side + 2, side + 3]) data[i] = Number.NaN;
  const raw = { width: side, height: side, channels: 1, maximum: 1, data };
  const { image, factor } = await smallImage(raw, 361, pause);
  assert.is(factor, 2);
  assert.equal([...image.data.subarray(0, 3)], [-1.5, Number.NaN, -1.5]);
});

test.run();
