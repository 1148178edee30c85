import { test } from "uvu";
import * as assert from "uvu/assert";
import { cellRows } from "../../src/data/cell-rows.js";
import { connectedComponents } from "../../src/data/components.js";
import { nearestTwo } from "../../src/data/distance.js";
import { IGNORED, type LabelMap } from "../../src/data/image-types.js";
import { random, randomInteger } from "../../src/data/random.js";
import { classBalance, weightMap, weightsWithin } from "../../src/data/weight-map.js";
import { expectWithin } from "../time.js";

const PAPER = { w0: 10, sigma: 5 };

function label(width: number, height: number, data: ArrayLike<number>, classes = 2): LabelMap {
  return { width, height, classes, data: Uint8Array.from(data) };
}

/** A label with cells of about the given share, some pixels ignored. */
function randomLabel(seed: number, width: number, height: number, share: number, classes = 2) {
  const next = random(seed);
  return label(
    width,
    height,
    Array.from({ length: width * height }, () => {
      if (next() < 0.03) return IGNORED;
      return next() < share ? 1 + randomInteger(next, classes - 1) : 0;
    }),
    classes,
  );
}

/** Squared distances to all objects, sorted, for one pixel, by brute force. */
function distances(labels: Int32Array, count: number, width: number, pixel: number): number[] {
  const nearest = new Array<number>(count).fill(Number.POSITIVE_INFINITY);
  labels.forEach((object, other) => {
    if (object === 0) return;
    const dx = (other % width) - (pixel % width);
    const dy = Math.floor(other / width) - Math.floor(pixel / width);
    nearest[object - 1] = Math.min(nearest[object - 1], dx * dx + dy * dy);
  });
  return nearest.sort((a, b) => a - b);
}

test("components join by edges, not by corners, and keep classes apart", () => {
  const { labels, count } = connectedComponents(
    Uint8Array.from([1, 0, 1, 1, 1, 0, 0, 2, 255, 1, 2, 2]),
    4,
    3,
  );
  assert.is(count, 4);
  assert.equal([...labels], [1, 0, 2, 2, 1, 0, 0, 3, 0, 4, 3, 3]);
});

test("a spiral is one component", () => {
  const rows = ["111111", "000001", "111101", "100101", "101101", "100001", "111111"];
  const data = Uint8Array.from(rows.join(""), Number);
  assert.is(connectedComponents(data, 6, 7).count, 1);
});

test("the two nearest distances equal a search of all pixels", () => {
  for (let seed = 0; seed < 24; seed++) {
    const [width, height] = [1 + ((seed * 7) % 23), 1 + ((seed * 5) % 19)];
    const { data } = randomLabel(seed, width, height, [0.004, 0.02, 0.1, 0.4][seed % 4]);
    const objects = connectedComponents(data, width, height);
    for (const reach of [Number.POSITIVE_INFINITY, 4]) {
      const { first, second } = nearestTwo(objects, width, height, reach);
      for (let pixel = 0; pixel < width * height; pixel++) {
        const truth = distances(objects.labels, objects.count, width, pixel)
          .concat(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
          .map((square) => (square <= reach * reach ? square : Number.POSITIVE_INFINITY));
        assert.is(first[pixel], truth[0], `seed ${seed}, pixel ${pixel}`);
        assert.is(second[pixel], truth[1], `seed ${seed}, pixel ${pixel}`);
      }
    }
  }
});

test("the balance gives the labelled pixels the mean 1", () => {
  const labels = [label(4, 1, [0, 1, 1, IGNORED]), label(2, 1, [1, 1])];
  assert.equal(classBalance(labels), [5 / 2, 5 / 8]);
  assert.equal(classBalance([label(2, 1, [1, 1])]), [0, 0.5]);
  assert.equal(classBalance([label(1, 1, [IGNORED])]), [0, 0]);
  assert.throws(() => classBalance([]), /got no label/);
  assert.throws(() => classBalance([...labels, label(1, 1, [2], 3)]), /of 2 and of 3 classes/);
});

test("the weight map is the paper's formula, in two classes and in more", () => {
  for (const [seed, share, classes] of [
    [1, 0.02, 2],
    [2, 0.2, 2],
    [3, 0.05, 4],
    [4, 0.6, 3],
  ]) {
    const map = randomLabel(seed, 37, 29, share, classes);
    const balance = classBalance([map]);
    const weights = weightMap(map, balance, PAPER);
    const objects = connectedComponents(map.data, 37, 29);
    for (let pixel = 0; pixel < weights.length; pixel++) {
      const index = map.data[pixel];
      let expected = index === IGNORED ? 0 : balance[index];
      if (index === 0) {
        const [d1, d2] = distances(objects.labels, objects.count, 37, pixel).map(Math.sqrt);
        expected += 10 * Math.exp(-((d1 + d2) ** 2) / 50);
      }
      // The term is left out below 1e-9; the rest is two roundings to 32 bits.
      assert.ok(Math.abs(weights[pixel] - expected) <= 1e-9 + 1.2e-7 * expected);
    }
  }
});

test("with no cell and with one cell the separation term is 0", () => {
  assert.equal([...weightMap(label(3, 1, [0, 0, 0]), [0.5, 0], PAPER)], [0.5, 0.5, 0.5]);
  assert.equal([...weightMap(label(3, 1, [0, 1, 1]), [2, 1], PAPER)], [2, 1, 1]);
});

test("two cells: the gap between them weighs more, and w0 = 0 turns that off", () => {
  const map = label(3, 1, [1, 0, 1]);
  const gap = weightMap(map, [1.5, 0.75], PAPER)[1];
  assert.ok(Math.abs(gap - (1.5 + 10 * Math.exp(-4 / 50))) < 1e-6);
  assert.equal([...weightMap(map, [1.5, 0.75], { w0: 0, sigma: 5 })], [0.75, 1.5, 0.75]);
});

test("a label of 512x512 with 1,600 cells takes less than 2 seconds", () => {
  const data = Uint8Array.from({ length: 512 * 512 }, (_, pixel) =>
    (pixel % 512) % 13 < 3 || Math.floor(pixel / 512) % 13 < 3 ? 0 : 1,
  );
  const map = label(512, 512, data);
  const weights = expectWithin(2000, () => weightMap(map, classBalance([map]), PAPER));
  assert.ok(weights.every((weight) => weight > 0 && weight < 20));
});

test("a part of the weight map is computed from that part only, to the bit", () => {
  for (let seed = 0; seed < 12; seed++) {
    const next = random(seed, 9);
    const [width, height] = [40 + randomInteger(next, 120), 40 + randomInteger(next, 90)];
    const map = randomLabel(seed, width, height, [0.001, 0.02, 0.4][seed % 3], 2 + (seed % 3));
    const balance = classBalance([map]);
    const separation = { w0: [10, 0.5, 0][seed % 3], sigma: [5, 2, 5][seed % 3] };
    const whole = weightMap(map, balance, separation);
    const cells = cellRows(map);
    for (let draw = 0; draw < 6; draw++) {
      const [x, y] = [randomInteger(next, width), randomInteger(next, height)];
      const across = 1 + randomInteger(next, width - x);
      const area = { x, y, width: across, height: 1 + randomInteger(next, height - y) };
      const part = weightsWithin(map, area, cells, balance, separation);
      const expected = Float32Array.from(
        part,
        (_, i) => whole[(y + Math.floor(i / across)) * width + x + (i % across)],
      );
      assert.is(part.length, area.width * area.height);
      assert.ok(Buffer.from(part.buffer).equals(Buffer.from(expected.buffer)), `${seed} ${draw}`);
    }
  }
});

test.run();
