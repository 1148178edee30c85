// The network as an ONNX file (opset 13), written with protobufjs, with the messages of ONNX's
// schema that it needs.

import type { Network } from "./network.js";
import { peer } from "./peer.js";

const SCHEMA = `syntax = "proto3";
message Attribute { string name = 1; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5;
}
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model { int64 ir_version = 1; Graph graph = 7; repeated OperatorSet opset_import = 8; }`;

const OPSET = 13;
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;
/** Types of attributes. */
const INT = 2;
const INTS = 7;

interface Protobuf {
  parse(
    schema: string,
    options: { keepCase: boolean },
  ): {
    readonly root: {
      lookupType(name: string): {
        fromObject(value: object): object;
        encode(message: object): { finish(): Uint8Array };
      };
    };
  };
}

type Attributes = Readonly<Record<string, number | readonly number[]>>;

interface Graph {
  readonly nodes: object[];
  readonly initializers: object[];
  /** Adds a node and returns the name of its output. */
  add(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /** A constant list of whole numbers. */
  list(values: readonly number[]): string;
}

/** Returns the bytes of the model: input "image" [1,1,T,T], output "probabilities" [1,K,H,W]. */
export async function onnxModel(network: Network): Promise<Uint8Array> {
  const loaded = (await peer("protobufjs")) as Protobuf & { default?: Protobuf };
  const { parse } = loaded.default ?? loaded;
  const graph = createGraph();
  for (const [name, { shape, data }] of network.weights) {
    const raw_data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    graph.initializers.push({ name, dims: [...shape], data_type: FLOAT, raw_data });
  }
  const logits = addNetwork(graph, network);
  const probabilities = graph.add("Softmax", [logits], { axis: 1 });
  graph.nodes.push({ op_type: "Identity", input: [probabilities], output: ["probabilities"] });
  const { tile, out } = network;
  const type = parse(SCHEMA, { keepCase: true }).root.lookupType("Model");
  const model = type.fromObject({
    ir_version: IR_VERSION,
    opset_import: [{ version: OPSET }],
    graph: {
      name: "unet",
      node: graph.nodes,
      initializer: graph.initializers,
      input: [valueInfo("image", [1, 1, tile, tile])],
      output: [valueInfo("probabilities", [1, 2, out, out])],
    },
  });
  return type.encode(model).finish();
}

function createGraph(): Graph {
  const nodes: object[] = [];
  const initializers: object[] = [];
  return {
    nodes,
    initializers,
    add(op_type, input, attributes = {}) {
      const output = `${op_type}${nodes.length}`;
      const attribute = Object.entries(attributes).map(([name, value]) =>
        typeof value === "number"
          ? { name, i: value, type: INT }
          : { name, ints: [...value], type: INTS },
      );
      nodes.push({ op_type, name: output, input: [...input], output: [output], attribute });
      return output;
    },
    list(values) {
      const name = `list${initializers.length}`;
      const raw_data = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
      initializers.push({ name, dims: [values.length], data_type: INT64, raw_data });
      return name;
    },
  };
}

function addNetwork(graph: Graph, { depth, tile }: Network): string {
  let side = tile;
  const conv = (x: string, name: string) => {
    side -= 2;
    const y = graph.add("Conv", [x, `${name}.weight`, `${name}.bias`], { kernel_shape: [3, 3] });
    return graph.add("Relu", [y]);
  };
  const block = (x: string, name: string) => conv(conv(x, `${name}.conv1`), `${name}.conv2`);
  const skips: { name: string; side: number }[] = [];
  let x = "image";
  for (let level = 1; level <= depth; level++) {
    x = block(x, `encoder${level}`);
    skips.push({ name: x, side });
    x = graph.add("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
    side /= 2;
  }
  x = block(x, "bottleneck");
  for (let level = depth; level >= 1; level--) {
    const up = `decoder${level}.up`;
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    const y = graph.add("ConvTranspose", [x, `${up}.weight`, `${up}.bias`], attributes);
    side *= 2;
    const skip = skips[level - 1];
    const margin = (skip.side - side) / 2;
    const ends = [margin + side, margin + side];
    const bounds = [graph.list([margin, margin]), graph.list(ends), graph.list([2, 3])];
    const centre = graph.add("Slice", [skip.name, ...bounds]);
    x = block(graph.add("Concat", [centre, y], { axis: 1 }), `decoder${level}`);
  }
  return graph.add("Conv", [x, "head.weight", "head.bias"], { kernel_shape: [1, 1] });
}

function valueInfo(name: string, shape: readonly number[]): object {
  const dim = shape.map((dim_value) => ({ dim_value }));
  return { name, type: { tensor_type: { elem_type: FLOAT, shape: { dim } } } };
}
