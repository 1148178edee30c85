import { test } from "uvu";
import * as assert from "uvu/assert";
import { createSampler, type SamplerOptions } from "../../src/data/tiles.js";
import { IGNORED, type Sample } from "../../src/data/types.js";

/** A sample whose grey value tells the pixel and whose label tells it too, by checks of 1 pixel. */
function sample(name: string, width: number, height: number, index = (pixel: number) => pixel % 2) {
  const count = width * height;
  const image = {
    width,
    height,
    channels: 1,
    data: Float32Array.from({ length: count }, (_, i) => i),
  };
  const label = {
    width,
    height,
    classes: 2,
    data: Uint8Array.from({ length: count }, (_, i) => index(i)),
  };
  return { name, image, label } satisfies Sample;
}

function sampler(samples: readonly Sample[], more: Partial<SamplerOptions> = {}) {
  const classWeights = "balanced" as const;
  const defaults = { input: 9, output: 5, augment: true, classWeights, seed: 3, w0: 10, sigma: 5 };
  return createSampler({ samples, ...defaults, ...more });
}

test("tiles depend on the seed and their number alone", () => {
  const samples = [sample("a", 20, 16), sample("b", 16, 20), sample("c", 30, 30)];
  const whole = sampler(samples).batch(0, 12);
  const resumed = sampler(samples).batch(2, 4);
  assert.equal(resumed.image, whole.image.slice(8 * 81));
  assert.equal(resumed.label, whole.label.slice(8 * 25));
  assert.equal(resumed.weight, whole.weight.slice(8 * 25));
  assert.not.equal(sampler(samples, { seed: 4 }).batch(0, 12).image, whole.image);
});

test("the output tile lies in the middle of the input tile, under every symmetry", () => {
  const [width, height] = [20, 21];
  // Class 1 where the grey value is above the median: label and image must agree.
  const half = sample("a", width, height, (pixel) => (pixel < 210 ? 0 : 1));
  const { image, label } = sampler([half]).batch(0, 64);
  for (let tile = 0; tile < 64; tile++) {
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 5; x++) {
        const value = image[tile * 81 + (y + 2) * 9 + x + 2];
        assert.is(label[tile * 25 + y * 5 + x], value > 0 ? 1 : 0);
      }
    }
  }
});

test("positions reach every pixel, and augmentation gives all eight symmetries", () => {
  const { image } = sampler([sample("a", 7, 7)]).batch(0, 400);
  const turns = new Set<string>();
  const centres = new Set<number>();
  for (let tile = 0; tile < 400; tile++) {
    const at = (y: number, x: number) => image[tile * 81 + y * 9 + x];
    const centre = at(4, 4);
    turns.add(`${(at(4, 5) - centre).toFixed(3)} ${(at(5, 4) - centre).toFixed(3)}`);
    centres.add(centre);
  }
  // The output's centre has 3 x 3 places in an image of 7 x 7; its two steps tell the symmetry.
  assert.is(centres.size, 9);
  assert.is(turns.size, 8);
});

test("each epoch draws every sample once", () => {
  const samples = [0, 1, 2, 3, 4].map((i) => sample(`${i}`, 8, 8, () => i % 2));
  for (const one of samples) one.image.data.set([1000 * (1 + Number(one.name))]);
  const { image } = sampler(samples, { augment: false, input: 8, output: 8 }).batch(0, 15);
  const first = Array.from({ length: 15 }, (_, tile) => image[tile * 64].toFixed(4));
  for (const epoch of [0, 1, 2]) {
    assert.is(new Set(first.slice(epoch * 5, epoch * 5 + 5)).size, 5);
  }
  assert.not.equal(first.slice(0, 5), first.slice(5, 10));
});

test("an image smaller than the output tile is mirrored, with its label", () => {
  const { image, label, weight } = sampler([sample("a", 3, 4)], { output: 7, input: 11 }).batch(
    0,
    8,
  );
  assert.ok(image.every(Number.isFinite));
  assert.ok(label.some((value) => value === 1) && label.some((value) => value === 0));
  assert.ok(weight.every((value) => value > 0));
});

test("every tile has a weighted pixel, even where one pixel of the image is labelled", () => {
  const rare = sample("rare", 60, 50, (pixel) => (pixel === 1234 ? 1 : IGNORED));
  const none = sample("none", 60, 50, () => IGNORED);
  const { label, weight } = sampler([none, rare]).batch(0, 40);
  for (let tile = 0; tile < 40; tile++) {
    assert.is(weight.subarray(tile * 25, tile * 25 + 25).filter((value) => value > 0).length, 1);
  }
  assert.ok(label.every((value, i) => value === (weight[i] > 0 ? 1 : 0)));
});

test("what cannot be sampled is refused, with its name", () => {
  assert.throws(() => sampler([]), /got no sample/);
  assert.throws(() => sampler([sample("a", 9, 9, () => IGNORED)]), /no label has a pixel/);
  assert.throws(() => sampler([sample("a", 9, 9)], { output: 4 }), /9 in and 4 out/);
  const odd = { ...sample("odd", 9, 9), label: sample("", 8, 9).label };
  assert.throws(() => sampler([odd]), /sample odd: the image is 9x9 but its label is 8x9/);
  const { image } = sample("", 9, 9);
  const colour = { ...image, channels: 3, data: new Float32Array(243) };
  assert.throws(
    () => sampler([sample("a", 9, 9), { ...sample("rgb", 9, 9), image: colour }]),
    /sample rgb: the image has 3 channels, expected 1 as in a/,
  );
});

test.run();
