import { test } from "uvu";
import * as assert from "uvu/assert";
import { elementCount, input, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import { seenRows } from "../../../src/model/receptive-field.js";
import {
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  type MaxPool2dOptions,
  maxPool2d,
} from "../../../src/operations.js";
import { maxPool2dOp } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

/** The pixels of each window along an axis; -1 is a pixel of the padding. */
type Axis = readonly (readonly number[])[];

interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation?: number;
  readonly before?: number;
  readonly after?: number;
  readonly count: number;
}

/** Windows as the pixels that they hold, without those past the padding. */
const axisOf = (
  size: number,
  { kernel, stride, dilation = 1, before = 0, after = 0, count }: Windows,
): Axis =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: kernel }, (_, t) => i * stride - before + t * dilation)
      .filter((pixel) => pixel < size + after)
      .map((pixel) => (pixel >= 0 && pixel < size ? pixel : -1)),
  );

const adaptiveAxis = (size: number, count: number): Axis =>
  Array.from({ length: count }, (_, i) => {
    const first = Math.floor((i * size) / count);
    const end = Math.ceil(((i + 1) * size) / count);
    return Array.from({ length: end - first }, (_, t) => first + t);
  });

/** Calls `reduce` with the values of each window, in row order; those of the padding are undefined. */
function pooled(
  x: ArrayLike<number>,
  [n, c, h, w]: Shape,
  rows: Axis,
  columns: Axis,
  reduce: (values: readonly (number | undefined)[]) => number,
): number[] {
  return Array.from({ length: n * c }, (_, plane) =>
    rows.flatMap((as) =>
      columns.map((bs) =>
        reduce(
          as.flatMap((a) =>
            bs.map((b) => (a < 0 || b < 0 ? undefined : x[(plane * h + a) * w + b])),
          ),
        ),
      ),
    ),
  ).flat();
}

const largest = (values: readonly (number | undefined)[]) =>
  Math.max(...values.map((value) => value ?? -Infinity));
const sum = (values: readonly (number | undefined)[]) =>
  values.reduce((total: number, value) => total + (value ?? 0), 0);
const meanOfAll = (values: readonly (number | undefined)[]) => sum(values) / values.length;
const meanOfImage = (values: readonly (number | undefined)[]) =>
  sum(values) / values.filter((value) => value !== undefined).length;

function poolCase(
  name: string,
  shape: Shape,
  build: (x: Tensor) => Tensor,
  rows: Axis,
  columns: Axis,
  reduce: typeof sum,
): OpCase {
  // Distinct values, so that central differences do not cross a change of the largest.
  const count = elementCount(shape);
  const values = Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1009) / 100 - 5);
  return {
    name: `pool2d ${name} ${shape}`,
    inputs: { x: { shape, values } },
    build: ({ x }) => build(x),
    reference: ({ x }) => pooled(x, shape, rows, columns, reduce),
  };
}

const maxCase = (shape: Shape, options: MaxPool2dOptions, rows: Windows, columns: Windows) =>
  poolCase(
    `max ${JSON.stringify(options)}`,
    shape,
    (x) => maxPool2d(x, options),
    axisOf(shape[2], rows),
    axisOf(shape[3], columns),
    largest,
  );

test("maxPool2d takes windows of any size, stride, dilation and padding", async () => {
  const three = { kernel: 3, stride: 2, before: 1, after: 1 };
  await checkOp(
    maxCase(
      [2, 2, 7, 8],
      { kernel: 3, stride: 2, padding: 1 },
      { ...three, count: 4 },
      { ...three, count: 4 },
    ),
  );
  await checkOp(
    maxCase(
      [1, 2, 5, 35],
      { kernel: [2, 3], stride: 1 },
      { kernel: 2, stride: 1, count: 4 },
      { kernel: 3, stride: 1, count: 33 },
    ),
  );
  await checkOp(
    maxCase(
      [1, 1, 7, 9],
      { kernel: 3, stride: [1, 2], dilation: 2, padding: [1, 0, 0, 2] },
      { kernel: 3, stride: 1, dilation: 2, before: 1, count: 4 },
      { kernel: 3, stride: 2, dilation: 2, after: 2, count: 4 },
    ),
  );
  await checkOp(
    maxCase(
      [1, 3, 5, 6],
      { kernel: 2, ceilMode: true },
      { kernel: 2, stride: 2, count: 3 },
      { kernel: 2, stride: 2, count: 3 },
    ),
  );
});

const avgCase = (
  shape: Shape,
  options: AvgPool2dOptions,
  rows: Windows,
  columns: Windows,
  reduce: typeof sum,
) =>
  poolCase(
    `mean ${JSON.stringify(options)}`,
    shape,
    (x) => avgPool2d(x, options),
    axisOf(shape[2], rows),
    axisOf(shape[3], columns),
    reduce,
  );

test("avgPool2d counts the padding or not", async () => {
  const windows = { kernel: 3, stride: 2, before: 1, after: 1, count: 4 };
  const options = { kernel: 3, stride: 2, padding: 1 };
  await checkOp(avgCase([2, 2, 7, 8], options, windows, windows, meanOfAll));
  await checkOp(
    avgCase([2, 2, 7, 8], { ...options, countIncludePad: false }, windows, windows, meanOfImage),
  );
  // The last window extends past the padding: what is past it never counts.
  const last = { ...windows, count: 5 };
  await checkOp(avgCase([1, 1, 7, 8], { ...options, ceilMode: true }, windows, last, meanOfAll));
  await checkOp(
    avgCase(
      [1, 3, 6, 38],
      { kernel: 2 },
      { kernel: 2, stride: 2, count: 3 },
      { kernel: 2, stride: 2, count: 19 },
      meanOfAll,
    ),
  );
});

test("global and adaptive poolings divide the whole image", async () => {
  const shape = [2, 3, 5, 7];
  const one = (size: number) => adaptiveAxis(size, 1);
  await checkOp(
    poolCase("global mean", shape, (x) => globalAvgPool2d(x), one(5), one(7), meanOfAll),
  );
  await checkOp(poolCase("global max", shape, (x) => globalMaxPool2d(x), one(5), one(7), largest));
  await checkOp(
    poolCase(
      "adaptive mean",
      shape,
      (x) => adaptiveAvgPool2d(x, [2, 3]),
      adaptiveAxis(5, 2),
      adaptiveAxis(7, 3),
      meanOfAll,
    ),
  );
  await checkOp(
    poolCase(
      "adaptive max",
      shape,
      (x) => adaptiveMaxPool2d(x, [3, 4]),
      adaptiveAxis(5, 3),
      adaptiveAxis(7, 4),
      largest,
    ),
  );
  await checkOp(
    poolCase(
      "adaptive mean",
      [1, 1, 2, 3],
      (x) => adaptiveAvgPool2d(x, 4),
      adaptiveAxis(2, 4),
      adaptiveAxis(3, 4),
      meanOfAll,
    ),
  );
});

test("of equal pixels, the first in row order gets the gradient", async () => {
  const shape = [1, 1, 3, 3];
  await checkOp({
    name: "pool2d of equal pixels",
    inputs: { x: { shape, values: [1, 2, 2, 2, 1, 2, 0, 2, 2] } },
    build: ({ x }) => maxPool2d(x, { kernel: 2, stride: 1 }),
    reference: () => [2, 2, 2, 2],
    referenceGradients: (_, dy) => ({ x: [0, dy[0] + dy[1], 0, dy[2], 0, dy[3], 0, 0, 0] }),
    tolerance: 0,
  });
});

test("2x2 windows without padding are the op of the U-Net", () => {
  const x = input("x", [1, 2, 7, 8]);
  for (const y of [maxPool2d(x), maxPool2d(x, "name"), maxPool2d(x, { kernel: 2, stride: 2 })]) {
    assert.is(y.node?.op, maxPool2dOp);
  }
  assert.equal(maxPool2d(x, { kernel: 2, ceilMode: true }).shape, [1, 2, 4, 4]);
  assert.equal(maxPool2d(x, { kernel: 3, stride: 2, padding: "same" }).shape, [1, 2, 4, 4]);
});

test("poolings tell the rows that a row depends on", () => {
  const x = input("x", [1, 1, 8, 8]);
  const y = maxPool2d(x, { kernel: 3, stride: 2, padding: 1 });
  assert.equal(
    seenRows(x, y, 2).map(([first, last], row) => [first + row + 2, last + row + 2]),
    [
      [-1, 1],
      [1, 3],
    ],
  );
  assert.match(
    messageOf(() => seenRows(x, globalAvgPool2d(x), 1)),
    "see the whole image",
  );
});

test("poolings name what is wrong with their options", () => {
  const x = input("x", [1, 2, 4, 4]);
  assert.match(
    messageOf(() => maxPool2d(x, { kernel: 5 })),
    "windows of 5 x 5 pixels",
  );
  assert.match(
    messageOf(() => maxPool2d(x, { kernel: 2, padding: 2 })),
    "each must hold a pixel",
  );
  assert.match(
    messageOf(() => avgPool2d(x, { kernel: 0 })),
    "kernel must be a whole number from 1",
  );
  assert.match(
    messageOf(() => avgPool2d(x, { kernel: 2, pad: 1 } as never)),
    "did you mean padding",
  );
  assert.match(
    messageOf(() => maxPool2d(input("v", [4, 4]), { kernel: 2 })),
    "must be an image tensor",
  );
});

test.run();
