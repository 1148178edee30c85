// Tiles of images that are normalised by percentiles: the numbers that predict gives to the network.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import type { Sample, Samples } from "../../src/data/image-types.js";
import { batchCutter } from "../../src/data/open-samples.js";
import { percentileScales } from "../../src/data/percentile-scales.js";
import { prepareSampleFiles, prepareSamples } from "../../src/data/prepare.js";
import { random, randomInteger } from "../../src/data/random.js";
import { type SampleFile, surveySample } from "../../src/data/survey.js";
import { readTile } from "../../src/predict/read-tile.js";
import { messageOf, rejectionOf } from "../errors.js";

const HOW = { kind: "percentiles", low: 2, high: 97.5, epsilon: 1e-3 } as const;
const [WIDTH, HEIGHT, INPUT, OUTPUT] = [41, 37, 30, 20];
const RANGES = { uint8: 256, uint16: 65536, float32: 1 };

/** Two images of two channels of other brightness each, all of whose pixels are labelled. */
function samplesOf(type: keyof typeof RANGES): Sample[] {
  const count = WIDTH * HEIGHT;
  return [0.3, 0.9].map((gain, index) => {
    const next = random(11, index);
    const values = Array.from(
      { length: 2 * count },
      (_, i) => gain * next() * (i < count ? 1 : 0.5),
    );
    const scaled = values.map((value) => (type === "float32" ? value : value * RANGES[type]));
    const of = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };
    const data: Samples = of[type].from(scaled);
    const maximum = type === "float32" ? 1 : RANGES[type] - 1;
    const classes = Uint8Array.from({ length: count }, () => randomInteger(next, 2));
    const label = { width: WIDTH, height: HEIGHT, classes: 2, data: classes };
    const image = { width: WIDTH, height: HEIGHT, channels: 2, maximum, data };
    return { name: `${index}`, image, label };
  });
}

const weights = { output: OUTPUT, classWeights: "equal", w0: 0, sigma: 5 } as const;
const tiles = { input: INPUT, output: OUTPUT, augmentation: AUGMENTATIONS.none, seed: 3 };

test("a tile is what predict reads there, from memory and from files, with shared percentiles or not", async () => {
  for (const type of ["uint8", "uint16", "float32"] as const) {
    for (const isJoint of [true, false]) {
      const normalisation = { ...HOW, isJoint };
      const samples = samplesOf(type);
      let reads = 0;
      const files = samples.map((sample, source): SampleFile => {
        const read = async () => {
          reads++;
          return sample;
        };
        return { name: sample.name, survey: surveySample(sample), source, read };
      });
      // Of each image the tiles in its corners.
      const how = { ...weights, stride: 100, normalisation };
      const whole = prepareSamples({ ...how, samples });
      const parts = await prepareSampleFiles({ ...how, samples: files });
      assert.is(reads, 2, "each once");
      assert.equal(parts.places, whole.places);
      const never = () => Promise.reject(new Error("all is in memory"));
      const memory = batchCutter(whole, tiles, never);
      const disk = batchCutter(parts, tiles, async ({ given }) => files[given].read());
      const margin = (INPUT - OUTPUT) / 2;
      const wanted = await Promise.all(
        whole.places.map(({ sample, x = 0, y = 0 }) => {
          const { image } = samples[sample];
          const area = { x: x - margin, y: y - margin, width: INPUT, height: INPUT };
          return readTile(image, percentileScales(image, normalisation), area);
        }),
      );
      const found: number[] = [];
      for (let number = 0; number < wanted.length; number++) {
        const { image } = await memory(number, 1);
        assert.equal((await disk(number, 1)).image, image);
        found.push(wanted.findIndex((one) => one.every((value, i) => value === image[i])));
      }
      const all = wanted.map((_, i) => i);
      assert.equal(found.sort(), all, `${type}, ${isJoint ? "joint" : "per channel"}`);
    }
  }
});

test("regions of a larger image are refused, in memory and in files", async () => {
  const [{ label, ...rest }] = samplesOf("uint8");
  const sample = { ...rest, label: { ...label, core: { x: 0, y: 0, width: 20, height: 20 } } };
  const how = { ...weights, normalisation: { ...HOW, isJoint: true } };
  const told = "sample 0 is a region of a larger image, .* import the network with --mean";
  assert.match(
    messageOf(() => prepareSamples({ ...how, samples: [sample] })),
    new RegExp(told),
  );
  const file = { name: "0", survey: surveySample(sample), source: 0, read: async () => sample };
  assert.match(
    await rejectionOf(prepareSampleFiles({ ...how, samples: [file] })),
    new RegExp(told),
  );
  const usual = { ...how, normalisation: { kind: "image" } } as const;
  assert.is(prepareSamples({ ...usual, samples: [sample] }).samples.length, 1);
});

test.run();
