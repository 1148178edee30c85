import { test } from "uvu";
import * as assert from "uvu/assert";
import { input, type Tensor } from "../../../src/graph/tensor.js";
import { seenRows } from "../../../src/model/receptive-field.js";
import {
  batchToSpace,
  concat,
  convParameters,
  defineArchitecture,
  depthToSpace,
  flip,
  maxPool2d,
  pad,
  permute,
  reshape,
  resize,
  slice,
  spaceToBatch,
  spaceToDepth,
  tile,
  transpose,
} from "../../../src/operations.js";
import { messageOf } from "../../errors.js";

const x = input("x", [1, 4, 12, 12]);

/** The rows of x that the first rows of y depend on. */
function seen(y: Tensor, rows: number) {
  const margin = (12 - y.shape[2]) / 2;
  return seenRows(x, y, rows).map(([first, last], row) => [
    first + row + margin,
    last + row + margin,
  ]);
}

test("what moves rows by a fixed number tells the rows that a row depends on", () => {
  assert.equal(seen(pad(x, 2, { mode: "reflect" }), 2), [
    [-2, -2],
    [-1, -1],
  ]);
  assert.equal(seen(slice(x, { starts: [3, 3], axes: [2, 3], steps: [2, 2] }), 2), [
    [3, 3],
    [5, 5],
  ]);
  // Columns see one further than rows: a model is the same for both, so that is what counts.
  assert.equal(seen(pad(x, [0, 1, 0, 0]), 1), [[-1, 0]]);
  assert.equal(seen(spaceToDepth(x, 3), 2), [
    [0, 2],
    [3, 5],
  ]);
  assert.equal(seen(depthToSpace(x, 2), 4), [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  assert.equal(seen(spaceToBatch(x, 2), 2), [
    [0, 1],
    [2, 3],
  ]);
  assert.equal(seen(concat([x, x, x]), 2), [
    [0, 0],
    [1, 1],
  ]);
  assert.equal(seen(permute(x, [1, 0, 2, 3]), 1), [[0, 0]]);
  assert.equal(seen(reshape(x, [2, 2, 12, 12]), 2), [
    [0, 0],
    [1, 1],
  ]);
  const padded = pad(batchToSpace(spaceToBatch(x, 2), 2), 1);
  assert.equal(seen(padded, 2), [
    [-2, -1],
    [0, 1],
  ]);
});

test("what lets a row depend on any other says so", () => {
  const all = "may depend on the whole image";
  assert.match(
    messageOf(() => seen(flip(x, [2]), 1)),
    all,
  );
  assert.match(
    messageOf(() => seen(transpose(x), 1)),
    all,
  );
  assert.match(
    messageOf(() => seen(tile(x, [1, 1, 2, 2]), 1)),
    all,
  );
  assert.match(
    messageOf(() => seen(reshape(x, [1, 1, 24, 24]), 1)),
    all,
  );
  assert.match(
    messageOf(() => seen(concat([x, x], 3), 1)),
    "no place in each of them",
  );
});

test("halo and grid step of a model with strided pooling and resize follow from its graph", () => {
  const net = defineArchitecture({
    name: "test.resized",
    fields: {},
    gridStep: () => 4,
    parameters: ({ channels, classes }) => convParameters("head", 2 * channels, classes, 3),
    logits: (image, { conv }) => {
      const small = maxPool2d(pad(image, 1, { mode: "reflect" }), { kernel: 3, stride: 2 });
      const large = resize(resize(small, { scale: 0.5, mode: "linear" }), {
        scale: 4,
        mode: "linear",
      });
      return conv(concat([image, large]), "head", { padding: "same" });
    },
  });
  const model = net.model({});
  assert.is(model.gridStep, 4);
  // Rows 0 to 5 interpolate with the first small row, which sees the padding; the convolution sees
  // one row more.
  assert.is(model.halo, 7);
});

test.run();
