// ONNX files as exporters write them: those that test/pytorch/onnx_modules.py wrote, and the rules of older versions.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readNpy } from "../../src/formats/npy.js";
import { runGraph } from "../../src/interchange/bioimageio/run-graph.js";
import { importOnnx, readOnnxGraph } from "../../src/interchange/onnx/import-onnx.js";
import { axesBySizes } from "../../src/interchange/onnx/tensor-axes.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";
import { shareOff } from "./exported-network.js";
import { type ModelGiven, onnxBytes } from "./onnx-bytes.js";
import { floats, integers, smallOnnx } from "./small-onnx.js";

const folder = fileURLToPath(new URL("../../../test/fixtures/onnx", import.meta.url));
const array = (path: string) => readNpy(readFileSync(`${folder}/${path}`), path);

for (const file of readdirSync(folder).filter((one) => one.endsWith(".onnx"))) {
  const name = file.slice(0, -".onnx".length);
  test(`PyTorch's export ${name} gives PyTorch's numbers`, async () => {
    const graph = await readOnnxGraph(readFileSync(`${folder}/${file}`), { name, keepsEnd: true });
    const { shape, data } = array(`${name}.npy`);
    const got = await runGraph(await testDevice(), graph, { shape, data: Float64Array.from(data) });
    const wanted = array(`${name}.out.npy`);
    assert.equal(got.shape, wanted.shape);
    // Sums of 32-bit floats in another order.
    assert.ok(shareOff(got.data, wanted.data) < 1e-5);
  });
}

/** A convolution and what follows it, of operators of a version. */
const after = (
  opset: number,
  node: ModelGiven["nodes"][number],
  initializers = {},
): ModelGiven => ({
  opset,
  inputs: [["x", ["N", 1, "H", "W"]]],
  outputs: ["y"],
  nodes: [
    {
      op: "Conv",
      inputs: ["x", "w"],
      outputs: ["a"],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    },
    node,
  ],
  initializers: { w: floats([2, 1, 3, 3], 1), ...initializers },
});

async function outputOf(model: ModelGiven, shape: readonly number[]) {
  const graph = await readOnnxGraph(onnxBytes(model), { keepsEnd: true });
  const count = shape.reduce((a, b) => a * b, 1);
  const image = { shape, data: Float64Array.from(noise(count, 3)) };
  return runGraph(await testDevice(), graph, image);
}

test("a softmax before version 13 is over all axes from its own on", async () => {
  const node = { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: { axis: 1 } };
  const sums = async (opset: number) => {
    const { data } = await outputOf(after(opset, node), [1, 1, 4, 5]);
    return [data.reduce((a, b) => a + b, 0), data[0] + data[20]];
  };
  const [all] = await sums(11);
  assert.ok(Math.abs(all - 1) < 1e-6);
  const [, pixel] = await sums(13);
  assert.ok(Math.abs(pixel - 1) < 1e-6);
  // It ends a graph of probabilities only where it is over the channels.
  const ends = async (opset: number) =>
    (await importOnnx(onnxBytes(after(opset, node)), { halo: 1 })).endsWith;
  assert.equal(await Promise.all([11, 13].map(ends)), [undefined, "softmax"]);
});

test("Resize of version 10 is Upsample: scales only, and pixels by their corners", async () => {
  const scales = { scales: { dims: [4], values: [1, 1, 2, 2] } };
  const node = (op: string) => ({ op, inputs: ["a", "scales"], outputs: ["y"] });
  const linear = (op: string) => ({ ...node(op), attributes: { mode: "linear" } });
  for (const make of [node, linear]) {
    const [first, second] = await Promise.all([
      outputOf(after(10, make("Resize"), scales), [1, 1, 4, 6]),
      outputOf(after(9, make("Upsample"), scales), [1, 1, 4, 6]),
    ]);
    assert.equal(first.shape, [1, 2, 8, 12]);
    assert.equal([...first.data], [...second.data]);
  }
});

test("the axes of a tensor follow from its sizes", () => {
  for (const [dims, wanted] of [
    [["N", 3, "H", "W"], "bcyx"],
    [["N", "H", "W", 1], "byxc"],
    [[1, 256, 256, 3], "byxc"],
    [[1, 3, 256, 256], "bcyx"],
    [["N", 32, "H", "W"], "bcyx"],
    [["N", "?", "?", "?"], "other"],
    [undefined, "other"],
    [["H", "W"], "yx"],
    [[1, "H", "W"], "cyx"],
    [["H", "W", 2], "yxc"],
    [["N", 1, "D", "H", "W"], undefined],
  ] as const) {
    assert.is(axesBySizes(dims, "other"), wanted, `${dims}`);
  }
});

test("a file with channels last is a network of images, without its activation", async () => {
  const transposed = (from: string, to: string, perm: number[]) => ({
    op: "Transpose",
    inputs: [from],
    outputs: [to],
    attributes: { perm },
  });
  const nodes = [
    transposed("last", "image", [0, 3, 1, 2]),
    ...smallOnnx.nodes,
    transposed("y", "maps", [0, 2, 3, 1]),
    { op: "Softmax", inputs: ["maps"], outputs: ["z"], attributes: { axis: -1 } },
  ];
  const last: ModelGiven = {
    ...smallOnnx,
    inputs: [["last", ["N", "H", "W", 1]]],
    outputs: ["z"],
    nodes,
  };
  const first = await importOnnx(onnxBytes(smallOnnx));
  const { checkpoint, endsWith } = await importOnnx(onnxBytes(last));
  assert.is(endsWith, "softmax");
  const { channels, classes } = checkpoint.metadata.model;
  assert.equal([channels, classes], [1, 2]);
  const sizes = ({ gridStep, smallest }: Record<string, unknown>) => [gridStep, smallest];
  assert.equal(sizes(checkpoint.metadata.model), sizes(first.checkpoint.metadata.model));
});

test("a slice and a gather of tensors by known numbers", async () => {
  const one = { ...integers(1), dims: [] };
  const picked = { op: "Gather", inputs: ["a", "one"], outputs: ["y"], attributes: { axis: 1 } };
  const listed = { ...picked, inputs: ["a", "both"] };
  const { shape, data } = await outputOf(
    after(11, listed, { both: integers(-1, 0) }),
    [1, 1, 2, 2],
  );
  assert.equal(shape, [1, 2, 2, 2]);
  const own = await outputOf(after(11, picked, { one }), [1, 1, 2, 2]);
  assert.equal([own.shape, [...own.data]], [[1, 2, 2], [...data.subarray(0, 4)]]);
});

test.run();
