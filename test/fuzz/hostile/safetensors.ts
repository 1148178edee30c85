// Safetensors files that were made to do harm: weights of another program, and checkpoints.

import { encodeSafetensors } from "../../../src/train/checkpoint-file.js";
import { DEFAULT_MODEL } from "../../../src/train/config.js";
import { bytesOf, u64 } from "./bytes.js";
import { type Attack, attacks } from "./case.js";

const file = (header: string, data = new Uint8Array(16), length = Buffer.byteLength(header)) =>
  bytesOf(u64(BigInt(length)), header, data);
const tensors = (entries: Readonly<Record<string, unknown>>, data?: Uint8Array<ArrayBuffer>) =>
  file(JSON.stringify(entries), data);
const floats = (shape: readonly number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});
const many = (count: number, make: (i: number) => unknown) =>
  tensors(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, make(i)])));

/** A checkpoint whose configuration is this text. */
const checkpoint = (model: string): Uint8Array => {
  const bytes = encodeSafetensors({
    metadata: { model: DEFAULT_MODEL, normalisation: { kind: "image" } },
    tensors: new Map(),
  });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  header.__metadata__.model = model;
  return tensors(header, new Uint8Array());
};
const unet = (fields: Readonly<Record<string, unknown>>) =>
  checkpoint(JSON.stringify({ ...DEFAULT_MODEL, ...fields }));

const node = (operator: string, inputs: readonly string[], output: string) => {
  return { operator, name: "", inputs, outputs: [output], attributes: {} };
};
/** A checkpoint of a network of another program with this graph. */
const graph = (
  nodes: readonly unknown[],
  { parameters = [] as unknown[], constants = {}, output = "y" } = {},
) => {
  const own = { opset: 17, input: "x", output, nodes, constants, parameters };
  const sizes = { activation: "softmax", smallest: 1, gridStep: 1, channels: 1, classes: 2 };
  return checkpoint(JSON.stringify({ architecture: "onnx", graph: own, ...sizes }));
};

const TABLE: Readonly<Record<string, Attack>> = {
  "a header of 2^63 bytes": () => file("{}", undefined, 2 ** 62),
  "a header of the largest size": () => file("{}", undefined, 1e8),
  "a header longer than the file": (n) => file("{}", undefined, 18 + n),
  "a header of nothing": () => file("", undefined),
  "tensors that overlap": () => tensors({ a: floats([4], 0, 16), b: floats([4], 0, 16) }),
  "a hole between tensors": () => tensors({ a: floats([1], 0, 4), b: floats([2], 8, 16) }),
  "offsets past the end": (n) => tensors({ a: floats([n], 0, 4 * n), b: floats([4], n, n + 16) }),
  "offsets that go back": () => tensors({ a: floats([4], 16, 0) }),
  "offsets of 2^53": () => tensors({ a: floats([1], 2 ** 53 - 8, 2 ** 53 - 4) }),
  "a shape of 2^62": () => tensors({ a: floats([2 ** 31, 2 ** 31], 0, 16) }),
  "a shape of infinity": () => tensors({ a: floats(Array(40).fill(2 ** 50), 0, 16) }),
  "a shape of half a number": () => tensors({ a: floats([0.5, 8], 0, 16) }),
  "many empty tensors": (n) => many(10 * n, () => floats([0], 0, 0)),
  "many tensors past the end": (n) => many(10 * n, (i) => floats([1], 4 * i, 4 * i + 4)),
  "many wrong tensors": (n) => many(10 * n, () => 0),
  "lists inside each other": (n) => file(`{"a":${"[".repeat(20 * n)}${"]".repeat(20 * n)}}`),
  "a name of the language": () => file('{"__proto__":{"dtype":"F32"},"constructor":1}'),
  "a name of many letters": (n) => tensors({ ["a\n\u001b[31m".repeat(n)]: floats([9], 0, 16) }),
  "metadata that is no text": () => tensors({ __metadata__: { micrograph: 1 } }),
  "a U-Net of 10^9 levels": () => unet({ depth: 1e9 }),
  "a U-Net of 2^53 levels": () => unet({ depth: 2 ** 53 }),
  "a U-Net of 10^9 channels": () => unet({ base: 1e9 }),
  "10^9 classes": () => unet({ classes: 1e9 }),
  "10^9 channels of images": () => unet({ channels: 1e9 }),
  "numbers of channels of many levels": (n) => unet({ depth: n, widths: Array(n).fill(1) }),
  "a configuration of lists": (n) => checkpoint(`${"[".repeat(n)}${"]".repeat(n)}`),
  "a graph in a circle": () => graph([node("Relu", ["b"], "y"), node("Relu", ["y"], "b")]),
  "a graph of many nodes": (n) =>
    graph(
      Array.from({ length: 3 * n }, (_, i) => node("Relu", [i ? `a${i - 1}` : "x"], `a${i}`)),
      {
        output: `a${3 * n - 1}`,
        parameters: [{ name: "w", shape: [1], role: "bias" }],
      },
    ),
  "a graph whose results double": (n) =>
    graph(
      Array.from({ length: Math.min(n, 2000) }, (_, i) => {
        const from = i ? `a${i - 1}` : "x";
        return node("Concat", [from, from], `a${i}`);
      }),
      { output: `a${Math.min(n, 2000) - 1}` },
    ),
  "a graph with weights of 2^62": () =>
    graph([node("Add", ["x", "w"], "y")], {
      parameters: [{ name: "w", shape: [2 ** 31, 2 ** 31], role: "weight" }],
    }),
  "a graph with negative weights": () =>
    graph([node("Add", ["x", "w"], "y")], {
      parameters: [{ name: "w", shape: [-4], role: "weight" }],
    }),
  "a graph without a form": () => graph([{ operator: 1 }], { constants: { k: { dims: "a" } } }),
};

/** Each must be refused, as a checkpoint and as weights. */
export const hostileSafetensors = attacks("safetensors", 20_000, TABLE);
