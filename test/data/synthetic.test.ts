import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { bestThreshold, oneClass } from "../../src/metrics/baseline.js";
import { expectWithin } from "../time.js";

test("the same options give the same sample, another seed another one", () => {
  const options = { seed: 1, width: 70, height: 50 };
  assert.equal(syntheticSample(options), syntheticSample(options));
  assert.not.equal(syntheticSample({ ...options, seed: 2 }).label, syntheticSample(options).label);
});

test("about a fifth is membrane, cells are many, and a threshold does not find them", () => {
  for (const seed of [1, 2]) {
    const size = { width: 256, height: 256 };
    const { image, label } = expectWithin(1000, () => syntheticSample({ seed, ...size }));
    assert.ok(image.data.every((value) => value >= 0 && value <= 1));
    const membrane = oneClass([label]);
    assert.ok(membrane > 0.15 && membrane < 0.26, `membrane ${membrane}`);
    const cells = connectedComponents(label.data, 256, 256).count;
    assert.ok(cells > 20 && cells < 200, `cells ${cells}`);
    const { wrongPixels } = bestThreshold([image], [label], { sigmas: [1, 2], windows: [12] });
    assert.ok(wrongPixels > 0.1 && wrongPixels < 0.2, `wrong pixels ${wrongPixels}`);
  }
});

test("noise can be left out, and is the only difference", () => {
  const options = { seed: 1, width: 64, height: 64 };
  const [clean, noisy] = [0, 0.06].map((noise) => syntheticSample({ ...options, noise }));
  assert.equal(syntheticSample(options), noisy, "it is 0.06 by default");
  assert.equal(clean.label, noisy.label);
  const squares = clean.image.data.map((value, i) => (value - noisy.image.data[i]) ** 2);
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  assert.ok(Math.abs(deviation - 0.06) < 0.003, `${deviation}`); // 4096 pixels: 0.06 within 1 %
  assert.throws(() => syntheticSample({ ...options, noise: -1 }), "noise must be a number from 0");
});

test("with three classes mitochondria are labelled within the cells of the same image", () => {
  const options = { seed: 1, width: 256, height: 256 };
  const [two, three] = [syntheticSample(options), syntheticSample({ ...options, classes: 3 })];
  assert.equal(three.image, two.image);
  assert.is(three.label.classes, 3);
  assert.equal(
    three.label.data.map((index) => Math.min(1, index)),
    two.label.data,
  );
  const share = three.label.data.filter((index) => index === 2).length / 256 ** 2;
  assert.ok(share > 0.02 && share < 0.2, `mitochondria ${share}`);
  // They are darker than the cells around them.
  const mean = (wanted: number) => {
    const values = two.image.data.filter((_, pixel) => three.label.data[pixel] === wanted);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  assert.ok(mean(2) < mean(1) - 0.1, `${mean(2)} next to ${mean(1)}`);
});

test("any size can be drawn", () => {
  for (const [width, height] of [
    [1, 1],
    [3, 200],
    [37, 5],
  ]) {
    const { image, label } = syntheticSample({ seed: 9, width, height });
    assert.is(image.data.length, width * height);
    assert.is(label.data.length, width * height);
  }
});

test.run();
