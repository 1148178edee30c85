import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { type ImportOnnxOptions, importOnnx, onnxNetwork } from "../../src/interchange/index.js";
import { parameterTensors } from "../../src/model/parameters.js";
import * as ops from "../../src/operations.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { flatten } from "../../src/train/restore.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise } from "../numbers.js";
import { type ModelGiven, type NodeGiven, onnxBytes, rawBytes } from "./onnx-bytes.js";
import { floats, smallOnnx } from "./small-onnx.js";

/** The same network of our ops. */
function byHand(x: Tensor, p: ReadonlyMap<string, Tensor>): Tensor {
  const of = (t: Tensor, name: string, padding: number) =>
    ops.conv2d(t, p.get(`${name}.weight`) as Tensor, p.get(`${name}.bias`), { padding });
  const b = ops.relu(of(x, "down", 1));
  const d = of(ops.maxPool2d(b, { kernel: 2, stride: 2 }), "bottom", 1);
  const e = ops.resize(d, { size: [b.shape[2], b.shape[3]], mode: "linear" });
  return of(ops.concat([b, e], 1), "head", 0);
}

const read = (model: ModelGiven, options: ImportOnnxOptions = {}) =>
  importOnnx(onnxBytes(model), { name: "net.onnx", ...options });
const refusal = async (model: ModelGiven, options?: ImportOnnxOptions) => {
  try {
    await read(model, options);
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
};

/** What the graph of a checkpoint computes for an image of this side. */
async function logitsOf(checkpoint: Checkpoint, side: number, build?: typeof byHand) {
  const model = onnxNetwork.build(checkpoint.metadata.model as never);
  const x = input("image", [1, 1, side, side]);
  const tensors = parameterTensors(model.parameters);
  const y = build ? build(x, tensors) : model.logits(x, tensors);
  const device = await testDevice();
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, checkpoint.tensors));
  const plan = await compilePlan(device, {
    name: "onnx",
    outputs: [y],
    states: { parameters: state.buffer },
  });
  plan.run({ image: noise(side * side, 9) });
  const values = await plan.read(y);
  plan.close();
  state.close();
  return { shape: y.shape, values };
}

test("a network from an ONNX file computes what the same ops compute, to the bit", async () => {
  const { checkpoint, remarks } = await read(smallOnnx);
  const { channels, classes, activation, smallest, gridStep } = checkpoint.metadata.model;
  assert.equal([channels, classes, activation, smallest, gridStep], [1, 2, "softmax", 2, 2]);
  assert.is(remarks.length, 2);
  assert.match(remarks[0], "softmax is assumed for 2 maps");
  for (const side of [16, 34]) {
    const [got, wanted] = [
      await logitsOf(checkpoint, side),
      await logitsOf(checkpoint, side, byHand),
    ];
    assert.equal(got.shape, [1, 2, side, side]);
    assert.equal([...got.values], [...wanted.values]);
  }
});

test("it is saved, read and used for prediction like other networks", async () => {
  const { checkpoint } = await read(smallOnnx, {
    normalisation: { kind: "statistics", mean: [0.5], deviation: [0.25] },
  });
  const file = encodeSafetensors(checkpoint);
  const again = decodeSafetensors(file, "net.safetensors", { models: [onnxNetwork] });
  assert.equal(again.metadata, checkpoint.metadata);
  const image = { width: 21, height: 18, channels: 1, data: noise(21 * 18, 3) };
  const device = await testDevice();
  const [first, second] = await Promise.all(
    [checkpoint, again].map(async (one) => {
      const predictor = await createPredictor(device, one, { tile: 32 });
      const { probabilities } = await predictor.predict(image, "image");
      predictor.close();
      return [...probabilities];
    }),
  );
  assert.equal(first, second);
  assert.ok(first.slice(0, 378).every((p, i) => Math.abs(p + first[378 + i] - 1) < 1e-6));
  assert.match(
    messageOf(() => decodeSafetensors(file, "net.safetensors")),
    'architecture is "onnx"',
  );
});

test("one map with a sigmoid is a network of two classes, several are independent", async () => {
  const sigmoid = (maps: number): ModelGiven => ({
    ...smallOnnx,
    nodes: [...smallOnnx.nodes, { op: "Sigmoid", inputs: ["y"], outputs: ["p"] }],
    outputs: ["p"],
    initializers: {
      ...smallOnnx.initializers,
      "head.weight": floats([maps, 7, 1, 1], 5),
      "head.bias": floats([maps], 6),
    },
  });
  const device = await testDevice();
  const image = { width: 16, height: 16, channels: 1, data: noise(256, 3) };
  const probabilitiesOf = async (maps: number) => {
    const { checkpoint } = await read(sigmoid(maps));
    const predictor = await createPredictor(device, checkpoint, { tile: 32 });
    const { classes, probabilities } = await predictor.predict(image, "image");
    predictor.close();
    return { classes, probabilities };
  };
  const one = await probabilitiesOf(1);
  const three = await probabilitiesOf(3);
  assert.equal([one.classes, three.classes], [2, 3]);
  // The seeds give the first of three maps other weights than the only one: sums tell the kinds apart.
  const sum = (planes: Float32Array, maps: number, i: number) =>
    Array.from({ length: maps }, (_, k) => planes[k * 256 + i]).reduce((a, b) => a + b);
  assert.ok(Math.abs(sum(one.probabilities, 2, 100) - 1) < 1e-6);
  assert.ok(Math.abs(sum(three.probabilities, 3, 100) - 1) > 0.05);
  assert.ok(three.probabilities.every((p) => p > 0 && p < 1));
});

test("weights can be in another file", async () => {
  const weight = smallOnnx.initializers["down.weight"];
  const external = {
    location: "weights.bin",
    offset: "8",
    length: String(rawBytes(weight).length),
  };
  const initializers = { ...smallOnnx.initializers, "down.weight": { ...weight, external } };
  const model = { ...smallOnnx, initializers };
  const asked: unknown[] = [];
  const { checkpoint } = await read(model, {
    readExternal: async (place) => {
      asked.push(place);
      return rawBytes(weight);
    },
  });
  assert.equal(asked, [{ location: "weights.bin", offset: 8, length: 108 }]);
  assert.equal(checkpoint.tensors, (await read(smallOnnx)).checkpoint.tensors);
  assert.match(await refusal(model), "net.onnx: its weights are in another file, weights.bin");
  const short = { readExternal: async () => new Uint8Array(104) };
  assert.match(await refusal(model, short), "has 26 elements, expected 27");
});

test("what cannot be run is refused in a line that names it", async () => {
  const ending = (node: NodeGiven): ModelGiven => ({
    ...smallOnnx,
    nodes: [...smallOnnx.nodes, node],
    outputs: ["z"],
  });
  const { nodes } = smallOnnx;
  const cases: [string, ModelGiven, ImportOnnxOptions?][] = [
    [
      "net.onnx: it has operators that are not supported: LSTM (the first is node memory)",
      ending({ op: "LSTM", name: "memory", inputs: ["y"], outputs: ["z"] }),
    ],
    [
      "net.onnx: its input other is [1], expected [N, C, H, W]",
      { ...smallOnnx, inputs: [...smallOnnx.inputs, ["other", [1]]] },
    ],
    [
      "its input image is [N,H,W], expected [N, C, H, W]",
      { ...smallOnnx, inputs: [["image", ["N", "H", "W"]]] },
    ],
    ["its operators are of version 6, expected 7", { ...smallOnnx, opset: 6 }],
    ["it has no output w, expected y", smallOnnx, { output: "w" }],
    [
      "node Relu of b reads a, which no node before it computes",
      { ...smallOnnx, nodes: [nodes[1], nodes[0], ...nodes.slice(2)] },
    ],
    [
      "two nodes compute b",
      { ...smallOnnx, nodes: [...nodes, { op: "Relu", inputs: ["y"], outputs: ["b"] }] },
    ],
    [
      "it takes images of 16 x 16 pixels only",
      {
        ...ending({ op: "Add", inputs: ["y", "plane"], outputs: ["z"] }),
        inputs: [["image", [1, 1, 16, 16]]],
        initializers: { ...smallOnnx.initializers, plane: floats([1, 1, 16, 16], 1) },
      },
    ],
    ["node Add of z ", ending({ op: "Add", inputs: ["y", "head.weight"], outputs: ["z"] })],
    [
      "the weight down.bias has the value NaN",
      {
        ...smallOnnx,
        initializers: {
          ...smallOnnx.initializers,
          "down.bias": { dims: [3], values: [0, NaN, 1] },
        },
      },
    ],
    [
      "its output has one map",
      {
        ...smallOnnx,
        initializers: {
          ...smallOnnx.initializers,
          "head.weight": floats([1, 7, 1, 1], 1),
          "head.bias": floats([1], 1),
        },
      },
      { activation: "softmax" },
    ],
    [
      "the mean of the normalisation is [1,2]",
      smallOnnx,
      { normalisation: { kind: "statistics", mean: [1, 2], deviation: [1, 1] } },
    ],
  ];
  for (const [wanted, model, options] of cases) {
    const message = await refusal(model, options);
    assert.match(message, wanted);
    assert.not.match(message, "\n");
  }
});

test("damaged files are refused, wherever they are cut", async () => {
  const whole = onnxBytes(smallOnnx);
  for (let length = 0; length < whole.length; length += 7) {
    let message = "none";
    try {
      await importOnnx(whole.subarray(0, length), { name: "cut.onnx" });
    } catch (error) {
      message = (error as Error).message;
    }
    assert.match(message, /^cut\.onnx: /, `${length} bytes`);
  }
});

test("a file that announces what it does not hold is refused at once", async () => {
  const huge = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0a);
  const endless = Uint8Array.from({ length: 20 }, () => 0xff);
  const tensor = onnxBytes({
    ...smallOnnx,
    initializers: { "down.weight": { dims: [2 ** 40, 2 ** 40], values: [] } },
  });
  const many = onnxBytes({
    ...smallOnnx,
    nodes: Array.from({ length: 20_001 }, () => ({
      op: "Relu",
      inputs: ["image"],
      outputs: ["y"],
    })),
  });
  const start = performance.now();
  for (const [bytes, wanted] of [
    [huge, "field 7 has 34359738367 bytes"],
    [endless, "more than 10 bytes"],
    [tensor, "has shape [1099511627776,1099511627776]"],
    [many, "more than 20000 nodes"],
    [new Uint8Array(), "it has no graph"],
  ] as const) {
    let message = "none";
    try {
      await importOnnx(bytes);
    } catch (error) {
      message = (error as Error).message;
    }
    assert.match(message, "the file: not an ONNX model, or damaged: ");
    assert.match(message, wanted);
  }
  assert.ok(performance.now() - start < 2000);
});

test.run();
