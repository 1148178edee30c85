import { test } from "uvu";
import * as assert from "uvu/assert";
import { placeIn } from "../../../src/arguments/numbers.js";
import {
  elementCount,
  input,
  type Layout,
  type Shape,
  type Tensor,
} from "../../../src/graph/tensor.js";
import {
  batchToSpace,
  depthToSpace,
  permute,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  spaceToBatch,
  spaceToDepth,
  squeeze,
  toDense,
  toImage,
  transpose,
  unsqueeze,
} from "../../../src/operations.js";
import { checkOp } from "../../check-op.js";
import { messageOf } from "../../errors.js";
import { positionOf, takeCase } from "./take.js";

test("permute and transpose change the order of axes", async () => {
  const shape = [2, 3, 4, 5];
  await checkOp(
    takeCase(
      "permute",
      shape,
      "image",
      (x) => permute(x, [1, 3, 0, 2]),
      [3, 5, 2, 4],
      ([a, b, c, d]) => [c, a, d, b],
    ),
  );
  await checkOp(
    takeCase(
      "transpose",
      shape,
      "image",
      (x) => transpose(x),
      [2, 3, 5, 4],
      ([a, b, c, d]) => [a, b, d, c],
    ),
  );
  await checkOp(
    takeCase(
      "permute",
      shape,
      "dense",
      (x) => permute(x, [3, 1, 2, 0]),
      [5, 3, 4, 2],
      ([a, b, c, d]) => [d, b, c, a],
    ),
  );
  await checkOp(
    takeCase(
      "permute",
      [2, 3, 2, 2, 3, 2],
      "dense",
      (x) => permute(x, [5, 0, 4, 1, 3, 2]),
      [2, 2, 3, 3, 2, 2],
      ([a, b, c, d, e, f]) => [b, d, f, e, c, a],
    ),
  );
});

/** Elements stay in row-major order. */
const reshapeCase = (shape: Shape, layout: Layout, out: Shape, build: (x: Tensor) => Tensor) =>
  takeCase("reshape", shape, layout, build, out, (place) => placeIn(shape, positionOf(out, place)));

test("reshape keeps the order of elements, in both layouts and between them", async () => {
  await checkOp(
    reshapeCase([2, 6, 3, 5], "image", [2, 15, 2, 3], (x) => reshape(x, [2, 15, 2, 3])),
  );
  await checkOp(reshapeCase([2, 6, 3, 5], "image", [2, 90], (x) => reshape(x, [2, -1])));
  await checkOp(reshapeCase([2, 3, 2, 70], "image", [2, 3, 2, 70], (x) => toDense(x)));
  await checkOp(reshapeCase([2, 3, 2, 70], "dense", [2, 3, 2, 70], (x) => toImage(x)));
  await checkOp(reshapeCase([4, 7], "dense", [2, 7, 2], (x) => reshape(x, [2, 7, 2])));
});

test("squeeze and unsqueeze remove and insert axes", () => {
  const x = input("x", [2, 1, 1, 3]);
  assert.equal(squeeze(x).shape, [2, 3]);
  assert.equal(squeeze(x, [-2]).shape, [2, 1, 3]);
  assert.is(squeeze(x).layout, "dense");
  assert.equal(unsqueeze(input("v", [4, 5]), [0, -1]).shape, [1, 4, 5, 1]);
  assert.equal(squeeze(input("one", [1, 1])).shape, [1]);
  assert.is(reshape(x, [2, 1, 1, 3]), x);
  assert.is(toImage(x), x);
});

test("blocks of pixels become channels or images and come back", async () => {
  const shape = [2, 3, 4, 6];
  const depth = [2, 18, 2, 2];
  const dcr = ([n, k, i, j]: readonly number[]) => [
    n,
    k % 3,
    i * 2 + Math.floor(k / 9),
    j * 3 + (Math.floor(k / 3) % 3),
  ];
  const crd = ([n, k, i, j]: readonly number[]) => [
    n,
    Math.floor(k / 6),
    i * 2 + (Math.floor(k / 3) % 2),
    j * 3 + (k % 3),
  ];
  await checkOp(
    takeCase("spaceToDepth", shape, "image", (x) => spaceToDepth(x, [2, 3]), depth, dcr),
  );
  await checkOp(
    takeCase("pixelUnshuffle", shape, "dense", (x) => pixelUnshuffle(x, [2, 3]), depth, crd),
  );
  const wide = ([n, c, i, j]: readonly number[]) => [
    n,
    ((i % 2) * 2 + (j % 2)) * 2 + c,
    i >> 1,
    j >> 1,
  ];
  const fine = ([n, c, i, j]: readonly number[]) => [
    n,
    c * 4 + (i % 2) * 2 + (j % 2),
    i >> 1,
    j >> 1,
  ];
  await checkOp(
    takeCase(
      "depthToSpace",
      [1, 8, 3, 17],
      "image",
      (x) => depthToSpace(x, 2),
      [1, 2, 6, 34],
      wide,
    ),
  );
  await checkOp(
    takeCase(
      "pixelShuffle",
      [1, 8, 3, 17],
      "image",
      (x) => pixelShuffle(x, 2),
      [1, 2, 6, 34],
      fine,
    ),
  );
  const batch = ([m, c, i, j]: readonly number[]) => [
    m % 2,
    c,
    i * 2 + Math.floor(m / 6),
    j * 3 + (Math.floor(m / 2) % 3),
  ];
  await checkOp(
    takeCase("spaceToBatch", shape, "image", (x) => spaceToBatch(x, [2, 3]), [12, 3, 2, 2], batch),
  );
  const same = (place: readonly number[]) => place;
  await checkOp(
    takeCase(
      "batchToSpace",
      shape,
      "image",
      (x) => batchToSpace(spaceToBatch(x, [2, 3]), [2, 3]),
      shape,
      same,
    ),
  );
});

test("rearranging names what is wrong", () => {
  const x = input("x", [1, 6, 5, 4]);
  assert.match(
    messageOf(() => reshape(x, [7, -1])),
    "has 120 elements, which do not fill [7,-1]",
  );
  assert.match(
    messageOf(() => reshape(x, [-1, -1])),
    "one of them may be -1, got [-1,-1]",
  );
  assert.match(
    messageOf(() => squeeze(x, [1])),
    "axis 1 of [1,6,5,4] has the size 6",
  );
  assert.match(
    messageOf(() => permute(x, [0, 1])),
    "each axis of [1,6,5,4] once, got [0,1]",
  );
  assert.match(
    messageOf(() => spaceToDepth(x, 2)),
    "must hold whole blocks of 2 x 2 pixels",
  );
  assert.match(
    messageOf(() => depthToSpace(x, 2)),
    "has 6 channels, expected a multiple of 4",
  );
  assert.match(
    messageOf(() => batchToSpace(x, 2)),
    "has 1 images, expected a multiple of 4",
  );
  assert.match(
    messageOf(() => spaceToDepth(x, 0)),
    "whole number from 1, or [rows, columns], got 0",
  );
  assert.match(
    messageOf(() => toImage(input("v", [4]))),
    "expected [N,C,H,W], got [4]",
  );
  const wide = input(
    "w",
    Array.from({ length: 8 }, () => 2),
  );
  assert.is(elementCount(wide.shape), 256);
  assert.match(
    messageOf(() => permute(wide, [7, 6, 5, 4, 3, 2, 1, 0])),
    "do it in two steps",
  );
});

test.run();
