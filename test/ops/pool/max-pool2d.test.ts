import { test } from "uvu";
import * as assert from "uvu/assert";
import { conv2dReference } from "../../../src/check/references/conv2d-reference.js";
import {
  cropConcatGradientReference,
  cropConcatReference,
} from "../../../src/check/references/crop-concat-reference.js";
import {
  maxPool2dGradientReference,
  maxPool2dReference,
} from "../../../src/check/references/max-pool2d-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { planDispatches } from "../../../src/gpu/planned-dispatches.js";
import { fuse } from "../../../src/graph/fuse.js";
import { elementCount, input, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import { nodesFor } from "../../../src/graph/walk.js";
import { unet } from "../../../src/model/unet.js";
import { conv2d, cropConcat, gradients, maxPool2d, relu } from "../../../src/ops/index.js";
import { predictionSpec } from "../../../src/predict/tile-graph.js";
import { checkOp, checkSample, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";

// The maximum is a copy: results are exact, and so is the reference gradient, at kinks too.
const caseOf = (shape: Shape, values?: ArrayLike<number>): OpCase => ({
  name: `max-pool2d ${shape}`,
  inputs: { x: { shape, values } },
  build: ({ x }) => maxPool2d(x),
  reference: ({ x }) => maxPool2dReference(shape, x),
  referenceGradients: ({ x }, dy) => ({ x: maxPool2dGradientReference(shape, x, dy) }),
  tolerance: 0,
});

test("max-pool2d equals the reference at even and odd sizes, forward and gradient", async () => {
  await checkOp(caseOf([2, 3, 6, 8]));
  await checkOp(caseOf([2, 3, 7, 9]));
  await checkOp(caseOf([1, 2, 2, 2]));
  await checkOp(caseOf([1, 2, 3, 2]));
  await checkOp(caseOf([2, 2, 5, 67]));
  await checkOp(caseOf([1, 3, 4, 66]));
});

test("max-pool2d equals the reference at the sizes of a U-Net's layers", async () => {
  await checkOp(caseOf([1, 16, 280, 280]));
  await checkOp(caseOf([2, 64, 28, 28]));
});

test("max-pool2d equals the reference if many pixels are equal", async () => {
  const shape = [2, 3, 9, 11];
  const few = noise(elementCount(shape), 5).map((value) => Math.round(value));
  await checkOp(caseOf(shape, few));
  await checkOp(caseOf(shape, new Float32Array(elementCount(shape))));
});

// Each row of windows holds one arrangement; the expected gradients are written out by hand.
test("max-pool2d gives the gradient to the first of equal pixels in row order", async () => {
  const device = await testDevice();
  const x = input("x", [1, 1, 2, 10]);
  const y = maxPool2d(x);
  const dy = input("dy", [1, 1, 1, 5]);
  const [dx] = gradients(y, [x], dy);
  assert.ok(dx);
  const plan = await compilePlan(device, { name: "ties", outputs: [y, dx] });
  plan.run({
    x: [7, 7, 1, 7, 1, 2, -3, -3, 0, -0, /**/ 7, 7, 7, 7, 4, 4, -3, -3, -0, 0],
    dy: [1, 2, 3, 4, 5],
  });
  assert.equal([...(await plan.read(y))], [7, 7, 4, -3, 0]);
  assert.equal(
    [...(await plan.read(dx))],
    [1, 0, 0, 2, 0, 0, 4, 0, 5, 0, /**/ 0, 0, 0, 0, 3, 0, 0, 0, 0, 0],
  );
  plan.close();
});

/** relu, then max-pool and a crop of what went in, side by side: the skip of a U-Net. */
const skipCase = (shape: Shape): OpCase => {
  const [n, c, h, w] = shape;
  const pooled = [n, c, h >> 1, w >> 1];
  const rectify = (x: Float64Array) => x.map((value) => Math.max(0, value));
  return {
    name: `relu, max-pool and skip ${shape}`,
    inputs: { x: { shape } },
    build: (t) => {
      const y = relu(t.x);
      return cropConcat(y, maxPool2d(y));
    },
    reference: ({ x }) => {
      const y = rectify(x);
      return cropConcatReference(shape, y, pooled, maxPool2dReference(shape, y));
    },
    referenceGradients: ({ x }, dz) => {
      const y = rectify(x);
      const { skip, x: dpooled } = cropConcatGradientReference(shape, pooled, dz);
      const scattered = maxPool2dGradientReference(shape, y, dpooled);
      return { x: scattered.map((value, i) => (y[i] > 0 ? value + skip[i] : 0)) };
    },
  };
};

test("the gradients of max-pooling, of a skip and of the ReLU before them are one pass", async () => {
  await checkOp(skipCase([2, 3, 6, 8]));
  await checkOp(skipCase([1, 2, 7, 9]));
  await checkOp(skipCase([2, 3, 5, 71]));
  await checkOp(skipCase([1, 16, 64, 64]));
  await checkOp(skipCase([2, 3, 9, 17])); // the skip begins at a whole group
  await checkOp(skipCase([1, 5, 6, 65]));
  const x = input("x", [1, 2, 8, 8]);
  const y = relu(x);
  const z = cropConcat(y, maxPool2d(y));
  const [dx] = gradients(z, [x], input("dz", z.shape));
  const nodes = fuse(nodesFor([dx as Tensor]), new Set([dx as Tensor]), {
    fusesReluMask: () => false,
  });
  assert.equal(
    nodes.map(({ op }) => op.name),
    ["relu", "crop2d", "max-pool2d-gradient"],
  );
});

/** A convolution with ReLU, and its pooling, alone or beside a crop of the convolution. */
const pooledConvolution = (border: number, shape: Shape, outs: number, skip = false): OpCase => {
  const [n, ins, h, w] = shape;
  const y = [n, outs, h + 2 * border - 2, w + 2 * border - 2];
  const pooled = [n, outs, y[2] >> 1, y[3] >> 1];
  const weight = [outs, ins, 3, 3];
  return {
    name: `conv2d ${shape} to ${outs}, border ${border}, and max-pool2d${skip ? ", skip" : ""}`,
    inputs: { x: { shape }, weight: { shape: weight, layout: "dense" } },
    build: (t) => {
      const options = { padding: border, activation: "relu" } as const;
      const convolved = conv2d(t.x, t.weight, undefined, options);
      const small = maxPool2d(convolved);
      return skip ? cropConcat(convolved, small) : small;
    },
    reference: (t) => {
      const convolved = conv2dReference({ x: shape, weight, border }, t.x, t.weight);
      const rectified = convolved.map((value) => Math.max(0, value));
      const small = maxPool2dReference(y, rectified);
      return skip ? cropConcatReference(y, rectified, pooled, small) : small;
    },
    epsilon: 1e-7, // away from the kinks of the activation and of the maximum
  };
};

test("a convolution pools its output, if it holds whole windows", async () => {
  await checkSample(
    pooledConvolution(0, [2, 3, 8, 18], 18, true),
    pooledConvolution(1, [1, 2, 6, 72], 5),
    pooledConvolution(0, [2, 1, 4, 10], 3, true),
    pooledConvolution(1, [1, 2, 4, 14], 2), // half of the last group is padding
    pooledConvolution(0, [1, 2, 6, 38], 17), // an odd number of groups: 9
    pooledConvolution(1, [2, 2, 5, 8], 2), // an odd height
    pooledConvolution(0, [1, 2, 6, 9], 2, true), // an odd width
  );
});

test("the convolutions before a pooling of a U-Net take it with them on a CPU of 8 or 16 lanes", () => {
  const capabilities = { kind: "cpu", lanes: 8, subgroups: true, textureSide: 8192 } as const;
  const model = unet({
    architecture: "unet",
    base: 16,
    depth: 4,
    channels: 1,
    classes: 2,
    dropout: 0,
  });
  const spec = predictionSpec(model, 284);
  const poolsOn = (workgroupSize: number) =>
    planDispatches({ capabilities: { ...capabilities, workgroupSize }, choices: new Map() }, spec)
      .filter(({ dispatch }) => dispatch.shader.name === "max-pool2d")
      .map(({ node }) => node.name);
  // That of 28 x 28 pixels holds seven groups of four.
  assert.equal(poolsOn(8), ["encoder4.pool"]);
  assert.equal(poolsOn(16), ["encoder4.pool"]);
  assert.is(poolsOn(32).length, 4);
});

test("max-pool2d gives the shape if no window fits, and refuses dense tensors", () => {
  assert.is(
    messageOf(() => maxPool2d(input("x", [1, 2, 1, 6]))),
    "max-pool2d: input must be at least 2x2, got [1,2,1,6]",
  );
  assert.is(
    messageOf(() => maxPool2d(input("x", [1, 2, 4, 6], "dense"))),
    "max-pool2d: input must be an image tensor [N,C,H,W], got a dense [1,2,4,6]",
  );
});

test.run();
