import { test } from "uvu";
import * as assert from "uvu/assert";
import { input, type Layout, type Shape } from "../../../src/graph/tensor.js";
import { type PadMode, pad } from "../../../src/operations.js";
import { checkOp } from "../../check-op.js";
import { messageOf } from "../../errors.js";
import { takeCase } from "./take.js";

/** A walk from 0 that turns back at the ends, or stops, or begins again. */
function bordered(mode: PadMode, position: number, size: number): number | undefined {
  if (position >= 0 && position < size) return position;
  if (mode === "zero" || mode === "constant") return undefined;
  let at = 0;
  let direction = 1;
  const walk = Math.sign(position);
  if (mode === "edge" || mode === "replicate") return walk < 0 ? 0 : size - 1;
  if (mode === "wrap" || mode === "circular") {
    for (let i = 0; i !== position; i += walk) at = (at + walk + size) % size;
    return at;
  }
  for (let i = 0; i < Math.abs(position); i++) {
    if (size === 1) return 0;
    if (at + direction < 0 || at + direction >= size) direction = -direction;
    at += direction;
  }
  return at;
}

type Pairs = readonly (readonly [number, number])[];

function padCase(shape: Shape, layout: Layout, pairs: Pairs, mode: PadMode, value?: number) {
  const out = shape.map((size, axis) => pairs[axis][0] + size + pairs[axis][1]);
  const from = (place: readonly number[]) => {
    const found = place.map((p, axis) => bordered(mode, p - pairs[axis][0], shape[axis]));
    return found.some((at) => at === undefined) ? undefined : (found as number[]);
  };
  const name = `pad ${mode} ${JSON.stringify(pairs)}`;
  return takeCase(name, shape, layout, (x) => pad(x, pairs, { mode, value }), out, from, value);
}

test("pad fills each side of images with every mode", async () => {
  const sides = [
    [0, 0],
    [0, 0],
    [1, 2],
    [3, 1],
  ] as const;
  for (const mode of ["zero", "edge", "reflect", "wrap"] as const) {
    await checkOp(padCase([1, 2, 3, 5], "image", sides, mode));
  }
  await checkOp(padCase([1, 2, 3, 5], "image", sides, "constant", 7));
  await checkOp(
    padCase(
      [2, 1, 3, 30],
      "image",
      [
        [0, 0],
        [0, 0],
        [0, 1],
        [2, 3],
      ],
      "reflect",
    ),
  );
});

test("pad repeats a small image as often as needed, and takes single pixels", async () => {
  const far = [
    [1, 0],
    [0, 2],
    [4, 5],
    [2, 7],
  ] as const;
  await checkOp(padCase([2, 1, 2, 3], "image", far, "reflect"));
  await checkOp(padCase([1, 2, 2, 3], "image", far, "wrap"));
  await checkOp(
    padCase(
      [1, 1, 1, 2],
      "image",
      [
        [0, 0],
        [0, 0],
        [2, 2],
        [1, 1],
      ],
      "reflect",
    ),
  );
});

test("pad takes dense tensors of any rank to 4, and cuts by negative numbers", async () => {
  await checkOp(padCase([7], "dense", [[2, 3]], "reflect"));
  await checkOp(
    padCase(
      [3, 5],
      "dense",
      [
        [1, 0],
        [-1, 2],
      ],
      "edge",
    ),
  );
  await checkOp(
    padCase(
      [2, 3, 2, 3],
      "dense",
      [
        [1, 1],
        [0, 1],
        [-1, 0],
        [2, 2],
      ],
      "zero",
    ),
  );
  await checkOp(
    padCase(
      [2, 3, 4, 6],
      "image",
      [
        [0, 0],
        [-1, 0],
        [2, -1],
        [-2, 3],
      ],
      "wrap",
    ),
  );
});

test("pad takes a number, four sides or a pair per axis", () => {
  const x = input("x", [1, 2, 5, 6]);
  assert.equal(pad(x, 1).shape, [1, 2, 7, 8]);
  assert.equal(pad(x, [1, 2, 3, 4]).shape, [1, 2, 9, 12]);
  assert.equal(
    pad(x, [
      [0, 1],
      [2, 0],
    ]).shape,
    [1, 2, 6, 8],
  );
  assert.is(pad(x, 0), x);
});

test("pad names what is wrong with its options", () => {
  const x = input("x", [1, 2, 5, 6]);
  assert.match(
    messageOf(() => pad(x, [1, 2] as never)),
    "a pair [before, after] per axis, got",
  );
  assert.match(
    messageOf(() => pad(x, 1, { mode: "mirror" as "edge" })),
    "reflect or wrap",
  );
  assert.match(
    messageOf(() => pad(x, 1, { mode: "edge", value: 2 })),
    'got 2 with "edge"',
  );
  assert.match(
    messageOf(() => pad(x, -3)),
    "nothing is left of [1,2,5,6]",
  );
});

test.run();
