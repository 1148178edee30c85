import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "../../../src/check/references/crop-concat-reference.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import { cropConcat } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

// Everything is copied: results are exact.
const caseOf = (skip: Shape, up: Shape): OpCase => ({
  name: `crop-concat ${skip} and ${up}`,
  inputs: { skip: { shape: skip }, up: { shape: up } },
  build: (t) => cropConcat(t.skip, t.up),
  reference: (a) => cropConcatReference(skip, a.skip, up, a.up),
  referenceGradients: (_, dy) => {
    const { skip: dskip, x } = cropConcatGradientReference(skip, up, dy);
    return { skip: dskip, up: x };
  },
  tolerance: 0,
});

test("crop-concat takes the centre of the skip, for even and odd margins", async () => {
  await checkOp(caseOf([2, 3, 12, 14], [2, 2, 4, 6]));
  await checkOp(caseOf([2, 3, 9, 11], [2, 2, 4, 6]));
  await checkOp(caseOf([1, 2, 10, 43], [1, 3, 5, 37]));
  await checkOp(caseOf([1, 1, 6, 70], [1, 1, 3, 33]));
  await checkOp(caseOf([2, 2, 7, 66], [2, 1, 1, 1]));
});

test("crop-concat without a margin only concatenates", async () => {
  await checkOp(caseOf([2, 3, 5, 7], [2, 1, 5, 7]));
});

test("crop-concat equals the reference at the crops of a U-Net (4, 16, 40, 88)", async () => {
  await checkOp(caseOf([1, 4, 280, 280], [1, 4, 104, 104]));
  await checkOp(caseOf([1, 8, 136, 136], [1, 8, 56, 56]));
  await checkOp(caseOf([2, 8, 64, 64], [2, 8, 32, 32]));
  await checkOp(caseOf([1, 16, 28, 28], [1, 16, 20, 20]));
});

test("crop-concat names both shapes when they do not fit", () => {
  const up = input("up", [2, 3, 9, 7]);
  for (const shape of [
    [1, 3, 12, 12],
    [2, 3, 8, 12],
    [2, 3, 12, 6],
  ]) {
    assert.is(
      messageOf(() => cropConcat(input("skip", shape), up)),
      `crop-concat: skip [${shape}] must have the batch of up [2,3,9,7] and be at least as large`,
    );
  }
  assert.is(
    messageOf(() => cropConcat(input("skip", [4]), up)),
    "crop-concat: skip must be an image tensor [N,C,H,W], got a dense [4]",
  );
  assert.is(
    messageOf(() => cropConcat(up, input("up", [4]))),
    "crop-concat: up must be an image tensor [N,C,H,W], got a dense [4]",
  );
});

test.run();
