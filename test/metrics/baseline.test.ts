import { test } from "uvu";
import * as assert from "uvu/assert";
import { IGNORED, type Image, type LabelMap } from "../../src/data/image-types.js";
import { random } from "../../src/data/random.js";
import { bestThreshold, oneClass, thresholdSearch } from "../../src/metrics/baseline.js";

/** A bright square on a dark background with a gradient of light, with its label. */
function square(slope: number): { image: Image; label: LabelMap } {
  const [width, height] = [60, 40];
  const next = random(2);
  const inside = Array.from({ length: width * height }, (_, pixel) =>
    Number(Math.abs((pixel % width) - 30) < 15 && Math.abs(Math.floor(pixel / width) - 20) < 10),
  );
  const data = Float32Array.from(
    inside,
    (one, pixel) => 0.2 + 0.2 * one + slope * (pixel % width) + 0.02 * next(),
  );
  return {
    image: { width, height, channels: 1, data },
    label: { width, height, classes: 2, data: Uint8Array.from(inside) },
  };
}

test("a threshold parts what brightness parts", () => {
  const { image, label } = square(0);
  const { wrongPixels, threshold, window } = bestThreshold([image], [label], { sigmas: [0] });
  assert.is(wrongPixels, 0);
  assert.is(window, undefined);
  assert.ok(threshold > 0.219 && threshold < 0.41);
});

test("a local window helps under uneven light", () => {
  const { image, label } = square(0.01);
  const plain = bestThreshold([image], [label], { sigmas: [1], windows: [undefined] });
  const local = bestThreshold([image], [label], { sigmas: [1], windows: [undefined, 20] });
  assert.is(local.window, 20);
  assert.ok(local.wrongPixels < 0.7 * plain.wrongPixels);
});

test("a threshold separates images of any range of numbers, ignoring values that are not finite", () => {
  const { image, label } = square(0);
  const plain = bestThreshold([image], [label], { sigmas: [1] }).wrongPixels;
  for (const [factor, offset] of [
    [1e6, -3e6],
    [1e-7, 0],
    [-5e30, 1e30],
  ]) {
    const data = image.data.map((value) => factor * value + offset);
    const sign = Math.sign(factor);
    const inverted = { ...label, data: label.data.map((one) => (sign > 0 ? one : 1 - one)) };
    const { wrongPixels } = bestThreshold([{ ...image, data }], [inverted], { sigmas: [1] });
    assert.ok(Math.abs(wrongPixels - plain) < 0.005, `${factor}: ${wrongPixels}, ${plain}`);
  }
  const data = image.data.slice();
  data.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const { wrongPixels, threshold } = bestThreshold([{ ...image, data }], [label], { sigmas: [1] });
  assert.ok(wrongPixels < plain + 0.01, `${wrongPixels}`);
  assert.ok(Number.isFinite(threshold));
});

test("images that are given one after the other, as stored, have the threshold of all together", () => {
  const made = [0, 0.004].map(square);
  const stored = made.map(({ image, label }) => ({
    image: { ...image, maximum: 65535, data: Uint16Array.from(image.data, (v) => 65535 * v) },
    label,
  }));
  const search = thresholdSearch();
  for (const { image } of stored) search.measure(image);
  for (const { image, label } of stored) search.add(image, label);
  const together = bestThreshold(
    made.map(({ image }) => image),
    made.map(({ label }) => label),
  );
  const found = search.best();
  assert.ok(Math.abs(found.wrongPixels - together.wrongPixels) < 0.002);
  assert.is(found.window, together.window);
});

function share({ data }: LabelMap, index: number): number {
  return data.filter((value) => value === index).length / data.length;
}

test("if brightness has no information the threshold is no better than one class", () => {
  const { image, label } = square(0);
  const flat = { ...image, data: new Float32Array(image.data.length).fill(0.3) };
  const { wrongPixels } = bestThreshold([flat], [label], { sigmas: [1], windows: [undefined] });
  assert.ok(Math.abs(wrongPixels - Math.min(share(label, 1), share(label, 0))) < 1e-12);
});

test("one class everywhere is wrong at all others, ignored pixels left out", () => {
  const data = Uint8Array.from([1, 1, 1, 0, IGNORED, IGNORED]);
  assert.is(oneClass([{ width: 3, height: 2, classes: 2, data }]), 0.25);
});

test("images and labels must fit", () => {
  const { image, label } = square(0);
  assert.throws(() => bestThreshold([image], []), /got 1 images and 0 labels/);
  assert.throws(
    () => bestThreshold([image], [{ ...label, classes: 3 }]),
    /has 3 classes, expected 2/,
  );
  assert.throws(
    () => bestThreshold([image], [{ ...label, width: 40, height: 60 }]),
    /an image is 60x40 but its label is 40x60/,
  );
});

test.run();
