import { test } from "uvu";
import * as assert from "uvu/assert";
import * as ops from "../../src/operations.js";
import { messageOf } from "../errors.js";

const image = (...shape: number[]) => ops.input("image", shape);
const dense = (...shape: number[]) => ops.input("dense", shape, "dense");
const x = image(2, 4, 6, 5);
const rows = dense(3, 4);

/** Calls that do not fit, by op, and what their errors must say besides its name. */
const REFUSED: readonly (readonly [op: string, call: () => unknown, said: string])[] = [
  ["conv2d", () => ops.conv2d(x, dense(8, 3, 3, 3)), "[2,4,6,5], weight [8,3,3,3]"],
  ["conv2d", () => ops.conv2d(x, dense(8, 4, 3)), "rank 4, got dense [8,4,3]"],
  ["conv2d", () => ops.conv2d(x, dense(8, 2, 3, 3), undefined, { groups: 3 }), "got 3"],
  ["conv2d", () => ops.conv2d(x, dense(8, 4, 8, 8)), "8x8 with dilation 1,1 does not fit into 6x5"],
  [
    "conv2d",
    () => ops.conv2d(x, dense(8, 4, 3, 3), dense(7), { stride: 2 }),
    "dense [8], got dense [7]",
  ],
  [
    "convTranspose2d",
    () => ops.convTranspose2d(x, dense(3, 4, 2, 2), undefined, { stride: 2 }),
    "weight [3,4,2,2]",
  ],
  ["convTranspose2d", () => ops.convTranspose2d(x, dense(4, 4, 3)), "got dense [4,4,3]"],
  [
    "convTranspose2d",
    () => ops.convTranspose2d(x, dense(4, 4, 3, 3), undefined, { padding: 9 }),
    "9,9 leaves nothing of [2,4,6,5]",
  ],
  ["maxPool2d", () => ops.maxPool2d(x, { kernel: 9 }), "do not fit [2,4,6,5]"],
  ["avgPool2d", () => ops.avgPool2d(rows, { kernel: 2 }), "got a dense [3,4]"],
  ["globalAvgPool2d", () => ops.globalAvgPool2d(rows), "got a dense [3,4]"],
  ["resize", () => ops.resize(x, { scale: 0.01 }), "[2,4,6,5] a side of 0"],
  [
    "pad",
    () => ops.pad(x, [1, 2] as never),
    "[2,4,6,5] must be a whole number, [top, left, bottom, right], or a pair [before, after] per axis, got [1,2]",
  ],
  ["pad", () => ops.pad(x, -3), "nothing is left of [2,4,6,5]"],
  ["slice", () => ops.slice(x, { starts: [9] }), "nothing on axis 0 of [2,4,6,5]"],
  ["flip", () => ops.flip(x, [4]), "[2,4,6,5] has the axes -4 to 3, got 4"],
  ["transpose", () => ops.transpose(rows, 0, 2), "[3,4] has the axes -2 to 1, got 2"],
  ["reshape", () => ops.reshape(x, [7, 7]), "[2,4,6,5] has 240 elements, which do not fill [7,7]"],
  ["expand", () => ops.expand(x, [2, 4, 6, 6]), "[2,4,6,5] does not broadcast to [2,4,6,6]"],
  ["tile", () => ops.tile(x, [0, 1, 1, 1]), "each axis of [2,4,6,5], got [0,1,1,1]"],
  ["concat", () => ops.concat([x, image(2, 4, 5, 5)]), "got [2,4,6,5] and [2,4,5,5]"],
  ["stack", () => ops.stack([rows, dense(4, 3)]), "got [3,4] and [4,3]"],
  [
    "split",
    () => ops.split(x, [1, 2], 1),
    "axis 1 of [2,4,6,5], or a number that divides it, got [1,2]",
  ],
  ["pixelUnshuffle", () => ops.pixelUnshuffle(x, 4), "[2,4,6,5] must hold whole blocks of 4 x 4"],
  [
    "pixelShuffle",
    () => ops.pixelShuffle(x, 3),
    "[2,4,6,5] has 4 channels, expected a multiple of 9",
  ],
  ["add", () => ops.add(x, rows), "a [2,4,6,5], b [3,4]"],
  ["where", () => ops.where(rows, rows, dense(5)), "condition [3,4], a [3,4], b [5]"],
  ["sum", () => ops.sum(x, { axes: 4 }), "[2,4,6,5] has the axes -4 to 3, got 4"],
  ["mean", () => ops.mean(x, { axes: [] }), "an axis or a list of axes, got []"],
  ["softmax", () => ops.softmax(rows, { axis: 2 }), "[3,4] has the axes -2 to 1, got 2"],
  ["batchNorm", () => ops.batchNorm(x, { gain: dense(3) }), "dense [4], got dense [3]"],
  ["instanceNorm", () => ops.instanceNorm(image(1, 3, 1, 1)), "[1,3,1,1] is a single number"],
  ["groupNorm", () => ops.groupNorm(x, 3), "the 4 channels of [2,4,6,5], got 3"],
  ["layerNorm", () => ops.layerNorm(x, [1, 3]), "[2,4,6,5], such as [-1], got [1,3]"],
  ["matmul", () => ops.matmul(rows, rows), "a has 4 columns but b has 3 rows (a [3,4], b [3,4])"],
  ["linear", () => ops.linear(rows, dense(5, 3)), "the input [3,4], got [5,3]"],
  [
    "crossEntropy",
    () => ops.crossEntropy(x, image(2, 1, 5, 5)),
    "[2,1,6,5] or probabilities [2,4,6,5], got image [2,1,5,5]",
  ],
  ["mseLoss", () => ops.mseLoss(x, image(2, 4, 6, 6)), "[2,4,6,5] as image, got image [2,4,6,6]"],
  ["dice", () => ops.dice(x, rows), "[2,4,6,5] as image, got dense [3,4]"],
  ["oneHot", () => ops.oneHot(x, 3), "[N,1,H,W], got [2,4,6,5]"],
];

test("shapes that do not fit are errors with the op, the shapes and what was expected", () => {
  for (const [op, call, said] of REFUSED) {
    const message = messageOf(call);
    assert.ok(
      message.startsWith(`${op}: `) && message.includes(said),
      `${op}, ${said}: ${message}`,
    );
  }
});

test.run();
