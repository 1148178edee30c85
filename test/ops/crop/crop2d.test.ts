import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  maxPool2dGradientReference,
  maxPool2dReference,
} from "../../../src/check/references/max-pool2d-reference.js";
import { fuse } from "../../../src/graph/fuse.js";
import { input, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import { nodesFor } from "../../../src/graph/walk.js";
import { type Area, add, crop2d, gradients, maxPool2d, pad2d } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

/** The rectangle row by row, zeros outside. */
function cropReference([n, c, h, w]: Shape, x: ArrayLike<number>, area: Area): number[] {
  const { top, left, height, width } = area;
  return Array.from({ length: n * c * height * width }, (_, at) => {
    const i = (Math.floor(at / width) % height) + top;
    const j = (at % width) + left;
    const plane = Math.floor(at / (height * width));
    return i < 0 || j < 0 || i >= h || j >= w ? 0 : x[(plane * h + i) * w + j];
  });
}

// Everything is copied: results are exact. The gradients are compared with central differences.
const caseOf = (shape: Shape, area: Area): OpCase => ({
  name: `crop2d ${shape} to ${JSON.stringify(area)}`,
  inputs: { x: { shape } },
  build: ({ x }) => crop2d(x, area),
  reference: ({ x }) => cropReference(shape, x, area),
  tolerance: 0,
});

test("crop2d takes a rectangle from any place", async () => {
  await checkOp(caseOf([2, 3, 9, 7], { top: 5, left: 1, height: 3, width: 6 }));
  await checkOp(caseOf([1, 2, 4, 70], { top: 1, left: 31, height: 2, width: 37 }));
  await checkOp(caseOf([1, 1, 6, 6], { top: 5, left: 5, height: 1, width: 1 }));
});

test("crop2d fills with zeros what lies past the image", async () => {
  await checkOp(caseOf([2, 2, 3, 5], { top: -2, left: -3, height: 7, width: 40 }));
  await checkOp(caseOf([1, 2, 5, 5], { top: 3, left: -1, height: 4, width: 3 }));
});

test("pad2d is a border of zeros", async () => {
  const shape = [1, 3, 4, 6];
  const area = { top: -3, left: -3, height: 10, width: 12 };
  await checkOp({ ...caseOf(shape, area), name: "pad2d", build: ({ x }) => pad2d(x, 3) });
});

test("a gradient of a crop is added in the gradient of max-pooling, at its position", async () => {
  const shape = [2, 3, 6, 8];
  const pooled = [2, 3, 3, 4];
  const area = { top: 2, left: 1, height: 3, width: 4 };
  const build = (x: Tensor) => add(maxPool2d(x), crop2d(x, area));
  await checkOp({
    name: "max-pool and a crop that is not the centre",
    inputs: { x: { shape } },
    build: ({ x }) => build(x),
    reference: ({ x }) => {
      const cropped = cropReference(shape, x, area);
      return maxPool2dReference(shape, x).map((value, i) => value + cropped[i]);
    },
    referenceGradients: ({ x }, dy) => {
      const back = { top: -area.top, left: -area.left, height: shape[2], width: shape[3] };
      const uncropped = cropReference(pooled, dy, back);
      return { x: maxPool2dGradientReference(shape, x, dy).map((v, i) => v + uncropped[i]) };
    },
  });
  const x = input("x", shape);
  const y = build(x);
  const [dx] = gradients(y, [x], input("dy", y.shape));
  const nodes = fuse(nodesFor([dx as Tensor]), new Set([dx as Tensor]), {
    fusesReluMask: () => false,
  });
  assert.equal(
    nodes.map(({ op }) => op.name),
    ["max-pool2d-gradient"],
  );
});

test("crop2d names the rectangle that cannot be", () => {
  const x = input("x", [1, 2, 5, 5]);
  assert.is(
    messageOf(() => crop2d(x, { top: 0, left: 1.5, height: 0, width: 4 })),
    "crop2d: a rectangle must be whole pixels with sides of at least 1, got 0 x 4 from row 0 and column 1.5 of [1,2,5,5]",
  );
  assert.is(
    messageOf(() => pad2d(input("x", [4]), 1)),
    "crop2d: input must be an image tensor [N,C,H,W], got a dense [4]",
  );
});

test.run();
