// The properties that the nuclei of the second sample promise, measured on the sample itself.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussianBlur } from "../../src/data/blur.js";
import { placeNuclei } from "../../src/data/nuclei-places.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";

const SIZE = 256;
const samples = [1, 2, 3].map((seed) => ({
  seed,
  ...syntheticNuclei({ seed, width: SIZE, height: SIZE }),
}));

test("equal options give equal samples, other seeds others", () => {
  assert.equal(syntheticNuclei({ seed: 2, width: SIZE, height: SIZE }).image, samples[1].image);
  assert.is.not(samples[0].image.data[0], samples[1].image.data[0]);
});

test("at least half of the nuclei touch another one", () => {
  for (const { seed, cells } of samples) {
    const touching = new Set<number>();
    for (let pixel = 0; pixel < cells.labels.length; pixel++) {
      for (const other of [pixel % SIZE < SIZE - 1 ? pixel + 1 : pixel, pixel + SIZE]) {
        const [a, b] = [cells.labels[pixel], cells.labels[other]];
        if (a > 0 && b > 0 && a !== b) touching.add(a).add(b);
      }
    }
    assert.ok(cells.count >= 40, `seed ${seed}: ${cells.count} nuclei`);
    assert.ok(touching.size / cells.count >= 0.5, `seed ${seed}: ${touching.size / cells.count}`);
  }
});

test("some overlap, two never by more than a tenth of the smaller one", () => {
  let most = 0;
  for (const { seed } of samples) {
    const nuclei = placeNuclei(seed, SIZE, SIZE).map(({ pixels }) => new Set(pixels));
    for (const [i, one] of nuclei.entries()) {
      for (const other of nuclei.slice(0, i)) {
        const common = [...one].filter((pixel) => other.has(pixel)).length;
        most = Math.max(most, common / Math.min(one.size, other.size));
      }
    }
  }
  assert.ok(most > 0.08 && most <= 0.1, `${most}`);
});

test("diameters vary threefold", () => {
  for (const { seed, cells } of samples) {
    const areas = new Float64Array(cells.count + 1);
    for (const number of cells.labels) areas[number]++;
    const diameters = [...areas.subarray(1)].map(Math.sqrt).sort((a, b) => a - b);
    // Without the outermost: those that the image's edge cuts.
    const at = (share: number) => diameters[Math.floor(share * (diameters.length - 1))];
    assert.ok(at(0.98) / at(0.02) >= 3, `seed ${seed}: ${at(0.98) / at(0.02)}`);
  }
});

/** Deviation of the noise, from the differences of neighbours, in which light and haze cancel out. */
function noiseOf({ image, cells }: (typeof samples)[number]): number {
  let squares = 0;
  let count = 0;
  for (let pixel = 0; pixel + 1 < image.data.length; pixel++) {
    if (cells.labels[pixel] > 0 || cells.labels[pixel + 1] > 0) continue;
    if (pixel % SIZE === SIZE - 1) continue;
    squares += (image.data[pixel + 1] - image.data[pixel]) ** 2;
    count++;
  }
  return Math.sqrt(squares / count / 2);
}

/** The background around each pixel: the mean, in a Gaussian window, of the pixels without a nucleus. */
function backgroundOf({ image, cells }: (typeof samples)[number], sigma: number) {
  const isDark = Float32Array.from(cells.labels, (number) => Number(number === 0));
  const dark = image.data.map((value, pixel) => value * isDark[pixel]);
  const shares = gaussianBlur(isDark, SIZE, SIZE, sigma);
  return gaussianBlur(dark, SIZE, SIZE, sigma).map((value, pixel) => value / shares[pixel]);
}

test("the contrast is at most three times the noise", () => {
  const ratios = samples.map((sample) => {
    const { cells, image } = sample;
    const background = backgroundOf(sample, 6);
    const sums = Array.from({ length: cells.count + 1 }, () => ({ above: 0, pixels: 0 }));
    for (const [pixel, number] of cells.labels.entries()) {
      sums[number].above += image.data[pixel] - background[pixel];
      sums[number].pixels++;
    }
    const contrasts = sums.slice(1).map(({ above, pixels }) => above / pixels);
    contrasts.sort((a, b) => a - b);
    return contrasts[contrasts.length >> 1] / noiseOf(sample);
  });
  for (const ratio of ratios) assert.ok(ratio > 1.5 && ratio <= 3, ratios.join(" "));
});

test("the light is uneven", () => {
  for (const sample of samples) {
    const light = backgroundOf(sample, 12).sort();
    const ratio = light[Math.floor(0.98 * light.length)] / light[Math.floor(0.02 * light.length)];
    assert.ok(ratio > 1.4, `seed ${sample.seed}: ${ratio}`);
  }
});

test("the label parts nuclei that touch, and its cells are the numbers", () => {
  for (const { label, cells } of samples) {
    for (let pixel = 0; pixel < label.data.length; pixel++) {
      if (label.data[pixel] === 0) continue;
      const [x, own] = [pixel % SIZE, cells.labels[pixel]];
      assert.ok(own > 0);
      for (const next of [x < SIZE - 1 ? pixel + 1 : pixel, pixel + SIZE]) {
        if (label.data[next] === 1) assert.is(cells.labels[next], own);
      }
    }
  }
});

test.run();
