import { test } from "uvu";
import * as assert from "uvu/assert";
import { chunkGrid, chunkOrder, chunksAround } from "../../src/data/chunk-grid.js";
import { type ChunkSource, cachedSource } from "../../src/data/chunk-source.js";
import { chunkStatistics } from "../../src/data/chunk-statistics.js";
import type { Samples } from "../../src/data/image-types.js";
import { sourceStatistics } from "../../src/data/source-statistics.js";
import { levelFor } from "../../src/formats/slide/level-for.js";
import { predictChunks } from "../../src/predict/predict-chunks.js";
import { rejectionOf } from "../errors.js";
import { standIn } from "./stand-in.js";
import { noise } from "./zarr-image.js";

/** An image of noise that counts how often each chunk is read. */
function counting(width: number, height: number, side: number, isStored = (_: number) => true) {
  const reads = new Map<string, number>();
  const chunks: ChunkSource = {
    width,
    height,
    channels: 1,
    maximum: 65535,
    chunk: { width: side, height: side },
    fill: 9,
    type: new Uint16Array(),
    async readChunk(column, row) {
      const key = `${column} ${row}`;
      reads.set(key, (reads.get(key) ?? 0) + 1);
      if (!isStored(column + row)) return undefined;
      const [w, h] = [Math.min(side, width - column * side), Math.min(side, height - row * side)];
      return Uint16Array.from({ length: w * h }, (_, i) =>
        noise([row * side + Math.floor(i / w), column * side + (i % w)]),
      );
    },
  };
  return { chunks, reads };
}

test("in the order of strips each chunk is read once, but at the borders of strips", async () => {
  const { chunks, reads } = counting(640, 512, 64);
  // Rows of a strip of four columns with both neighbours: eighteen chunks of 8 KiB, and a tile's.
  const source = cachedSource(chunks, { bytes: 20 * 64 * 64 * 2 });
  const grid = chunkGrid(chunks, 64);
  for (const index of chunkOrder(grid, 4)) {
    const { x, y, width, height } = grid.area(index);
    const [left, top] = [Math.max(0, x - 10), Math.max(0, y - 10)];
    const right = Math.min(640, x + width + 10);
    const bottom = Math.min(512, y + height + 10);
    await source.read({ x: left, y: top, width: right - left, height: bottom - top });
  }
  const twice = [...reads]
    .filter(([, times]) => times > 1)
    .map(([key]) => Number(key.split(" ")[0]));
  assert.equal([...new Set(twice)].sort(), [3, 4, 7, 8]);
  assert.is(Math.max(...reads.values()), 2);
  assert.is(reads.size, 80);
});

test("squares are not normalised by percentiles of their parts, but refused before anything is written", async () => {
  const { chunks } = counting(96, 48, 48);
  const source = cachedSource(chunks, { bytes: 1 });
  const normalisation = {
    kind: "percentiles",
    low: 1,
    high: 99,
    epsilon: 1e-6,
    isJoint: true,
  } as const;
  const what = { name: "s.zarr", source, grid: chunkGrid(source, 48), todo: [0, 1], normalisation };
  let written = 0;
  const sink = { encode: () => 0, write: async () => void written++ };
  const predictor = standIn({ tile: 60, side: 20, gridStep: 4 });
  assert.match(
    await rejectionOf(predictChunks(predictor, what, sink)),
    /^s\.zarr: .* percentiles, .* --mean and --deviation/,
  );
  assert.is(written, 0);
});

test("the order has every chunk once, for any strip", () => {
  for (const [columns, rows, across] of [
    [7, 5, 3],
    [1, 9, 4],
    [6, 1, 100],
  ]) {
    const grid = chunkGrid({ width: columns * 16 - 3, height: rows * 16 }, 16);
    const order = chunkOrder(grid, across);
    assert.equal(
      [...order].sort((a, b) => a - b),
      Array.from({ length: columns * rows }, (_, i) => i),
    );
  }
});

test("a view is predicted from its middle, and reads the level that its zoom needs", () => {
  const grid = chunkGrid({ width: 100, height: 60 }, 16);
  assert.equal(
    chunksAround(grid, { x: 40, y: 20, width: 16, height: 16 }),
    [17, 10, 16, 9].sort((a, b) => {
      const far = (index: number) => {
        const { x, y, width, height } = grid.area(index);
        return (x + width / 2 - 48) ** 2 + (y + height / 2 - 28) ** 2;
      };
      return far(a) - far(b) || a - b;
    }),
  );
  assert.equal(chunksAround(grid, { x: -50, y: -50, width: 60, height: 60 }), [0]);
  assert.equal(
    chunksAround(grid, { x: 90, y: 50, width: 60, height: 60 }),
    [27, 26, 20, 19].filter((index) => {
      const { x, y, width, height } = grid.area(index);
      return x + width > 90 && y + height > 50;
    }),
  );
  const levels = [1, 2, 4, 8].map((factor) => ({
    width: 80 / factor,
    height: 80 / factor,
    factor,
  }));
  assert.equal(
    [2, 1, 0.6, 0.5, 0.3, 0.1, 0.01].map((zoom) => levelFor({ levels }, zoom)),
    [0, 0, 0, 1, 1, 3, 3],
  );
});

test("two reads at the same time load a chunk once, and a failed load is tried again", async () => {
  const { chunks, reads } = counting(64, 64, 64);
  let failures = 1;
  const source = cachedSource({
    ...chunks,
    async readChunk(column, row) {
      const data = await chunks.readChunk(column, row);
      if (failures-- > 0) throw new Error("the network is away");
      return data;
    },
  });
  const area = { x: 0, y: 0, width: 4, height: 4 };
  const both = await Promise.allSettled([source.read(area), source.read(area)]);
  assert.equal(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.is(reads.get("0 0"), 1);
  const [one, other] = await Promise.all([source.read(area), source.read(area)]);
  assert.equal(one, other);
  assert.is(reads.get("0 0"), 2);
});

test("the statistics are those of the whole image, in one pass, whatever the chunks", async () => {
  const size = { width: 131, height: 77 };
  const results = [];
  for (const side of [16, 50, 256]) {
    const { chunks, reads } = counting(size.width, size.height, side);
    results.push(await chunkStatistics(chunks));
    assert.is(Math.max(...reads.values()), 1);
  }
  assert.equal(results[0], results[1]);
  assert.equal(results[0], results[2]);
  const { chunks } = counting(size.width, size.height, 50);
  const whole = await sourceStatistics(cachedSource(chunks));
  // Sums in another order: 10,000 numbers of 53 bits.
  assert.ok(Math.abs(results[0].mean[0] - whole.mean[0]) < 1e-12);
  assert.ok(Math.abs(results[0].deviation[0] - whole.deviation[0]) < 1e-12);
});

test("floats are summed chunk by chunk; what is not finite and what is not stored counts right", async () => {
  const { chunks } = counting(100, 60, 32, (place) => place % 3 > 0);
  const floats: ChunkSource = {
    ...chunks,
    maximum: 1,
    type: new Float32Array(),
    async readChunk(column, row) {
      const data = await chunks.readChunk(column, row);
      const found = data && Float32Array.from(data as Uint16Array, (value) => value / 1000);
      if (found) found[5] = Number.NaN;
      return found as Samples | undefined;
    },
  };
  const found = await chunkStatistics(floats);
  const whole = await sourceStatistics(cachedSource(floats));
  assert.ok(Math.abs(found.mean[0] - whole.mean[0]) < 1e-10);
  assert.ok(Math.abs(found.deviation[0] - whole.deviation[0]) < 1e-10);
  const { chunks: blank } = counting(100, 60, 32, () => false);
  const constant = await chunkStatistics(blank);
  assert.equal([constant.deviation, constant.mean], [[0], [Math.fround(9 / 65535)]]);
});

test.run();
