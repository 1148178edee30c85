import { test } from "uvu";
import * as assert from "uvu/assert";
import { placeIn } from "../../../src/arguments/numbers.js";
import { conv2dReference } from "../../../src/check/references/conv2d-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { elementCount, input, type Layout, type Shape } from "../../../src/graph/tensor.js";
import { relativeError, TOLERANCES } from "../../../src/graph/tolerances.js";
import { concat, conv2d, cropConcat, stack } from "../../../src/operations.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";
import { positionOf } from "./take.js";

function concatCase(
  shape: Shape,
  axis: number,
  sizes: readonly number[],
  layouts: readonly Layout[],
): OpCase {
  const shapes = sizes.map((size) => shape.map((other, i) => (i === axis ? size : other)));
  const out = shape.map((size, i) => (i === axis ? sizes.reduce((a, b) => a + b) : size));
  return {
    name: `concat ${layouts} ${sizes} on axis ${axis} of ${shape}`,
    inputs: Object.fromEntries(
      shapes.map((one, i) => [`p${i}`, { shape: one, layout: layouts[i] }]),
    ),
    build: (t) =>
      concat(
        shapes.map((_, i) => t[`p${i}`]),
        axis,
      ),
    reference: (t) =>
      Array.from({ length: elementCount(out) }, (_, position) => {
        const place = placeIn(out, position);
        let part = 0;
        while (place[axis] >= sizes[part]) place[axis] -= sizes[part++];
        return t[`p${part}`][positionOf(shapes[part], place)];
      }),
    tolerance: 0,
  };
}

test("concat joins images along any axis, also where parts share a group of pixels", async () => {
  const images = ["image", "image", "image"] as const;
  await checkOp(concatCase([2, 0, 3, 5], 1, [1, 3, 2], images));
  await checkOp(concatCase([1, 2, 3, 0], 3, [5, 1, 34], images));
  await checkOp(concatCase([1, 2, 0, 6], 2, [1, 3, 2], images));
  await checkOp(concatCase([0, 2, 3, 5], 0, [2, 1, 1], images));
});

test("concat joins dense tensors, and both layouts to an image", async () => {
  await checkOp(concatCase([3, 0], 1, [2, 5, 1], ["dense", "dense", "dense"]));
  await checkOp(concatCase([0], 0, [4, 3], ["dense", "dense"]));
  await checkOp(concatCase([1, 2, 3, 0], 3, [2, 7], ["dense", "image"]));
});

test("concat of two images along the channels is the pass of a skip connection", () => {
  const [a, b] = [input("a", [1, 2, 4, 4]), input("b", [1, 3, 4, 4])];
  assert.is(concat([a, b]).node?.op, cropConcat(a, b).node?.op);
  assert.is(concat([a]), a);
});

test("a convolution reads all parts of a concatenation", async () => {
  const [shape, weight] = [
    [1, 3, 5, 8],
    [2, 9, 3, 3],
  ];
  const given = { a: noise(120, 1), b: noise(120, 2), c: noise(120, 3), w: noise(162, 4) };
  const parts = ["a", "b", "c"].map((name) => input(name, shape));
  const y = conv2d(concat(parts), input("w", weight, "dense"));
  const plan = await compilePlan(await testDevice(), { name: "concat and conv2d", outputs: [y] });
  plan.run(given);
  const joined = Float64Array.of(...given.a, ...given.b, ...given.c);
  const expected = conv2dReference({ x: [1, 9, 5, 8], weight, border: 0 }, joined, given.w);
  assert.ok(relativeError(await plan.read(y), expected) < TOLERANCES.winograd);
  plan.close();
});

test("stack joins along a new axis", async () => {
  await checkOp({
    name: "stack",
    inputs: { a: { shape: [2, 3] }, b: { shape: [2, 3] } },
    build: ({ a, b }) => stack([a, b], -1),
    reference: ({ a, b }) => [...a].flatMap((value, i) => [value, b[i]]),
    tolerance: 0,
  });
});

test("concat names the parts that do not fit", () => {
  const [a, b] = [input("a", [1, 2, 4, 4]), input("b", [1, 3, 4, 5])];
  assert.match(
    messageOf(() => concat([a, b])),
    "except on axis 1, got [1,2,4,4] and [1,3,4,5]",
  );
  assert.match(
    messageOf(() => concat([])),
    "a list of at least one tensor, got",
  );
  assert.match(
    messageOf(() => stack([a, b])),
    "one shape, got [1,2,4,4] and [1,3,4,5]",
  );
});

test.run();
