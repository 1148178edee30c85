import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../../src/graph/tensor.js";
import { expand, flip, slice, split, tile } from "../../../src/operations.js";
import { checkOp } from "../../check-op.js";
import { messageOf } from "../../errors.js";
import { takeCase } from "./take.js";

test("slice takes ranges with steps, also backwards", async () => {
  const shape = [2, 3, 5, 37];
  await checkOp(
    takeCase(
      "slice",
      shape,
      "image",
      (x) =>
        slice(x, { starts: [1, -1, 3], ends: [3, -6, 36], axes: [1, 2, -1], steps: [1, -2, 5] }),
      [2, 2, 3, 7],
      ([n, c, i, j]) => [n, c + 1, 4 - 2 * i, 3 + 5 * j],
    ),
  );
  await checkOp(
    takeCase(
      "slice",
      [4, 9],
      "dense",
      (x) => slice(x, { starts: [1, 8], steps: [3, -3] }),
      [1, 3],
      ([i, j]) => [1 + 3 * i, 8 - 3 * j],
    ),
  );
});

test("flip reverses axes", async () => {
  const shape = [2, 2, 3, 6];
  const flipped = (x: Parameters<typeof flip>[0]) => flip(x, [0, -1]);
  await checkOp(
    takeCase("flip", shape, "image", flipped, shape, ([n, c, i, j]) => [1 - n, c, i, 5 - j]),
  );
  await checkOp(
    takeCase("flip", shape, "dense", flipped, shape, ([n, c, i, j]) => [1 - n, c, i, 5 - j]),
  );
});

test("split cuts an axis into equal parts or into given ones", async () => {
  const x = input("x", [1, 6, 2, 2]);
  assert.equal(
    split(x, 3, 1).map(({ shape }) => shape[1]),
    [2, 2, 2],
  );
  assert.equal(
    split(x, [1, 5], 1).map(({ shape }) => shape[1]),
    [1, 5],
  );
  await checkOp(
    takeCase(
      "split",
      [2, 6, 2, 5],
      "image",
      (x) => split(x, [1, 3, 2], 1)[1],
      [2, 3, 2, 5],
      ([n, c, i, j]) => [n, c + 1, i, j],
    ),
  );
});

test("tile and expand repeat, and their gradients are sums", async () => {
  await checkOp(
    takeCase(
      "tile",
      [2, 1, 3, 5],
      "image",
      (x) => tile(x, [1, 2, 1, 3]),
      [2, 2, 3, 15],
      ([n, , i, j]) => [n, 0, i, j % 5],
    ),
  );
  await checkOp(
    takeCase(
      "tile",
      [3, 2],
      "dense",
      (x) => tile(x, [2, 2, 2]),
      [2, 6, 4],
      ([, i, j]) => [i % 3, j % 2],
    ),
  );
  await checkOp(
    takeCase(
      "expand",
      [2, 3, 1, 1],
      "image",
      (x) => expand(x, [2, -1, 3, 6]),
      [2, 3, 3, 6],
      ([n, c]) => [n, c, 0, 0],
    ),
  );
  await checkOp(
    takeCase(
      "expand",
      [1, 3],
      "dense",
      (x) => expand(x, [2, 4, 3]),
      [2, 4, 3],
      ([, , j]) => [0, j],
    ),
  );
});

test("slices name what is wrong", () => {
  const x = input("x", [1, 6, 4, 4]);
  assert.match(
    messageOf(() => slice(x, { starts: [2], ends: [1] })),
    "there is nothing on axis 0",
  );
  assert.match(
    messageOf(() => slice(x, { starts: [0], steps: [0] })),
    "other than 0, got 0",
  );
  assert.match(
    messageOf(() => slice(x, { starts: [0, 1], axes: [1] })),
    "starts must be a list of 1",
  );
  assert.match(
    messageOf(() => flip(x, [4])),
    "has the axes -4 to 3, got 4",
  );
  assert.match(
    messageOf(() => flip(x, [1, -3])),
    "the axis -3 is given twice",
  );
  assert.match(
    messageOf(() => split(x, 4, 1)),
    "add up to 6",
  );
  assert.match(
    messageOf(() => tile(x, [2, 2])),
    "for each axis of [1,6,4,4]",
  );
  assert.match(
    messageOf(() => expand(x, [1, 3, 4, 4])),
    "does not broadcast to [1,3,4,4]",
  );
});

test.run();
