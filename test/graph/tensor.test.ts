import { test } from "uvu";
import * as assert from "uvu/assert";
import { constant, input, scratch, stateTensor } from "../../src/graph/tensor.js";
import { messageOf } from "../errors.js";

test("a tensor of rank 4 is an image unless it is said to be dense", () => {
  assert.is(input("x", [1, 2, 3, 4]).layout, "image");
  assert.is(input("x", [1, 2, 3, 4], "dense").layout, "dense");
  assert.is(input("x", [2, 3]).layout, "dense");
  assert.is(constant("c", [1, 1, 1, 2], [1, 2]).layout, "image");
  assert.is(stateTensor("s", [1, 2, 3, 3], "parameters").layout, "dense");
  assert.is(scratch("s", 5).layout, "dense");
});

test("sizes that are no whole numbers of at least 1 are refused by name", () => {
  for (const shape of [[0], [2, -1], [1.5], [Number.NaN]]) {
    assert.is(
      messageOf(() => input("x", shape)),
      `x: sizes must be whole numbers of at least 1, got [${shape}]`,
    );
  }
  assert.is(
    messageOf(() => input("x", [3, 4], "image")),
    "x: an image tensor must be [N, C, H, W], got [3,4]",
  );
});

test("a constant refuses values that do not fill its shape", () => {
  assert.is(
    messageOf(() => constant("c", [2, 3], [1, 2])),
    "c: 2 values do not fill [2,3] (6)",
  );
});

test.run();
