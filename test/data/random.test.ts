import { test } from "uvu";
import * as assert from "uvu/assert";
import { gaussian, permutation, random } from "../../src/data/random.js";

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

test("a stream is set by its seed and stream numbers", () => {
  assert.equal(draw(5, random(7, 1, 2)), draw(5, random(7, 1, 2)));
  const others = [random(8, 1, 2), random(7, 2, 1), random(7, 1), random(7 + 2 ** 32, 1, 2)];
  for (const other of others) assert.not.equal(draw(5, random(7, 1, 2)), draw(5, other));
});

test("the first numbers stay what they are, so that old runs can be resumed", () => {
  assert.equal(
    draw(3, random(1, 2, 3)).map((value) => value * 2 ** 32),
    [3431628392, 610949682, 1331087038],
  );
});

test("numbers are uniform and streams side by side are independent", () => {
  const count = 20000;
  const bins = new Float64Array(16);
  let product = 0;
  for (let k = 0; k < count; k++) {
    const next = random(3, k);
    const neighbour = random(3, k + 1);
    const value = next();
    bins[Math.floor(value * 16)]++;
    product += (value - 0.5) * (neighbour() - 0.5);
  }
  const chiSquare = bins.reduce((sum, n) => sum + (n - count / 16) ** 2 / (count / 16), 0);
  // 15 degrees of freedom: 37.7 is exceeded once in a thousand seeds.
  assert.ok(chiSquare < 37.7, `chi square ${chiSquare}`);
  // The correlation of independent numbers has the standard deviation 1 / sqrt(count).
  assert.ok(Math.abs((12 * product) / count) < 4 / Math.sqrt(count));
});

test("normal numbers have mean 0, deviation 1 and the normal tail", () => {
  const count = 40000;
  const values = draw(count, gaussian.bind(undefined, random(5)));
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const square = values.reduce((sum, value) => sum + value * value, 0) / count;
  const tail = values.filter((value) => Math.abs(value) > 2).length / count;
  assert.ok(Math.abs(mean) < 4 / Math.sqrt(count));
  assert.ok(Math.abs(square - 1) < 4 * Math.sqrt(2 / count));
  assert.ok(Math.abs(tail - 0.0455) < 0.005);
});

test("a permutation holds each index once", () => {
  assert.equal([...permutation(random(1), 9)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal([...permutation(random(1), 0)], []);
});

test("a seed that is no integer is refused", () => {
  assert.throws(() => random(0.5), /got 0.5.*expected an integer/);
});

test.run();
