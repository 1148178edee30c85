import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  normReference,
  statisticsReference,
} from "../../../src/check/references/norm-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { apply } from "../../../src/graph/op.js";
import { input, type Layout, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import {
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  normStatisticsOp,
} from "../../../src/ops/index.js";
import type { NormOptions } from "../../../src/ops/norm/norm.js";
import type { Sets } from "../../../src/ops/norm/norm-sets.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";

interface Case {
  readonly name: string;
  readonly shape: Shape;
  readonly layout?: Layout;
  readonly sets: Sets;
  readonly options?: NormOptions;
  /** Whether there are a gain and a bias, of this shape. */
  readonly affine?: Shape | undefined;
  build(x: Tensor, options: NormOptions): Tensor;
}

const SLOPES = { none: 1, relu: 0, leakyRelu: 0.2 } as const;

async function checkNorm({ name, shape, layout, sets, options = {}, affine, build }: Case) {
  const { activation = "none", epsilon } = options;
  const tensor = affine && {
    gain: { shape: affine, layout: "dense" },
    bias: { shape: affine, layout: "dense" },
  };
  await checkOp({
    name,
    inputs: { x: { shape, layout }, ...(tensor as object) },
    build: ({ x, gain, bias }) => build(x, { ...options, gain, bias, slope: 0.2 }),
    reference: ({ x, gain, bias }) =>
      normReference(x, sets, { gain, bias, epsilon, slope: SLOPES[activation] }),
    epsilon: 1e-6,
  });
}

test("batch, instance and group norm of images equal the reference, with their gradients", async () => {
  await checkNorm({
    name: "norm batch",
    shape: [2, 3, 5, 7],
    sets: { over: "batch", view: [2, 3, 35], groups: 1 },
    affine: [3],
    build: (x, options) => batchNorm(x, options).y,
  });
  await checkNorm({
    name: "norm instance",
    shape: [2, 3, 2, 37],
    sets: { over: "group", view: [2, 3, 74], groups: 3 },
    options: { activation: "leakyRelu", epsilon: 0.1 },
    build: instanceNorm,
  });
  await checkNorm({
    name: "norm group",
    shape: [2, 6, 3, 5],
    sets: { over: "group", view: [2, 6, 15], groups: 2 },
    options: { activation: "relu" },
    affine: [6],
    build: (x, options) => groupNorm(x, 2, options),
  });
});

test("layer norm over channels and over trailing axes, and norms of dense tensors, do too", async () => {
  await checkNorm({
    name: "norm layer of channels",
    shape: [2, 5, 3, 7],
    sets: { over: "channels", view: [2, 5, 21], groups: 1 },
    options: { activation: "leakyRelu" },
    affine: [5],
    build: (x, options) => layerNorm(x, undefined, options),
  });
  await checkNorm({
    name: "norm layer of channels, two blocks wide",
    shape: [1, 3, 2, 37],
    sets: { over: "channels", view: [1, 3, 74], groups: 1 },
    build: (x, options) => layerNorm(x, undefined, options),
  });
  await checkNorm({
    name: "norm layer of planes",
    shape: [2, 2, 3, 5],
    sets: { over: "channels", view: [4, 15, 1], groups: 1 },
    affine: [3, 5],
    build: (x, options) => layerNorm(x, [-1, 2], options),
  });
  await checkNorm({
    name: "norm layer of images",
    shape: [2, 2, 3, 5],
    sets: { over: "channels", view: [2, 30, 1], groups: 1 },
    options: { activation: "relu" },
    build: (x, options) => layerNorm(x, [1, 2, 3], options),
  });
  await checkNorm({
    name: "norm layer, dense",
    shape: [3, 2, 9],
    sets: { over: "channels", view: [6, 9, 1], groups: 1 },
    affine: [9],
    build: (x, options) => layerNorm(x, undefined, options),
  });
  await checkNorm({
    name: "norm batch, dense",
    shape: [5, 3],
    sets: { over: "batch", view: [5, 3, 1], groups: 1 },
    affine: [3],
    build: (x, options) => batchNorm(x, options).y,
  });
  await checkNorm({
    name: "norm group, dense",
    shape: [2, 4, 3, 5],
    layout: "dense",
    sets: { over: "group", view: [2, 4, 15], groups: 2 },
    build: (x, options) => groupNorm(x, 2, options),
  });
});

test("statistics keep their digits where the mean is a thousand times the deviation", async () => {
  const device = await testDevice();
  const shape = [2, 9, 19, 45];
  const x = input("x", shape);
  // The first pixel is far from all others, so that it does not help to subtract it.
  const values = noise(2 * 9 * 19 * 45, 5).map((value, i) => (i === 0 ? -5e3 : 1000 + value));
  for (const over of ["batch", "group"] as const) {
    const sets: Sets = { over, view: [2, 9, 19 * 45], groups: 3 };
    const [stats, mean, variance] = apply(normStatisticsOp, [x], { ...sets, epsilon: 0 });
    const outputs = [stats, mean, variance];
    const plan = await compilePlan(device, { name: "statistics", outputs });
    plan.run({ x: values });
    const expected = statisticsReference(values, sets);
    assert.ok(relativeError(await plan.read(mean), expected.mean) < 3e-7);
    const unbiased = expected.variance.map(
      (v, i) => (v * expected.number[i]) / (expected.number[i] - 1),
    );
    const found = await plan.read(variance);
    for (const [i, value] of unbiased.entries()) {
      assert.ok(Math.abs(found[i] / value - 1) < 2e-5, `set ${i}: ${found[i]}, expected ${value}`);
    }
    const inverse = Float64Array.from(expected.variance, (v) => 1 / Math.sqrt(v));
    assert.ok(
      relativeError(
        (await plan.read(stats)).filter((_, i) => i % 2),
        inverse,
      ) < 1e-5,
    );
    plan.close();
  }
});

test("a norm that does not fit is an error with the shapes", () => {
  const x = input("x", [2, 6, 3, 5]);
  const of = (build: () => unknown) => messageOf(build);
  assert.is(
    of(() => groupNorm(x, 4)),
    "groupNorm: groups must be a whole number that divides the 6 channels of [2,6,3,5], got 4",
  );
  assert.is(
    of(() => instanceNorm(x, { gain: input("gain", [5]) })),
    "instanceNorm: gain must be a dense [6], got dense [5]",
  );
  assert.is(
    of(() => layerNorm(x, [1, 3])),
    "layerNorm: axes must be neighbouring axes of [2,6,3,5], such as [-1], got [1,3]",
  );
  assert.is(
    of(() => layerNorm(x, [2, 3], { bias: input("bias", [15]) })),
    "layerNorm: bias must be a dense [3,5], got dense [15]",
  );
  assert.match(
    of(() => instanceNorm(input("x", [2, 6, 1, 1]))),
    "instanceNorm: a channel of [2,6,1,1] is a single number",
  );
  assert.match(
    of(() => instanceNorm(x, { activation: "tanh" as never })),
    "instanceNorm: the activation must be none or relu or leakyRelu, got tanh",
  );
  assert.match(
    of(() => groupNorm(x, 2, { slop: 1 } as never)),
    "groupNorm has no option slop, did you mean slope?",
  );
  assert.match(
    of(() => instanceNorm(x, { epsilon: -1 })),
    "epsilon must be a number from 0, got -1",
  );
});

test.run();
