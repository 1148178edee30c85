import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS, augmentationConfig } from "../../src/data/augmentation-config.js";
import { IGNORED, type Sample } from "../../src/data/image-types.js";
import { tileStarts } from "../../src/data/positions.js";
import { createSampler, type SamplerOptions } from "../../src/data/tiles.js";
import { expectWithin } from "../time.js";

const NONE = AUGMENTATIONS.none;

/** A sample whose grey values identify the pixel, and whose label does too, by a checkerboard. */
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
  const { flips: augmentation } = AUGMENTATIONS;
  const defaults = { input: 9, output: 5, augmentation, classWeights, seed: 3, w0: 10, sigma: 5 };
  return createSampler({ samples, ...defaults, ...more });
}

test("tiles depend only on the seed and their number", () => {
  const samples = [sample("a", 20, 16), sample("b", 16, 20), sample("c", 30, 30)];
  const whole = sampler(samples).batch(0, 12);
  const resumed = sampler(samples).batch(2, 4);
  assert.equal(resumed.image, whole.image.slice(8 * 81));
  assert.equal(resumed.label, whole.label.slice(8 * 25));
  assert.equal(resumed.weight, whole.weight.slice(8 * 25));
  assert.not.equal(sampler(samples, { seed: 4 }).batch(0, 12).image, whole.image);
});

test("given statistics normalise every tile, and must fit the channels", () => {
  const samples = [sample("a", 20, 16)];
  const given = { kind: "statistics", mean: [100], deviation: [10] } as const;
  const own = sampler(samples).batch(0, 3).image;
  const { image } = sampler(samples, { normalisation: given }).batch(0, 3);
  const [mean, deviation] = [159.5, Math.sqrt((320 ** 2 - 1) / 12)]; // of 0 to 319
  for (let i = 0; i < image.length; i++) {
    const expected = (own[i] * deviation + mean - 100) / 10;
    assert.ok(Math.abs(image[i] - expected) < 1e-4, `${image[i]}, expected ${expected}`);
  }
  const wrong = { ...given, mean: [1, 2] };
  assert.throws(
    () => sampler(samples, { normalisation: wrong }),
    "createSampler: the mean of the normalisation is [1,2], expected a finite number for each channel, of which there are 1",
  );
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
  // The output's centre has 3 x 3 positions in an image of 7 x 7; its two steps show the symmetry.
  assert.is(centres.size, 9);
  assert.is(turns.size, 8);
});

test("each epoch draws every sample once", () => {
  const samples = [0, 1, 2, 3, 4].map((i) => sample(`${i}`, 8, 8, () => i % 2));
  for (const one of samples) one.image.data.set([1000 * (1 + Number(one.name))]);
  const { image } = sampler(samples, { augmentation: NONE, input: 8, output: 8 }).batch(0, 15);
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

test("every tile has a weighted pixel, even if only one pixel of the image is labelled", () => {
  const rare = sample("rare", 60, 50, (pixel) => (pixel === 1234 ? 1 : IGNORED));
  const none = sample("none", 60, 50, () => IGNORED);
  const { label, weight } = sampler([none, rare]).batch(0, 40);
  for (let tile = 0; tile < 40; tile++) {
    assert.is(weight.subarray(tile * 25, tile * 25 + 25).filter((value) => value > 0).length, 1);
  }
  assert.ok(label.every((value, i) => value === (weight[i] > 0 ? 1 : 0)));
});

test("tiles on a stride cover the image, each once an epoch", () => {
  assert.equal(tileStarts(512, 388, 124), [0, 124]);
  assert.equal(tileStarts(512, 100, 100), [0, 100, 200, 300, 400, 412]);
  assert.equal(tileStarts(4, 7, 3), [-2]);
  const grid = sample("a", 9, 7);
  const more = { input: 5, output: 3, stride: 2, augmentation: NONE };
  const { image } = sampler([grid], more).batch(0, 12);
  const centres = Array.from({ length: 12 }, (_, tile) => image[tile * 25 + 12].toFixed(4));
  assert.is(new Set(centres).size, 12);
  const labelled = sample("b", 9, 7, (pixel) => (pixel % 9 < 3 ? pixel % 2 : IGNORED));
  const { weight } = sampler([labelled], more).batch(0, 24);
  for (let tile = 0; tile < 24; tile++) {
    assert.ok(weight.subarray(tile * 9, tile * 9 + 9).some((value) => value > 0));
  }
});

test("image and label of a deformed tile agree within half a pixel", () => {
  const [width, height] = [200, 180];
  for (const axis of ["x", "y"] as const) {
    const place = (pixel: number) => (axis === "x" ? pixel % width : Math.floor(pixel / width));
    const ramp = sample("ramp", width, height, place);
    ramp.image.data.forEach((_, pixel) => {
      ramp.image.data[pixel] = place(pixel);
    });
    const size = axis === "x" ? width : height;
    const samples = [{ ...ramp, label: { ...ramp.label, classes: size } }];
    const deviation = Math.sqrt((size * size - 1) / 12);
    for (const elastic of ["grid", "simard"] as const) {
      const kinds = { elastic, flips: true, rotation: 180, scale: 0.3, shear: 0.2, shift: 4 };
      const augmentation = augmentationConfig(kinds);
      const { image, label } = sampler(samples, { input: 64, output: 40, augmentation }).batch(
        0,
        6,
      );
      let compared = 0;
      for (let i = 0; i < label.length; i++) {
        const [tile, y, x] = [Math.floor(i / 1600), Math.floor((i % 1600) / 40), i % 40];
        const grey = image[(tile * 64 + y + 12) * 64 + x + 12] * deviation + (size - 1) / 2;
        // Beyond the border the ramp is mirrored: the cubic rounds off its turn.
        if (grey < 1 || grey > size - 2) continue;
        assert.ok(
          Math.abs(grey - label[i]) < 0.5 + 1e-3,
          `${axis} ${elastic}: ${grey} ${label[i]}`,
        );
        compared++;
      }
      assert.ok(compared > 6000, `${compared}`);
    }
  }
});

test("no deformation makes a label of its own, and ignored pixels weigh nothing", () => {
  const classes = [0, 3, 7, IGNORED];
  const drawn = sample("a", 90, 80, (pixel) => classes[Math.floor((pixel % 90) / 7) % 4]);
  const samples = [{ ...drawn, label: { ...drawn.label, classes: 8 } }];
  const augmentation = { ...AUGMENTATIONS.paper, scale: 0.5, noise: 0.5 };
  const options = { input: 60, output: 44, augmentation, classWeights: "equal", w0: 0 } as const;
  const { label, weight, image } = sampler(samples, options).batch(0, 20);
  assert.equal([...new Set(label)].sort(), [0, 3, 7]);
  assert.equal([...new Set(weight)].sort(), [0, 1]);
  assert.ok(label.every((value, pixel) => weight[pixel] > 0 || value === 0));
  assert.ok(image.every(Number.isFinite));
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

test("100 tiles of 512 x 512 take under 10 s on two cores, with both kinds of deformation", () => {
  const { paper } = AUGMENTATIONS;
  for (const augmentation of [
    paper,
    augmentationConfig({ ...paper, elastic: "simard", scale: 0.2, shear: 0.1, noise: 0.1 }),
  ]) {
    const size = { input: 512, output: 512, augmentation };
    const { batch } = sampler([sample("a", 512, 512, (pixel) => (pixel >> 7) % 2)], size);
    // A tenth of them, on one core. "batchWorkers" cuts the same tiles with several threads.
    const { image } = expectWithin(2000, () => batch(0, 10));
    assert.is(image.length, 10 * 512 * 512);
  }
});

test.run();
