import { test } from "uvu";
import * as assert from "uvu/assert";
import { warpingErrors } from "../../src/metrics/warping.js";
import { labelOf } from "./grids.js";

/** Both as rows; every pixel equally certain. */
function warp(label: readonly string[], proposal: readonly string[]) {
  const { data, width, height } = labelOf(...label);
  const certainty = new Float32Array(data.length);
  return warpingErrors(data, labelOf(...proposal).data, certainty, width, height);
}

const none = { pixels: 0, splitsAndMergers: 0, clustered: 0 };
const cells = [".......", ".##.##.", ".##.##.", ".##.##.", "......."];

test("borders may move", () => {
  assert.equal(warp(cells, cells), none);
  const moved = [".......", ".#..##.", ".##.##.", ".##..#.", "......."];
  assert.equal(warp(cells, moved), none);
});

test("a bridge between two objects is a merger, its pixels one error", () => {
  const thin = [".......", ".##.##.", ".#####.", ".##.##.", "......."];
  assert.equal(warp(cells, thin), { pixels: 1, splitsAndMergers: 1, clustered: 1 });
  const whole = [".......", ".#####.", ".#####.", ".#####.", "......."];
  assert.equal(warp(cells, whole), { pixels: 3, splitsAndMergers: 3, clustered: 1 });
});

test("a cut through an object is a split", () => {
  const whole = [".......", ".#####.", ".#####.", ".#####.", "......."];
  const { pixels, splitsAndMergers, clustered } = warp(whole, cells);
  assert.ok(pixels >= 1);
  assert.equal([splitsAndMergers > 0, clustered], [true, 1]);
});

test("an object that vanishes differs in a pixel, but neither splits nor merges", () => {
  const left = [".......", ".##....", ".##....", ".##....", "......."];
  assert.equal(warp(cells, left), { pixels: 1, splitsAndMergers: 0, clustered: 0 });
});

test("a hole in an object neither splits nor merges", () => {
  const whole = [".....", ".###.", ".###.", ".###.", "....."];
  const hole = [".....", ".###.", ".#.#.", ".###.", "....."];
  assert.equal(warp(whole, hole), { pixels: 1, splitsAndMergers: 0, clustered: 0 });
});

test("two parts that meet within 20 pixels are one object, further off two", () => {
  // A long U whose arms the proposal joins at the open end: a ring, or a merger if the bend is
  // outside the window.
  const u = (length: number) => [
    ".".repeat(length),
    `.${"#".repeat(length - 2)}.`,
    `.${".".repeat(length - 3)}#.`,
    `.${"#".repeat(length - 2)}.`,
    ".".repeat(length),
  ];
  const joined = (rows: string[]) => rows.with(2, rows[2].replace(/^\../, ".#"));
  assert.is(warp(u(20), joined(u(20))).splitsAndMergers, 0);
  assert.is(warp(u(30), joined(u(30))).splitsAndMergers, 1);
  assert.is(warp(u(30), joined(u(30))).pixels, 1);
});

test("the surest pixels change first", () => {
  // Either pixel may fill the gap; the other one then merges.
  const label = Uint8Array.from([1, 0, 0, 1]);
  const filled = Uint8Array.from([1, 1, 1, 1]);
  for (const certainty of [
    [0, 2, 1, 0],
    [0, 1, 2, 0],
  ]) {
    assert.is(warpingErrors(label, filled, certainty, 4, 1).pixels, 1);
  }
});

test.run();
