import { test } from "uvu";
import * as assert from "uvu/assert";
import type { StoredImage } from "../../src/data/image-types.js";
import type { Tile } from "../../src/data/mirror.js";
import { channelScales, type Normalisation } from "../../src/data/normalise.js";
import { sourceStatistics } from "../../src/data/source-statistics.js";
import type { TileSource } from "../../src/data/tile-source.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { createPredictor } from "../../src/predict/predict.js";
import { predictTiles } from "../../src/predict/predict-tiles.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const [width, height, channels] = [131, 70, 2];
const model = unet(modelConfig({ base: 2, depth: 2, channels }));
const flat = initialValues(model.parameters, 9);

function checkpointOf(normalisation: Normalisation): Checkpoint {
  const tensors = model.parameters.list.map((parameter) => {
    const { name, shape } = parameter;
    return [name, { shape, data: slice(parameter, flat) }] as const;
  });
  return { tensors: new Map(tensors), metadata: { model: model.config, normalisation } };
}

const predictorOf = async (normalisation: Normalisation = { kind: "image" }, symmetries = 1) =>
  createPredictor(await testDevice(), checkpointOf(normalisation), { tile: 60, symmetries });

/** A pixel of a picture that is not in memory, 0 to 65535. */
const pixel = (x: number, y: number, channel: number) =>
  (x * 7919 + y * 104729 + channel * 31 + x * y * 17) % (channel === 0 ? 65536 : 1000);

function areaOf({ x, y, width, height }: Tile): Uint16Array {
  return Uint16Array.from({ length: channels * width * height }, (_, i) => {
    const row = Math.floor(i / width);
    return pixel(x + (i % width), y + (row % height), Math.floor(row / height));
  });
}

const whole: StoredImage = {
  width,
  height,
  channels,
  maximum: 65535,
  data: areaOf({ x: 0, y: 0, width, height }),
};

/** The picture as a source, with the areas that were requested. */
function reading() {
  const areas: Tile[] = [];
  const source: TileSource = {
    width,
    height,
    channels,
    maximum: 65535,
    async read(area) {
      areas.push(area);
      return areaOf(area);
    },
  };
  return { source, areas };
}

/** Collects planes; fails if a pixel is written twice. */
function collecting() {
  const values = new Float32Array(2 * width * height);
  const written = new Uint8Array(width * height);
  const write = ({ x, y, width: columns, height: rows }: Tile, planes: Float32Array) => {
    assert.is(planes.length, 2 * columns * rows);
    for (let i = 0; i < columns * rows; i++) {
      const at = (y + Math.floor(i / columns)) * width + x + (i % columns);
      assert.is(written[at]++, 0, `pixel ${at}`);
      for (const k of [0, 1]) values[k * width * height + at] = planes[k * columns * rows + i];
    }
  };
  return { values, write, isWhole: () => written.every((count) => count === 1) };
}

const statistics = (): Normalisation => {
  const scales = channelScales(whole);
  return {
    kind: "statistics",
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation),
  };
};

test("an image that is read area by area gives the bits of one in memory, whole and in shards", async () => {
  using predictor = await predictorOf();
  const { probabilities } = await predictor.predict(whole, "whole");
  const { source, areas } = reading();
  const sink = collecting();
  const told: number[][] = [];
  const onTile = (...counts: number[]) => told.push(counts);
  await predictTiles(predictor, source, sink, { name: "read", onTile });
  assert.ok(sink.isWhole());
  assert.equal(sink.values, probabilities);
  assert.equal(told.at(-1), [told.length, told.length]);
  // Two bands give mean and standard deviation; tiles follow.
  assert.equal(areas.slice(0, 2), Array(2).fill({ x: 0, y: 0, width, height }));
  for (const area of areas) {
    const { x, y } = area;
    assert.ok(x >= 0 && y >= 0 && x + area.width <= width && y + area.height <= height);
  }
  for (const area of areas.slice(2)) assert.ok(area.width <= 60 && area.height <= 60);

  const normalisation = await sourceStatistics(source);
  const shards = [0, 1, 2].map(() => collecting());
  for (const [index, shard] of shards.entries()) {
    const part = reading();
    const how = { shard: { index, count: shards.length }, normalisation };
    await predictTiles(predictor, part.source, shard, how);
    assert.ok(part.areas.length < told.length, "a shard reads its own tiles only");
  }
  const sum = new Float32Array(probabilities.length);
  for (const { values } of shards) for (const [i, value] of values.entries()) sum[i] += value;
  assert.equal(sum, probabilities);
});

test("a checkpoint's statistics normalise every image alike, in memory and read", async () => {
  using own = await predictorOf();
  using given = await predictorOf(statistics());
  const expected = await own.predict(whole, "whole");
  assert.equal((await given.predict(whole, "whole")).probabilities, expected.probabilities);
  // Half of an image has another mean, but not another normalisation.
  using identity = await predictorOf({ kind: "statistics", mean: [0, 0], deviation: [1, 1] });
  const half = { x: 0, y: 0, width: 40, height: 30 };
  const stored = { ...half, channels, maximum: 65535, data: areaOf(half) };
  const scales = channelScales(whole);
  const data = Float32Array.from(stored.data, (value, i) => {
    const { mean, deviation } = scales[Math.floor(i / (40 * 30))];
    return (Math.fround(value / 65535) - mean) / deviation;
  });
  const normalised = await identity.predict({ ...half, channels, data }, "normalised");
  assert.equal((await given.predict(stored, "half")).probabilities, normalised.probabilities);
  const { source, areas } = reading();
  const sink = collecting();
  await predictTiles(given, source, sink);
  assert.equal(sink.values, expected.probabilities);
  assert.ok(
    areas.every((area) => area.width <= 60),
    "no pass for the mean",
  );
});

test("with symmetries each tile is the mean of its own views: of an image of whole tiles, of its views", async () => {
  using predictor = await predictorOf(statistics(), 8);
  const area = { x: 0, y: 0, width: 60, height: 40 };
  const image = { ...area, channels, maximum: 65535, data: areaOf(area) };
  const { probabilities } = await predictor.predict(image, "image");
  const { side, release } = await predictor.tiles(image, "image");
  release();
  assert.is(side, 20);
  const values = new Float32Array(probabilities.length);
  const write = ({ x, y, width, height }: Tile, planes: Float32Array) => {
    for (let row = 0; row < 2 * height; row++) {
      const to = (Math.floor(row / height) * 40 + y + (row % height)) * 60 + x;
      values.set(planes.subarray(row * width, (row + 1) * width), to);
    }
  };
  await predictTiles(predictor, { ...reading().source, width: 60, height: 40 }, { write });
  assert.equal(values, probabilities);
});

test("what fails names the image and the area, and an abort ends it", async () => {
  using predictor = await predictorOf(statistics());
  const { source } = reading();
  const sink = collecting();
  const cases: [string, Partial<TileSource>, string][] = [
    [
      "throws",
      { read: async () => Promise.reject(new Error("chunk 3 is missing")) },
      "slide: its pixels of the area 40 x 40 at x 0, y 0 cannot be read: chunk 3 is missing",
    ],
    [
      "gives too few",
      { read: () => new Uint8Array(7) },
      "slide: its pixels of the area 40 x 40 at x 0, y 0 are 3200 numbers in a typed array, the source gave 7 of them",
    ],
    ["other channels", { channels: 3 }, "slide has 3 channels, but the model was trained on 2"],
    [
      "no size",
      { width: 0.5 },
      "slide: the width of a source must be a whole number from 1, got 0.5",
    ],
  ];
  for (const [what, change, message] of cases) {
    const failing = predictTiles(predictor, { ...source, ...change }, sink, { name: "slide" });
    assert.is(await rejectionOf(failing), message, what);
  }
  const full = { write: () => Promise.reject(new Error("the disk is full")) };
  assert.match(
    await rejectionOf(predictTiles(predictor, source, full, { name: "slide" })),
    /^slide: the probabilities of the area \d+ x \d+ at x 0, y 0 cannot be written: the disk is full$/,
  );
  const shard = { index: 3, count: 3 };
  assert.match(
    await rejectionOf(predictTiles(predictor, source, sink, { shard })),
    "the shard is index 3 of count 3, expected whole numbers, an index from 0 and below the count",
  );
  const stop = new AbortController();
  let tiles = 0;
  const onTile = () => {
    tiles++;
    stop.abort(new Error("enough"));
  };
  const stopped = predictTiles(predictor, source, collecting(), { signal: stop.signal, onTile });
  assert.is(await rejectionOf(stopped), "enough");
  assert.ok(tiles <= 2, `${tiles} tiles`);
  (await testDevice()).check();
});

test("an image of which no array holds the probabilities is refused with the bytes they take", async () => {
  const config = modelConfig({ base: 1, depth: 1, classes: 254 });
  const huge = unet(config);
  const tensors = huge.parameters.list.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    return [name, { shape, data }] as const;
  });
  const metadata = { model: config, normalisation: { kind: "image" } } as const;
  const device = await testDevice();
  const checkpoint = { tensors: new Map(tensors), metadata };
  using predictor: Predictor = await createPredictor(device, checkpoint, { symmetries: 2 });
  const side = 8192;
  const data = new Uint8Array(side * side);
  const image = { width: side, height: side, channels: 1, maximum: 255, data };
  assert.is(
    await rejectionOf(predictor.predict(image, "slide")),
    "slide: the probabilities of 254 classes in 8192 x 8192 pixels take 68182605824 bytes (63.5 GiB), " +
      "more than one array can hold here: use predictTiles, which predicts tile by tile",
  );
});

test.run();
