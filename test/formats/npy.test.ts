import { test } from "uvu";
import * as assert from "uvu/assert";
import { readNpy } from "../../src/formats/npy.js";
import { messageOf } from "../errors.js";

/** A file of version 1. */
function npy(type: string, shape: string, data: ArrayLike<number>, isFortran = false): Uint8Array {
  const order = isFortran ? "True" : "False";
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const start = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0];
  return Uint8Array.from([...start, ...new TextEncoder().encode(header), ...Array.from(data)]);
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer);

test("arrays of NumPy are read by type, order and shape", () => {
  const cases: [string, string, ArrayLike<number>, number[], number[]][] = [
    ["<f4", "2, 3", bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6.5)), [2, 3], [1, 2, 3, 4, 5, 6.5]],
    ["<f8", "2,", bytesOf(Float64Array.of(0.1, -2)), [2], [0.1, -2]],
    ["|u1", "3,", [1, 2, 255], [3], [1, 2, 255]],
    [">u2", "1, 2", [1, 0, 0, 2], [1, 2], [256, 2]],
    ["<i8", "", bytesOf(BigInt64Array.of(-5n)), [], [-5]],
    ["<f2", "1,", [0, 0x3c], [1], [1]],
    ["|b1", "2,", [1, 0], [2], [1, 0]],
  ];
  for (const [type, sizes, data, shape, values] of cases) {
    const read = readNpy(npy(type, sizes, data), "a.npy");
    assert.equal([read.type, read.shape, [...read.data]], [type, shape, values]);
  }
});

test("an array whose first index changes fastest is turned", () => {
  // [[1,2,3],[4,5,6]] by columns.
  const { data } = readNpy(npy("|u1", "2, 3", [1, 4, 2, 5, 3, 6], true), "a.npy");
  assert.equal([...data], [1, 2, 3, 4, 5, 6]);
});

test("other files, types and cut ones are refused in a line", () => {
  for (const [bytes, wanted] of [
    [new Uint8Array(20), "a.npy: not an .npy file"],
    [npy("<U3", "1,", [1]), "a.npy: its elements are <U3, expected numbers"],
    [
      npy("<f4", "2, 2", [0, 0, 0, 0]),
      "a.npy: truncated: [2,2] of <f4 takes 16 bytes, but 4 follow",
    ],
    [npy("<f4", "x,", []), "a.npy: truncated"],
  ] as const) {
    assert.match(
      messageOf(() => readNpy(bytes, "a.npy")),
      wanted,
    );
  }
});

test.run();
