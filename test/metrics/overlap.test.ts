import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { informationScore, overlapOf, randScore } from "../../src/metrics/overlap.js";
import { cellsOf, objectsOf } from "./grids.js";

// Halves of equal size that the proposal merges, or the other way round: computed by hand from the
// definitions with p_ij = 1/2.
const one = objectsOf("####", "####");
const two = Int32Array.from([1, 1, 2, 2, 1, 1, 2, 2]);

/** Rounded to twelve digits: sums of logarithms. */
const close = (value: number, expected: number) =>
  assert.ok(Math.abs(value - expected) < 1e-12, `${value}, expected ${expected}`);

test("a merger lowers precision, a split recall", () => {
  const merged = randScore([overlapOf(two, one)]);
  assert.equal(merged, { precision: 1 / 2, recall: 1, f: 2 / 3 });
  const split = randScore([overlapOf(one, two)]);
  assert.equal(split, { precision: 1, recall: 1 / 2, f: 2 / 3 });
});

test("pixels that the proposal leaves out are objects of one pixel each", () => {
  // Two pixels of eight are left out: A = 64, B = AB = 36 + 2.
  const left = Int32Array.from([1, 1, 1, 1, 1, 1, 0, 0]);
  assert.equal(randScore([overlapOf(one, left)]), { precision: 1, recall: 38 / 64, f: 76 / 102 });
  // H(T) = ln 2; P and the overlaps are the same: 3/4 of two objects of three, and two of one
  // pixel.
  const { precision, recall } = informationScore(
    overlapOf(two, Int32Array.from([1, 1, 2, 2, 1, 0, 0, 2])),
  );
  const entropy = -(2 * (3 / 8) * Math.log(3 / 8) + 2 * (1 / 8) * Math.log(1 / 8));
  close(precision, 1);
  close(recall, Math.log(2) / entropy);
});

test("what lies outside of the label's objects counts nowhere", () => {
  const truth = Int32Array.from([1, 1, 0, 0]);
  const [without, beside] = [Int32Array.from([3, 3, 0, 0]), Int32Array.from([3, 3, 3, 4])];
  assert.equal(overlapOf(truth, without), overlapOf(truth, beside));
  assert.is(overlapOf(truth, beside).pixels, 2);
});

test("renumbering objects changes nothing", () => {
  const first = cellsOf(60, 41, 25, 3);
  const second = cellsOf(60, 41, 22, 4);
  const truth = connectedComponents(first.data, 60, 41).labels;
  const proposal = connectedComponents(second.data, 60, 41).labels;
  // Multiplication by 7 permutes the residues of a prime.
  const renumbered = (labels: Int32Array) => labels.map((value) => (7 * value) % 1009);
  const before = overlapOf(truth, proposal);
  const after = overlapOf(renumbered(truth), renumbered(proposal));
  assert.equal(after.squares, before.squares);
  close(informationScore(after).f, informationScore(before).f);
  assert.ok(informationScore(before).f < 0.99);
});

test("several images are scored as one, by pairs of pixels", () => {
  const [merged, perfect] = [overlapOf(two, one), overlapOf(two, two)];
  // A = 32 + 32, B = 64 + 32, AB = 32 + 32.
  assert.is(randScore([merged, perfect]).f, (2 * 64) / (64 + 96));
});

test("a label of one object has no information: 0 by the challenge's definition", () => {
  assert.equal(informationScore(overlapOf(one, two)), { precision: 0, recall: 1, f: 0 });
  assert.equal(informationScore(overlapOf(one, one)), { precision: 0, recall: 1, f: 0 });
  assert.equal(informationScore(overlapOf(two, one)), { precision: 1, recall: 0, f: 0 });
  assert.is(randScore([overlapOf(one, one)]).f, 1);
});

test("sizes must fit", () => {
  assert.throws(() => overlapOf(one, new Int32Array(7)), /got 7 pixels, expected 8/);
});

test.run();
