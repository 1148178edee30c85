// Tiles of images as stored, and of images in files, equal those of images that were normalised as
// a whole, with whole weight maps, to the bit.

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  AUGMENTATIONS,
  type Augmentation,
  augmentationConfig,
} from "../../src/data/augmentation-config.js";
import { drawOffsets } from "../../src/data/deformation.js";
import { imageFromRaw } from "../../src/data/float-image.js";
import { varyGreys } from "../../src/data/grey.js";
import { IGNORED, type Sample, type Samples } from "../../src/data/image-types.js";
import { normalise } from "../../src/data/normalise.js";
import { batchCutter } from "../../src/data/open-samples.js";
import { prepareSampleFiles, prepareSamples } from "../../src/data/prepare.js";
import { random, randomInteger } from "../../src/data/random.js";
import { resample } from "../../src/data/resample.js";
import { type SampleFile, surveySample } from "../../src/data/survey.js";
import { type Batch, createSampler, type TileOptions } from "../../src/data/tiles.js";
import { classBalance, weightMap } from "../../src/data/weight-map.js";

const SIZES = [
  [150, 130],
  [70, 161],
  [30, 20],
] as const;

const numbers = (length: number, kind: string, next: () => number): Samples => {
  const draw = <T extends Samples>(data: T, value: () => number): T => {
    for (let i = 0; i < data.length; i++) data[i] = value();
    return data;
  };
  if (kind === "8 bits") return draw(new Uint8Array(length), () => randomInteger(next, 200));
  if (kind === "16 bits") return draw(new Uint16Array(length), () => randomInteger(next, 50_000));
  return draw(new Float32Array(length), next);
};
const MAXIMUM: Readonly<Record<string, number>> = { "8 bits": 255, "16 bits": 65535, floats: 1 };

/** Cells in a grid with gaps of two and three pixels, few of their pixels labelled in one sample. */
function samplesOf(kind: string, channels: number): Sample[] {
  return SIZES.map(([width, height], index) => {
    const next = random(7, index);
    const count = width * height;
    const labels = Uint8Array.from({ length: count }, (_, pixel) => {
      if (index === 1 && next() < 0.995) return IGNORED;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      return x % 17 < 2 || y % 13 < 3 ? 0 : 1;
    });
    return {
      name: `${index}`,
      image: {
        width,
        height,
        channels,
        maximum: MAXIMUM[kind],
        data: numbers(channels * count, kind, next),
      },
      label: { width, height, classes: 2, data: labels },
    };
  });
}

type Options = TileOptions & { readonly w0: number; readonly stride: number };

/** A tile cut from a whole normalised image and a whole weight map, at a known position. */
function wholeTile(
  all: readonly Sample[],
  sample: Sample,
  { x, y }: { readonly x: number; readonly y: number },
  { input, output, augmentation, w0 }: Options,
  next: () => number,
): Batch {
  const balance = classBalance(all.map(({ label }) => label));
  const symmetry = augmentation.flips ? randomInteger(next, 8) : 0;
  const field = drawOffsets(augmentation, input, symmetry, next);
  const centre = { centreX: x + (output - 1) / 2, centreY: y + (output - 1) / 2 };
  const nearest = { ...centre, interpolation: "nearest", margin: (input - output) / 2 } as const;
  const image = normalise(imageFromRaw(sample.image));
  const tile = {
    image: new Float32Array(image.channels * input ** 2),
    label: new Float32Array(output ** 2),
    weight: new Float32Array(output ** 2),
  };
  const weights = weightMap(sample.label, balance, { w0, sigma: 5 });
  resample({ ...sample.label, data: weights }, field, { ...nearest, target: tile.weight });
  resample(sample.label, field, { ...nearest, target: tile.label });
  for (const [i, value] of tile.label.entries()) if (value === IGNORED) tile.label[i] = 0;
  const { interpolation } = augmentation;
  resample(image, field, { ...centre, interpolation, target: tile.image });
  varyGreys(tile.image, image.channels, augmentation, next);
  return tile;
}

function assertSame(found: Batch, expected: Batch, what: string): void {
  for (const part of ["image", "label", "weight"] as const) {
    const bits = (batch: Batch) => new Uint32Array(batch[part].buffer.slice(0));
    const [a, b] = [bits(found), bits(expected)];
    const differs = a.findIndex((value, i) => value !== b[i]);
    assert.is(differs, -1, `${what}: ${part} ${found[part][differs]}, ${expected[part][differs]}`);
    assert.is(a.length, b.length);
  }
}

const VARIED = augmentationConfig({
  ...AUGMENTATIONS.paper,
  flips: true,
  rotation: 180,
  scale: 0.4,
  gamma: 0.3,
  noise: 0.2,
});

test("a tile of stored numbers is that of the image normalised whole, to the bit", () => {
  const [output, input] = [30, 52];
  for (const kind of Object.keys(MAXIMUM)) {
    for (const interpolation of ["bilinear", "bicubic"] as const) {
      for (const [channels, w0] of [
        [1, 0],
        [3, 10],
      ]) {
        const augmentation: Augmentation = { ...VARIED, interpolation };
        const all = samplesOf(kind, channels);
        // One image whose every pixel is labelled: no tile is drawn twice.
        const samples = [all[0]];
        const options = { input, output, augmentation, seed: 3, w0, sigma: 5, stride: 200 };
        const { batch } = createSampler({ ...options, classWeights: "balanced", samples });
        // A stride beyond the image: its first tile and its last, in the epoch's order.
        const places = [0, 120].flatMap((x) => [0, 100].map((y) => ({ x, y })));
        for (let tile = 0; tile < 4; tile++) {
          const found = batch(tile, 1);
          const candidates = places.map((place) =>
            wholeTile(samples, all[0], place, options, random(3, 2, tile)),
          );
          const match = candidates.find(({ label }) => label.every((v, i) => v === found.label[i]));
          assert.ok(match, `${kind} ${interpolation}: no such tile`);
          assertSame(found, match as Batch, `${kind} ${interpolation} w0 ${w0}`);
        }
      }
    }
  }
});

test("a tile is the same whether its sample is in memory or read when its turn comes", async () => {
  for (const w0 of [0, 10]) {
    for (const stride of [0, 25]) {
      const samples = samplesOf("8 bits", 1);
      let reads = 0;
      const files = samples.map((sample, i): Sample | SampleFile => {
        if (i === 0) return sample;
        const read = async () => {
          reads++;
          return sample;
        };
        return { name: sample.name, survey: surveySample(sample), source: i, read };
      });
      const tiles = { input: 44, output: 20, augmentation: VARIED, seed: 5 };
      const rest = { output: 20, classWeights: "balanced", w0, sigma: 5, stride } as const;
      const whole = prepareSamples({ ...rest, samples });
      const parts = await prepareSampleFiles({ ...rest, samples: files });
      assert.equal(parts.places, whole.places);
      assert.equal(parts.balance, whole.balance);
      const never = () => Promise.reject(new Error("all is in memory"));
      const memory = batchCutter(whole, tiles, never);
      reads = 0;
      const disk = batchCutter(parts, tiles, async ({ source }) => {
        const file = files[source as number] as SampleFile;
        return file.read();
      });
      for (let number = 0; number < 8; number++) {
        const batch = await disk(number, 3);
        assertSame(batch, memory(number, 3) as Batch, `w0 ${w0}, stride ${stride}`);
      }
      assert.ok(reads > 0);
    }
  }
});

test("a file that cannot be read any more ends the batch with its reason", async () => {
  const [sample] = samplesOf("8 bits", 1);
  const reason = () => Promise.reject(new Error("a.png: no such file"));
  const file = { name: "a", survey: surveySample(sample), source: 0, read: reason };
  const rest = { output: 20, classWeights: "equal", w0: 0, sigma: 5 } as const;
  const prepared = await prepareSampleFiles({ ...rest, samples: [file] });
  const tiles = { input: 44, output: 20, augmentation: VARIED, seed: 5 };
  let message = "";
  try {
    await batchCutter(prepared, tiles, reason)(0, 1);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, "a.png: no such file");
});

test.run();
