import { test } from "uvu";
import * as assert from "uvu/assert";
import { applySymmetry, inverseSymmetry, SYMMETRY_COUNT } from "../../src/data/augment.js";

/** The letter F in a square of 4. */
const LETTER = [".###", ".#..", ".##.", ".#.."];
/** NumPy: rot90(x, s) for s < 4, rot90(fliplr(x), s - 4) else. */
const TURNED = [
  [".###", ".#..", ".##.", ".#.."],
  ["#...", "#.#.", "####", "...."],
  ["..#.", ".##.", "..#.", "###."],
  ["....", "####", ".#.#", "...#"],
  ["###.", "..#.", ".##.", "..#."],
  ["....", "####", "#.#.", "#..."],
  [".#..", ".##.", ".#..", ".###"],
  ["...#", ".#.#", "####", "...."],
];

function planes(rows: readonly string[]) {
  const data = Float32Array.from(rows.join(""), (letter) => (letter === "#" ? 1 : 0));
  return { width: rows[0].length, height: rows.length, channels: 1, data };
}

test("each symmetry is the turn, counterclockwise, that its number says", () => {
  TURNED.forEach((rows, symmetry) => {
    assert.equal(applySymmetry(planes(LETTER), symmetry), planes(rows), `symmetry ${symmetry}`);
  });
});

test("the inverse brings an oblong of two channels back", () => {
  const data = Float32Array.from({ length: 2 * 5 * 3 }, (_, i) => i);
  const source = { width: 5, height: 3, channels: 2, data };
  for (let symmetry = 0; symmetry < SYMMETRY_COUNT; symmetry++) {
    const turned = applySymmetry(source, symmetry);
    assert.is(turned.width, symmetry % 2 === 1 ? 3 : 5);
    assert.equal(applySymmetry(turned, inverseSymmetry(symmetry)), source);
  }
});

test("a symmetry that does not exist is refused", () => {
  assert.throws(() => applySymmetry(planes(LETTER), 8), /got symmetry 8, expected 0 to 7/);
});

test.run();
