import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { byteCount } from "../../../src/graph/layout.js";
import { elementCount, input, type Shape } from "../../../src/graph/tensor.js";
import { TOLERANCES } from "../../../src/graph/tolerances.js";
import { halves } from "../../../src/ops/elementwise/cast.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";

const around = (x: Parameters<typeof halves.narrow>[0]) => halves.widen(halves.narrow(x, "n"), "w");
const SHAPES: readonly Shape[] = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [1, 2, 3, 37],
  [2, 5, 4, 64],
];

test("narrow and widen keep ten bits of each value, at odd sizes and large ones", async () => {
  for (const shape of SHAPES) {
    const values = noise(elementCount(shape), 3).map((value, i) => value * 10 ** ((i % 7) - 3));
    await checkOp({
      name: `narrow and widen ${shape}`,
      inputs: { x: { shape, values, differentiable: false } },
      build: ({ x }) => around(x),
      reference: ({ x }) => x,
      tolerance: TOLERANCES.f16,
    });
  }
});

test("a narrow tensor takes half of the bytes, and cannot be read before it is widened", async () => {
  const x = input("x", [2, 3, 5, 37]);
  const y = halves.narrow(x, "small");
  assert.is(byteCount(y), byteCount(x) / 2);
  const plan = await compilePlan(await testDevice(), { name: "narrow", outputs: [y] });
  const reading = await plan.read(y).catch((error: Error) => error.message);
  assert.is(reading, "small is stored as f16: widen it before reading it");
  plan.close();
});

test("what 16 bits cannot hold becomes infinite, whatever the adapter makes of it", async () => {
  const given = [65504, -65504, 65505, -70000, 1e30, Infinity, -Infinity, Number.NaN, 0, 2 ** -14];
  const x = input("x", [1, 1, 1, given.length]);
  const y = around(x);
  const plan = await compilePlan(await testDevice(), { name: "overflow", outputs: [y] });
  plan.run({ x: given });
  const values = [...(await plan.read(y))];
  plan.close();
  assert.equal(values.slice(0, 2), [65504, -65504]);
  assert.equal(values.slice(2, 8), new Array(6).fill(Infinity));
  assert.equal(values.slice(8), [0, 2 ** -14]);
});

test("narrow and widen accept only images", () => {
  const dense = input("x", [4]);
  assert.match(
    messageOf(() => halves.narrow(dense, "n")),
    /narrow: input must be an image tensor/,
  );
  assert.match(
    messageOf(() => halves.widen(dense, "w")),
    /widen: input must be an image tensor/,
  );
});

test.run();
