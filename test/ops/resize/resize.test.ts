import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import { seenRows } from "../../../src/model/receptive-field.js";
import { type ResizeOptions, resize } from "../../../src/operations.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";

/** The position in the input of pixel i, by the rule's formula. */
function position(i: number, size: number, count: number, options: ResizeOptions): number {
  const { mode = "nearest", alignCorners, coordinates } = options;
  const rule =
    coordinates ??
    (alignCorners ? "align-corners" : mode === "nearest" ? "asymmetric" : "half-pixel");
  const whole = coordinates && typeof options.scale === "number" ? size * options.scale : count;
  if (rule === "align-corners") return count === 1 ? 0 : (i * (size - 1)) / (whole - 1);
  const scale = typeof options.scale === "number" ? options.scale : count / size;
  return rule === "asymmetric" ? i / scale : (i + 0.5) / scale - 0.5;
}

/** Pixels and weights of pixel i. */
function taps(i: number, size: number, count: number, options: ResizeOptions): [number, number][] {
  const at = position(i, size, count, options);
  const inside = (pixel: number) => Math.min(size - 1, Math.max(0, pixel));
  if (options.mode === "linear") {
    const first = Math.floor(at);
    return [
      [inside(first), 1 - (at - first)],
      [inside(first + 1), at - first],
    ];
  }
  const { rounding = "floor" } = options;
  if (rounding === "floor") return [[inside(Math.floor(at)), 1]];
  if (rounding === "ceil") return [[inside(Math.ceil(at)), 1]];
  const isTie = at - Math.floor(at) === 0.5;
  const up = isTie ? rounding === "round-prefer-ceil" : at - Math.floor(at) > 0.5;
  return [[inside(Math.floor(at) + (up ? 1 : 0)), 1]];
}

function resizeCase(
  [n, c, h, w]: Shape,
  [height, width]: readonly number[],
  options: ResizeOptions,
): OpCase {
  return {
    name: `resize ${[n, c, h, w]} ${JSON.stringify(options)}`,
    inputs: { x: { shape: [n, c, h, w] } },
    build: ({ x }) => resize(x, options),
    reference: ({ x }) => {
      const y: number[] = [];
      for (let plane = 0; plane < n * c; plane++)
        for (let i = 0; i < height; i++)
          for (let j = 0; j < width; j++) {
            let sum = 0;
            for (const [a, wa] of taps(i, h, height, options))
              for (const [b, wb] of taps(j, w, width, options))
                sum += wa * wb * x[(plane * h + a) * w + b];
            y.push(sum);
          }
      return y;
    },
  };
}

test("resize takes the nearest pixels, up and down", async () => {
  await checkOp(resizeCase([2, 2, 3, 5], [6, 10], { scale: 2 }));
  await checkOp(resizeCase([1, 3, 4, 37], [8, 74], { scale: 2 }));
  await checkOp(resizeCase([1, 2, 7, 9], [3, 4], { size: [3, 4] }));
  await checkOp(resizeCase([1, 1, 5, 4], [7, 9], { size: [7, 9] }));
  await checkOp(
    resizeCase([1, 1, 4, 6], [6, 9], {
      scale: 1.5,
      coordinates: "half-pixel",
      rounding: "round-prefer-ceil",
    }),
  );
  await checkOp(
    resizeCase([1, 1, 4, 6], [2, 3], {
      scale: 0.5,
      coordinates: "half-pixel",
      rounding: "round-prefer-floor",
    }),
  );
  await checkOp(resizeCase([1, 1, 4, 5], [6, 8], { scale: 1.6, rounding: "ceil" }));
});

test("resize interpolates by both rules of corners, up and down", async () => {
  await checkOp(resizeCase([2, 2, 3, 5], [6, 10], { scale: 2, mode: "linear" }));
  await checkOp(resizeCase([1, 1, 1, 1], [2, 2], { scale: 2, mode: "linear" }));
  await checkOp(resizeCase([1, 2, 2, 36], [4, 72], { scale: 2, mode: "linear" }));
  await checkOp(
    resizeCase([1, 2, 3, 5], [6, 10], { scale: 2, mode: "linear", alignCorners: true }),
  );
  await checkOp(resizeCase([1, 3, 9, 34], [4, 7], { size: [4, 7], mode: "linear" }));
  await checkOp(
    resizeCase([1, 2, 9, 7], [1, 3], { size: [1, 3], mode: "linear", alignCorners: true }),
  );
  const corners = { mode: "linear", coordinates: "align-corners" } as const;
  await checkOp(resizeCase([1, 1, 4, 6], [2, 3], { scale: 0.6, ...corners }));
  await checkOp(resizeCase([1, 1, 1, 1], [3, 5], { size: [3, 5], mode: "linear" }));
  await checkOp(
    resizeCase([1, 1, 3, 4], [9, 10], { size: [9, 10], mode: "linear", coordinates: "asymmetric" }),
  );
});

test("resize tells the rows that a row depends on", () => {
  const x = input("x", [1, 1, 8, 8]);
  const seen = (options: ResizeOptions, rows: number) => {
    const y = resize(x, options);
    return seenRows(x, y, rows).map(([first, last], row) => {
      const own = row + (8 - y.shape[2]) / 2;
      return [first + own, last + own];
    });
  };
  assert.equal(seen({ scale: 2 }, 4), [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  assert.equal(seen({ scale: 2, mode: "linear" }, 4), [
    [-1, 0],
    [0, 1],
    [0, 1],
    [1, 2],
  ]);
  assert.equal(seen({ scale: 0.5, mode: "linear" }, 2), [
    [0, 1],
    [2, 3],
  ]);
  assert.match(
    messageOf(() => seen({ scale: 2, mode: "linear", alignCorners: true }, 1)),
    "with alignCorners, a pixel depends on the size of the whole image",
  );
});

test("resize names what is wrong with its options", () => {
  const x = input("x", [1, 2, 4, 4]);
  assert.match(
    messageOf(() => resize(x, {})),
    "give either size or scale",
  );
  assert.match(
    messageOf(() => resize(x, { size: 8, scale: 2 })),
    "give either size or scale",
  );
  assert.match(
    messageOf(() => resize(x, { scale: 0.1 })),
    "scale 0.1 gives [1,2,4,4] a side of 0",
  );
  assert.match(
    messageOf(() => resize(x, { size: [8, 2.5] })),
    "a side of 2.5",
  );
  assert.match(
    messageOf(() => resize(x, { scale: 2, mode: "cubic" as "linear" })),
    "nearest or linear, got cubic",
  );
  assert.match(
    messageOf(() => resize(x, { scale: 2, align: true } as never)),
    "did you mean alignCorners",
  );
  assert.match(
    messageOf(() => resize(x, { scale: 2, alignCorners: true, coordinates: "asymmetric" })),
    "excludes the coordinates asymmetric",
  );
});

test("a factor by which a side keeps or doubles its pixels gives PyTorch's: those of the sizes", async () => {
  const x = input("x", [1, 1, 4, 9]);
  const kept = resize(x, { scale: 1.1, mode: "linear" });
  const doubled = resize(x, { scale: [2.1, 2.05] });
  const likeONNX = resize(x, { scale: 1.1, mode: "linear", coordinates: "half-pixel" });
  using plan = await compilePlan(await testDevice(), {
    name: "resize",
    outputs: [kept, doubled, likeONNX],
  });
  const values = Array.from({ length: 36 }, (_, i) => i % 7);
  plan.run({ x: values });
  assert.equal([...(await plan.read(kept))], values);
  const pixel = (i: number) => values[(Math.floor(i / 18) >> 1) * 9 + ((i % 18) >> 1)];
  const expected = Array.from({ length: 144 }, (_, i) => pixel(i));
  assert.equal([...(await plan.read(doubled))], expected);
  assert.not.equal([...(await plan.read(likeONNX))], values);
});

test.run();
