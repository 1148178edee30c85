import { test } from "uvu";
import * as assert from "uvu/assert";
import { cubicWeights, gridDisplacement, smoothDisplacement } from "../../src/data/elastic.js";
import { random } from "../../src/data/random.js";

function deviation(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] ** 2;
  return Math.sqrt(squares / values.length);
}

test("the nodes of the grid have the deviation that was asked for", () => {
  const corners: number[] = [];
  for (let draw = 0; draw < 1000; draw++) {
    const { x, y } = gridDisplacement(9, 10, random(5, draw));
    corners.push(x[0], x[8], x[40], y[72], y[80]);
  }
  // 5000 numbers: their standard deviation is known to 1 %.
  assert.ok(Math.abs(deviation(corners) - 10) < 0.3, `${deviation(corners)}`);
});

test("between its nodes a displacement bends no more than a cubic through them does", () => {
  const side = 65;
  const { x } = gridDisplacement(side, 10, random(1, 1));
  const row = x.subarray(20 * side, 21 * side);
  const jumps = Array.from({ length: side - 2 }, (_, i) =>
    Math.abs(row[i + 2] - 2 * row[i + 1] + row[i]),
  );
  // Nodes 32 pixels apart and about 10 pixels high: 10 * 10 / 32^2, doubled for a large draw.
  assert.ok(Math.max(...jumps) < 0.2, `${Math.max(...jumps)}`);
  assert.ok(Math.max(...jumps) > 0);
});

test("smoothed noise has the size that its formula gives", () => {
  const { x, y } = smoothDisplacement(200, 50, 5, random(3));
  // Uniform noise of +-1 has standard deviation 1/sqrt 3; a Gaussian leaves 1 / (2 sqrt(pi) sigma)
  // of it.
  const expected = 50 / Math.sqrt(3) / (2 * Math.sqrt(Math.PI) * 5);
  for (const values of [x, y]) {
    assert.ok(Math.abs(deviation(values) / expected - 1) < 0.1, `${deviation(values)}`);
  }
  assert.not.equal(x, y);
});

test("cubic weights sum to 1, reproduce a line, and give the pixel itself at a pixel", () => {
  const weights = new Float64Array(4);
  for (const t of [0, 0.25, 0.5, 0.9]) {
    cubicWeights(t, weights);
    assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight) - 1) < 1e-15);
    const place = weights.reduce((sum, weight, tap) => sum + weight * (tap - 1), 0);
    assert.ok(Math.abs(place - t) < 1e-15);
  }
  cubicWeights(0, weights);
  assert.equal([...weights].map(Math.abs), [0, 1, 0, 0]);
});

test.run();
