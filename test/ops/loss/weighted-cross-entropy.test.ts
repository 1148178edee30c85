import { test } from "uvu";
import * as assert from "uvu/assert";
import { weightedCrossEntropyReference } from "../../../src/check/references/weighted-cross-entropy-reference.js";
import { elementCount, input, type Shape } from "../../../src/graph/tensor.js";
import { add, scale, weightedCrossEntropy } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";

interface Case {
  readonly shape: Shape;
  readonly logits?: ArrayLike<number>;
  readonly label?: ArrayLike<number>;
  readonly weight?: ArrayLike<number>;
  /** Compare with the closed form instead of central differences. */
  readonly closed?: boolean;
}

function caseOf(c: Case): OpCase {
  const [n, k, h, w] = c.shape;
  const pixels = n * h * w;
  const {
    logits = noise(elementCount(c.shape), 1).map((value) => value * 3),
    label = noise(pixels, 2).map((value) => Math.floor(((value + 1) / 2) * k)),
    weight = noise(pixels, 3).map((value) => value + 1.1),
  } = c;
  const map = [n, 1, h, w];
  return {
    name: `weighted-cross-entropy ${c.shape}`,
    inputs: {
      logits: { shape: c.shape, values: logits },
      label: { shape: map, values: label, differentiable: false },
      weight: { shape: map, values: weight, differentiable: false },
    },
    build: (t) => weightedCrossEntropy(t.logits, t.label, t.weight),
    reference: (a) => [weightedCrossEntropyReference(c.shape, a.logits, a.label, a.weight).loss],
    ...(c.closed && {
      referenceGradients: (a) => ({
        logits: weightedCrossEntropyReference(c.shape, a.logits, a.label, a.weight).gradient,
      }),
    }),
  };
}

test("weighted-cross-entropy equals the reference for 2 and 5 classes", async () => {
  await checkOp(caseOf({ shape: [1, 2, 1, 1] }));
  await checkOp(caseOf({ shape: [2, 2, 5, 7] }));
  await checkOp(caseOf({ shape: [2, 5, 3, 37] }));
  await checkOp(caseOf({ shape: [1, 2, 4, 32] }));
});

test("weighted-cross-entropy equals the reference at the size of a U-Net's output", async () => {
  await checkOp(caseOf({ shape: [2, 2, 100, 100], closed: true }));
  await checkOp(caseOf({ shape: [1, 5, 196, 196], closed: true }));
});

test("weighted-cross-entropy leaves pixels of weight 0 out", async () => {
  const shape = [2, 3, 5, 9];
  const pixels = 2 * 5 * 9;
  const weight = noise(pixels, 4).map((value) => Math.max(0, value));
  const label = noise(pixels, 5).map((value, i) =>
    weight[i] === 0 ? 255 : Math.floor(((value + 1) / 2) * 3),
  );
  assert.ok(weight.some((value) => value === 0) && weight.some((value) => value > 0));
  await checkOp(caseOf({ shape, weight, label }));
  const logits = noise(elementCount(shape), 6).map((value, i) => {
    const pixel = Math.floor(i / (3 * 45)) * 45 + (i % 45);
    return weight[pixel] === 0 ? [1e38, -1e38, Number.NaN, Infinity][i % 4] : value;
  });
  await checkOp(caseOf({ shape, weight, label, logits, closed: true }));
});

test("weighted-cross-entropy is 0, and so is its gradient, if every weight is 0", async () => {
  const shape = [2, 2, 3, 5];
  const weight = new Float32Array(30);
  await checkOp(caseOf({ shape, weight, label: weight.map(() => 255), closed: true }));
});

test("weighted-cross-entropy stays finite and right for logits of 1e4", async () => {
  const shape = [1, 5, 3, 7];
  const logits = noise(elementCount(shape), 8).map((value) => 1e4 * Math.round(value));
  const { loss } = weightedCrossEntropyReference(
    shape,
    logits,
    new Float32Array(21),
    new Float32Array(21).fill(1),
  );
  assert.ok(loss > 1e3); // some pixels are wrong by 1e4 or 2e4
  await checkOp(caseOf({ shape, logits, closed: true }));
  const two = [1, 2, 2, 2];
  const large = [1e4, -1e4, 1e4, -1e4, -1e4, 1e4, 1e4, -1e4];
  for (const label of [
    [0, 1, 0, 1],
    [1, 0, 1, 0],
  ]) {
    await checkOp(caseOf({ shape: two, logits: large, label, weight: [1, 2, 3, 4], closed: true }));
  }
});

test("weighted-cross-entropy divides by the pixels that count", async () => {
  const testCase = caseOf({
    shape: [1, 2, 1, 4],
    logits: [0, 0, 0, 0, 0, 0, 0, 0],
    label: [0, 1, 0, 255],
    weight: [3, 1, 2, 0],
  });
  await checkOp({ ...testCase, reference: () => [(6 * Math.log(2)) / 3], referenceGradients });
  function referenceGradients() {
    return { logits: [-0.5, 1 / 6, -1 / 3, 0, 0.5, -1 / 6, 1 / 3, 0] };
  }
});

test("weighted-cross-entropy can be a part of a loss: a factor and sums reach its gradient", async () => {
  const one = caseOf({ shape: [1, 2, 3, 5] });
  await checkOp({
    ...one,
    name: "weighted-cross-entropy in a sum",
    build: (t) => {
      const loss = weightedCrossEntropy(t.logits, t.label, t.weight);
      return add(scale(loss, -0.25), scale(weightedCrossEntropy(t.logits, t.label, t.weight), 1.5));
    },
    reference: (a) => [1.25 * one.reference(a)[0]],
  });
});

test("weighted-cross-entropy names the shapes that do not fit", () => {
  const logits = input("logits", [2, 3, 5, 7]);
  const map = input("map", [2, 1, 5, 7]);
  assert.is(
    messageOf(() => weightedCrossEntropy(logits, input("label", [2, 1, 5, 8]), map)),
    "weighted-cross-entropy: label must be an image [2,1,5,7] for logits [2,3,5,7], got [2,1,5,8]",
  );
  assert.is(
    messageOf(() => weightedCrossEntropy(logits, map, input("weight", [2, 3, 5, 7]))),
    "weighted-cross-entropy: weight must be an image [2,1,5,7] for logits [2,3,5,7], got [2,3,5,7]",
  );
  assert.is(
    messageOf(() => weightedCrossEntropy(map, map, map)),
    "weighted-cross-entropy: at least 2 classes are needed, got 1",
  );
  assert.is(
    messageOf(() => weightedCrossEntropy(input("logits", [4]), map, map)),
    "weighted-cross-entropy: logits must be an image tensor [N,C,H,W], got a dense [4]",
  );
});

test.run();
