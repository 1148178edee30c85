import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageLayer, usualRanges } from "../../app/src/canvas/layers.js";
import { classLayer, FILLED, type Look, predictionLayer } from "../../app/src/canvas/overlay.js";
import type { RawImage, Samples } from "../../src/data/image-types.js";

test("the default range of an image leaves out a few outliers", () => {
  const data = new Uint16Array(1000).map((_, i) => 1000 + i);
  data[0] = 0;
  data[999] = 65535;
  const raw = { width: 1000, height: 1, channels: 1, maximum: 65535, data };
  const [[low, high]] = usualRanges(raw);
  assert.ok(low > 1000 && low < 1010 && high > 1985 && high < 2000, `${low} to ${high}`);
});

/** The colours of a row of pixels in its default ranges: [red, green, blue] each. */
function seen(raw: RawImage): number[][] {
  const area = { x: 0, y: 0, width: raw.width, height: raw.height };
  const pixels = imageLayer(raw, usualRanges(raw))(area);
  return Array.from({ length: raw.width }, (_, x) => [...pixels.subarray(4 * x, 4 * x + 3)]);
}

const row = (data: Samples, channels = 1, maximum = 1): RawImage => {
  return { width: data.length / channels, height: 1, channels, maximum, data };
};
const grey = (...values: number[]) => values.map((value) => [value, value, value]);

test("images of every type are shown from their darkest to their brightest value", () => {
  const kinds: readonly [Samples, number][] = [
    [Uint8Array.of(10, 30, 110), 255],
    [Uint16Array.of(1000, 13000, 61000), 65535],
    [Uint32Array.of(4e9, 4.04e9, 4.2e9), 2 ** 32 - 1],
    [Int8Array.of(-100, -60, 100), 127],
    [Int16Array.of(-30000, -18000, 30000), 32767],
    [Int32Array.of(-2e9, -1.2e9, 2e9), 2 ** 31 - 1],
    [Float32Array.of(-5e-7, -3e-7, 5e-7), 1],
    [Float32Array.of(-5e37, -3e37, 5e37), 1],
  ];
  for (const [data, maximum] of kinds) {
    assert.equal(seen(row(data, 1, maximum)), grey(0, 51, 255), data.constructor.name);
  }
});

test("NaN is shown as black and does not affect the range; an image of one value is black", () => {
  assert.equal(seen(row(Float32Array.of(NaN, 2, 3, 7, Infinity))), grey(0, 0, 51, 255, 255));
  assert.equal(seen(row(Float32Array.of(NaN, NaN))), grey(0, 0));
  assert.equal(seen(row(Float32Array.of(0.25, 0.25))), grey(0, 0));
});

test("a few bright pixels on a uniform background are distinguished", () => {
  const data = new Uint16Array(1000).fill(7);
  data.set([100, 207], 500);
  const pixels = seen(row(data, 1, 65535));
  assert.equal([pixels[0][0], pixels[500][0], pixels[501][0]], [0, 119, 255]);
});

test("two channels are magenta and green; of four and more the first three are shown, each in its range", () => {
  const apart = row(Uint16Array.of(0, 9, 0, 500, 500, 900), 2, 65535);
  assert.equal(seen(apart), [
    [0, 0, 0],
    [255, 0, 255],
    [0, 255, 0],
  ]);
  const four = row(Uint8Array.of(0, 9, 0, 50, 0, 99, 7, 8), 4, 255);
  assert.equal(seen(four), [
    [0, 0, 0],
    [255, 255, 255],
  ]);
  // The colour balance of an RGB image is kept.
  assert.equal(seen(row(Uint8Array.of(0, 120, 0, 40, 0, 200), 3, 255)), [
    [0, 0, 0],
    [153, 51, 255],
  ]);
});

test("outlines are the borders between classes, and hidden classes are not drawn", () => {
  const indices = Uint8Array.from([0, 0, 1, 0, 0, 1, 0, 0, 255]);
  const area = { x: 0, y: 0, width: 3, height: 3 };
  const colours = ["#010101", "#020202"];
  const reds = (look: Look) =>
    [...classLayer(indices, 3, colours, look)(area)].filter((_, i) => i % 4 === 0);
  assert.equal(reds(FILLED), [1, 1, 2, 1, 1, 2, 1, 1, 0]);
  assert.equal(reds({ kind: "outlines", hidden: [] }), [0, 1, 2, 0, 1, 2, 0, 1, 0]);
  assert.equal(reds({ kind: "filled", hidden: [0] }), [0, 0, 2, 0, 0, 2, 0, 0, 0]);
  assert.equal(reds({ kind: "outlines", hidden: [1] }), [0, 1, 0, 0, 1, 0, 0, 1, 0]);
  assert.equal(reds({ kind: "none", hidden: [] }), [0, 0, 0, 0, 0, 0, 0, 0, 0]);
  // The same for a prediction, as strong where the network is uncertain.
  const cell = [0, 0, 0.6, 0, 0, 0.6, 0, 0, 0.4];
  const probabilities = Float32Array.from([...cell.map((p) => 1 - p), ...cell]);
  const prediction = { width: 3, height: 3, classes: 2, probabilities };
  const seen = predictionLayer(prediction, 0.5, colours, { kind: "outlines", hidden: [] })(area);
  assert.equal([...seen.subarray(4, 12)], [1, 1, 1, 255, 2, 2, 2, 255]);
  assert.is(seen[3], 0);
});

test.run();
