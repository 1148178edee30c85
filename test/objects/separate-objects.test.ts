import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussianBlur } from "../../src/data/blur.js";
import { connectedComponents } from "../../src/data/components.js";
import { outsideDistance } from "../../src/data/outside-distance.js";
import { gaussian, random } from "../../src/data/random.js";
import { floodBasins, joinBasins } from "../../src/objects/flood-basins.js";
import {
  type CellProbability,
  inSixteenBits,
  prepareSeparation,
  separateObjects,
} from "../../src/objects/separate-objects.js";
import { stitchObjects } from "../../src/objects/stitch-objects.js";

/** Discs of probability 1 on 0: x, y, radius each. */
function discs(width: number, height: number, list: readonly (readonly number[])[]) {
  const cell = new Float32Array(width * height);
  for (let pixel = 0; pixel < cell.length; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    if (list.some(([cx, cy, r]) => (x - cx) ** 2 + (y - cy) ** 2 <= r * r)) cell[pixel] = 1;
  }
  return { width, height, cell };
}

/** A smooth random field around 0.5: blobs that touch, with holes and islands, up to the edges. */
function blobs(width: number, height: number, seed: number): CellProbability {
  const next = random(seed);
  const noise = Float32Array.from({ length: width * height }, () => gaussian(next));
  const smooth = gaussianBlur(noise, width, height, 2);
  return { width, height, cell: smooth.map((v) => 1 / (1 + Math.exp(-20 * v))) };
}

test("distances to the outside are those of a search over all pixels", () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(size, size, fc.infiniteStream(fc.boolean()), (width, height, stream) => {
      const inside = Uint8Array.from({ length: width * height }, () => Number(stream.next().value));
      const distances = outsideDistance(inside, width, height);
      for (let p = 0; p < inside.length; p++) {
        let nearest = width + height;
        for (let q = 0; q < inside.length; q++) {
          if (inside[q] === 1) continue;
          const [dx, dy] = [
            (p % width) - (q % width),
            Math.floor(p / width) - Math.floor(q / width),
          ];
          nearest = Math.min(nearest, Math.hypot(dx, dy));
        }
        assert.ok(Math.abs(distances[p] - nearest) < 1e-5);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("touching discs are separated at their neck, but not if a deeper neck is required", () => {
  const two = discs(40, 24, [
    [12, 12, 8],
    [26, 12, 8],
  ]);
  const parted = separateObjects(two, { separation: 1 });
  assert.is(parted.count, 2);
  const [left, right] = [parted.data[12 * 40 + 12], parted.data[12 * 40 + 26]];
  assert.is.not(left, right);
  // The cut lies in the middle between the centres, and no pixel is lost to it.
  for (let x = 4; x <= 34; x++) {
    assert.is(parted.data[12 * 40 + x], x <= 19 ? left : right, `x ${x}`);
  }
  assert.is(separateObjects(two, { separation: 6 }).count, 1);
  assert.is(separateObjects(two, { separation: Number.POSITIVE_INFINITY }).count, 1);
});

test("a line of low probability separates one piece of the mask", () => {
  const bar = { width: 30, height: 14, cell: new Float32Array(30 * 14) };
  for (let y = 2; y < 12; y++) {
    for (let x = 2; x < 28; x++) bar.cell[y * 30 + x] = x === 15 ? 0.6 : 1;
  }
  assert.is(separateObjects(bar, { separation: 1 }).count, 2);
  const sure = { ...bar, cell: bar.cell.map((value) => (value > 0 ? 1 : 0)) };
  assert.is(separateObjects(sure, { separation: 1 }).count, 1);
});

test("small holes are filled, larger ones and those with an object inside stay", () => {
  const ring = (inner: number, island: number) => {
    const { width, height, cell } = discs(30, 30, [[15, 15, 12]]);
    const hole = discs(30, 30, [[15, 15, inner]]).cell;
    const inside = island > 0 ? discs(30, 30, [[15, 15, island]]).cell : hole.map(() => 0);
    return { width, height, cell: cell.map((v, i) => (hole[i] === 1 ? inside[i] : v)) };
  };
  const small = separateObjects(ring(2, 0), { holes: 20, separation: 4 });
  assert.is(small.count, 1);
  assert.is(small.data[15 * 30 + 15], 1);
  assert.is(separateObjects(ring(2, 0), { holes: 12 }).data[15 * 30 + 15], 0);
  const island = separateObjects(ring(6, 2), { holes: 1000, smallest: 1, separation: 20 });
  assert.is(island.count, 2);
  assert.is(island.data[15 * 30 + 19], 0, "around the island");
});

test("a hole at the edge of the image is not filled", () => {
  const cell = Float32Array.from({ length: 100 }, (_, i) => (i < 3 ? 0 : 1));
  const { data } = separateObjects({ width: 10, height: 10, cell }, { holes: 50 });
  assert.equal([...data.subarray(0, 4)], [0, 0, 0, 1]);
});

test("small objects are dropped, and the others numbered by their first pixels", () => {
  const cell = Float32Array.from([0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  const found = separateObjects({ width: 5, height: 4, cell }, { smallest: 2, separation: 9 });
  assert.equal(
    [...found.data],
    [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1].map((one, i) =>
      i === 10 ? 0 : i > 15 ? 2 * one : one,
    ),
  );
  assert.is(found.count, 2);
});

test("an image of only cell is one object, and one without cells has none", () => {
  const plane = (value: number) => ({
    width: 5,
    height: 4,
    cell: new Float32Array(20).fill(value),
  });
  assert.equal([...separateObjects(plane(1)).data], new Array(20).fill(1));
  assert.is(separateObjects(plane(0.49)).count, 0);
});

test("every object is 4-connected, and does not depend on other components", () => {
  for (const seed of [1, 2, 3]) {
    const image = blobs(50, 40, seed);
    const { data, count } = separateObjects(image, { separation: 0.3, smallest: 1 });
    assert.ok(count > 10);
    const mask = Uint8Array.from(image.cell, (value) => Number(value > 0.5));
    const whole = connectedComponents(mask, 50, 40);
    for (let own = 1; own <= whole.count; own++) {
      const cell = inSixteenBits(image.cell).map((v, i) => (whole.labels[i] === own ? v : 0));
      const single = separateObjects({ ...image, cell }, { separation: 0.3, smallest: 1 });
      const both = new Set<string>();
      for (let i = 0; i < data.length; i++) {
        if (whole.labels[i] === own) both.add(`${data[i]} ${single.data[i]}`);
      }
      assert.is(both.size, single.count, "one to one");
    }
    for (let one = 1; one <= count; one++) {
      const own = Uint8Array.from(data, (number) => Number(number === one));
      assert.is(connectedComponents(own, 50, 40).count, 1);
    }
  }
});

test("an image in any parts gives the objects of the whole image", () => {
  const cut = fc.integer({ min: 1, max: 23 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), cut, cut, cut, (seed, width, height, margin) => {
      const image = blobs(48, 37, seed);
      const options = { separation: (seed % 5) / 4, smallest: seed % 12 };
      const stitcher = stitchObjects(image);
      const parts: { x: number; y: number }[] = [];
      for (let y = 0; y < 37; y += height) {
        for (let x = 0; x < 48; x += width) parts.push({ x, y });
      }
      const next = random(seed, 2);
      for (const { x, y } of parts.sort(() => next() - 0.5)) {
        // Parts overlap to the right and below.
        const area = {
          x,
          y,
          width: Math.min(width + margin, 48 - x),
          height: Math.min(height + margin, 37 - y),
        };
        const plane = new Float32Array(area.width * area.height);
        for (let i = 0; i < plane.length; i++) {
          const row = y + Math.floor(i / area.width);
          plane[i] = image.cell[row * 48 + x + (i % area.width)];
        }
        stitcher.write(area, plane);
      }
      const [stitched, whole] = [stitcher.objects(options), separateObjects(image, options)];
      assert.is(stitched.count, whole.count);
      assert.ok(stitched.data.every((number, i) => number === whole.data[i]));
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("missing parts, and parts outside the image, are refused with a sentence", () => {
  const stitcher = stitchObjects({ width: 4, height: 2 });
  stitcher.write({ x: 0, y: 0, width: 3, height: 2 }, new Float32Array(6));
  assert.throws(() => stitcher.objects(), /no part covers the pixel x 3, y 0/);
  const write = (x: number, length: number) => () =>
    stitcher.write({ x, y: 0, width: 2, height: 1 }, new Float32Array(length));
  assert.throws(write(3, 2), /area x 3, y 0, 2 x 1, expected one within 4 x 2/);
  assert.throws(write(2, 3), /got 3 probabilities for an area of 2 x 1, expected 2/);
});

test("one preparation gives the objects of each separation", () => {
  const image = blobs(60, 50, 7);
  const prepared = prepareSeparation(image);
  for (const separation of [0, 0.5, 2]) {
    assert.equal(prepared.at(separation), separateObjects(image, { separation }));
  }
  assert.ok(prepared.at(0).count > prepared.at(2).count);
});

/** The mask's objects by the definition: a flood for this one depth, which looks at every pair of pixels that meet. */
function floodOnce(heights: Int32Array, width: number, depth: number): number[] {
  const order = [...heights.keys()]
    .filter((pixel) => heights[pixel] > 0)
    .sort((a, b) => heights[b] - heights[a] || a - b);
  const basins: number[] = [...heights].map(() => -1);
  const parents: number[] = [];
  const peaks: number[] = [];
  const rootOf = (basin: number): number =>
    parents[basin] === basin ? basin : rootOf(parents[basin]);
  for (const pixel of order) {
    const x = pixel % width;
    const around = [pixel - width, x > 0 ? pixel - 1 : -1, x < width - 1 ? pixel + 1 : -1].concat(
      pixel + width,
    );
    const found = around.filter((one) => (basins[one] ?? -1) >= 0);
    for (const [i, one] of found.entries()) {
      for (const other of found.slice(0, i)) {
        const [a, b] = [rootOf(basins[one]), rootOf(basins[other])];
        if (a === b || Math.min(peaks[a], peaks[b]) - heights[pixel] > depth) continue;
        const [kept, gone] = peaks[a] >= peaks[b] ? [a, b] : [b, a];
        parents[gone] = kept;
      }
    }
    const highest = found.sort((a, b) => heights[b] - heights[a])[0];
    if (highest === undefined) {
      basins[pixel] = parents.push(parents.length) - 1;
      peaks.push(heights[pixel]);
    } else basins[pixel] = basins[highest];
  }
  return basins.map((basin) => (basin < 0 ? -1 : rootOf(basin)));
}

test("basins that are joined for a depth are those of a flood for this depth only", () => {
  const side = fc.integer({ min: 1, max: 9 });
  const height = fc.infiniteStream(fc.integer({ min: 0, max: 6 }));
  fc.assert(
    fc.property(
      side,
      side,
      height,
      fc.integer({ min: 0, max: 5 }),
      (width, rows, stream, depth) => {
        const heights = Int32Array.from({ length: width * rows }, () => stream.next().value);
        const basins = floodBasins(heights, width, rows);
        const joined = joinBasins(basins, depth);
        const expected = floodOnce(heights, width, depth);
        const pairs = new Set(
          expected.map((one, pixel) => `${one} ${joined[basins.labels[pixel]]}`),
        );
        assert.is(pairs.size, new Set(expected).size, "one to one");
        assert.is(pairs.size, new Set(basins.labels.map((basin) => joined[basin])).size);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

test("the inside of a border class separates cells with a common border", () => {
  const [width, height] = [24, 12];
  const cell = new Float32Array(width * height);
  const inside = new Float32Array(width * height);
  for (let y = 1; y < 11; y++) {
    for (let x = 1; x < 23; x++) {
      cell[y * width + x] = 1;
      const isInner = y > 1 && y < 10 && x > 1 && x < 22 && x !== 11 && x !== 12;
      inside[y * width + x] = Number(isInner);
    }
  }
  assert.is(separateObjects({ width, height, cell }).count, 1);
  const parted = separateObjects({ width, height, cell, inside });
  assert.is(parted.count, 2);
  assert.ok(
    parted.data.every((number, i) => number > 0 === cell[i] > 0),
    "the border belongs to them",
  );
});

test("wrong options and planes are refused with a sentence", () => {
  const image = blobs(4, 4, 1);
  assert.throws(() => separateObjects(image, { separation: -1 }), /got -1 for separation/);
  assert.throws(() => separateObjects(image, { threshold: 1 }), /got 1 for threshold/);
  assert.throws(() => separateObjects({ ...image, width: 5 }), /got 16 probabilities, expected 20/);
  assert.throws(() => separateObjects(image, { hole: 3 } as object), /has no option hole/);
});

test.run();
