import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkNormalisation } from "../../src/data/check-normalisation.js";
import type { Samples } from "../../src/data/image-types.js";
import { channelScales, givenScales } from "../../src/data/normalise.js";
import { percentileScales } from "../../src/data/percentile-scales.js";
import { sourceStatistics } from "../../src/data/source-statistics.js";
import type { TileSource } from "../../src/data/tile-source.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";

/** Planes in memory as a source, and the rows of each area that was read. */
function sourceOf(width: number, height: number, data: Samples, maximum?: number) {
  const channels = data.length / (width * height);
  const rows: number[] = [];
  const source: TileSource = {
    width,
    height,
    channels,
    maximum,
    read({ x, y, width: columns, height: count }) {
      assert.equal([x, columns], [0, width], "whole rows");
      rows.push(count);
      const part = data.slice(0, channels * width * count);
      for (let c = 0; c < channels; c++) {
        const from = (c * height + y) * width;
        part.set(data.subarray(from, from + width * count), c * width * count);
      }
      return part;
    },
  };
  return { source, rows, image: { width, height, channels, maximum, data } };
}

test("mean and deviation of an image in bands are those of the whole, to the bit", async () => {
  const wide = 2 ** 20;
  const values = noise(2 * 40 * 5, 7);
  values[3] = Number.NaN;
  values[209] = Number.POSITIVE_INFINITY;
  const bytes = new Uint8Array(6 * wide).map((_, i) => (i * i) % 251);
  for (const { source, rows, image } of [
    sourceOf(wide, 3, bytes, 255), // two channels, bands of two rows
    sourceOf(40, 5, values),
    sourceOf(
      31,
      7,
      Uint16Array.from(noise(217, 2), (value) => 30000 * (value + 1)),
      65535,
    ),
    sourceOf(4, 2, Int32Array.of(-7, 5, 70000, -90000, 3, 3, 3, 9), 1000),
  ]) {
    const { mean, deviation, kind } = await sourceStatistics(source);
    const scales = channelScales(image);
    assert.equal(givenScales({ kind, mean, deviation }), scales);
    const bands = Math.ceil(image.height / rows[0]);
    assert.is(rows.length, 2 * bands, "two passes");
    if (image.width === wide) assert.ok(bands > 1);
  }
});

test("an image of one value has no deviation, and is read once for it", async () => {
  const { source, rows } = sourceOf(4, 3, new Uint8Array(12).fill(51), 255);
  const found = await sourceStatistics(source);
  assert.equal(found, { kind: "statistics", mean: [Math.fround(0.2)], deviation: [0] });
  assert.equal(rows, [3]);
});

test("reading for the statistics can be ended", async () => {
  const { source } = sourceOf(4, 3, new Uint8Array(12), 255);
  const signal = AbortSignal.abort(new Error("enough"));
  assert.is(await rejectionOf(sourceStatistics(source, { signal })), "enough");
});

test("an unknown normalisation, or one for other channels, is refused", () => {
  const mean = [0.5, 0.25];
  const known = { kind: "statistics", mean, deviation: [0.1, 0] };
  assert.equal(checkNormalisation(known, 2, "file"), known);
  for (const [value, message] of [
    [
      { kind: "quantiles" },
      'file: the normalisation is "quantiles", expected "image", "statistics" or "percentiles"',
    ],
    [
      undefined,
      'file: the normalisation is missing, expected "image", "statistics" or "percentiles"',
    ],
    [
      { ...known, mean: [0.5] },
      "file: the mean of the normalisation is [0.5], expected a finite number for each channel, of which there are 2",
    ],
    [
      { ...known, mean: [0.5, null] },
      "file: the mean of the normalisation is [0.5,null], expected a finite number for each channel, of which there are 2",
    ],
    [
      { ...known, deviation: [0.1, -1] },
      "file: the deviation of the normalisation is [0.1,-1], expected a finite number from 0 for each channel, of which there are 2",
    ],
  ] as const) {
    assert.is(
      messageOf(() => checkNormalisation(value, 2, "file")),
      message,
    );
  }
});

test("percentiles are NumPy's, of numbers of every type, and of finite ones only", () => {
  const values = [9, 3, 7, 1, 5, 200, 100, 0];
  const image = { width: 2, height: 2, channels: 2, maximum: 255 };
  const how = { kind: "percentiles", low: 10, high: 75, epsilon: 0.5, isJoint: false } as const;
  // numpy.percentile([9, 3, 7, 1], [10, 75]) and ([5, 200, 100, 0], [10, 75])
  const wanted = [
    { mean: 1.6, deviation: 7.5 - 1.6 },
    { mean: 1.5, deviation: 125 - 1.5 },
  ];
  for (const data of [
    Uint8Array.from(values),
    Uint16Array.from(values),
    Float32Array.from(values),
  ]) {
    for (const [c, { mean, deviation }] of percentileScales({ ...image, data }, how).entries()) {
      assert.ok(Math.abs(255 * mean - wanted[c].mean) < 1e-4, `${255 * mean}`);
      assert.ok(Math.abs(255 * (deviation - 0.5) - wanted[c].deviation) < 1e-4);
    }
  }
  const data = Float32Array.of(NaN, 4, 2, Infinity);
  const plain = { width: 4, height: 1, channels: 1, data };
  const whole = { ...how, low: 0, high: 100, isJoint: true };
  assert.equal(percentileScales(plain, whole), [{ mean: 2, deviation: 2.5 }]);
});

test("what needs an image whole refuses percentiles elsewhere, in a sentence", () => {
  const how = { kind: "percentiles", low: 1, high: 99, epsilon: 1e-6, isJoint: true } as const;
  assert.match(
    messageOf(() => givenScales(how, "a.zarr")),
    /^a\.zarr: the network normalises each image by its percentiles, .* give --mean and --deviation/,
  );
  assert.equal(checkNormalisation(how, 2, "a"), how);
  for (const bad of [{ low: 99 }, { high: 101 }, { low: "1" }, { epsilon: 0 }, { isJoint: 1 }]) {
    assert.match(
      messageOf(() => checkNormalisation({ ...how, ...bad }, 2, "a.safetensors")),
      "a.safetensors: the percentiles of the normalisation are",
    );
  }
});

test.run();
