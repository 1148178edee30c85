// The graph of a model of this engine as nodes of ONNX. Sizes of images do not occur in them: crops are counted
// from the edges.

import type { OnnxAttribute, OnnxNode } from "../../formats/onnx/onnx-types.js";
import type { Node } from "../../graph/op.js";
import { input, type Tensor } from "../../graph/tensor.js";
import { nodesFor } from "../../graph/walk.js";
import type { Model } from "../../model/model.js";
import { parameterTensors } from "../../model/parameters.js";

/** Nodes, with the integer lists that they read. */
export interface NodeWriter {
  readonly nodes: OnnxNode[];
  readonly lists: Map<string, readonly number[]>;
  /** Adds a node; returns the name of its output. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    output?: string,
  ): string;
  /** The name of a list of integers. */
  list(...values: readonly number[]): string;
  /** Cuts rows and columns at each side. */
  crop(
    x: string,
    sides: { readonly top: number; readonly bottom: number },
    output?: string,
  ): string;
}

/** "To the end", as ONNX writes it. */
const END = 2 ** 31 - 1;

export function nodeWriter(): NodeWriter {
  const nodes: OnnxNode[] = [];
  const lists = new Map<string, readonly number[]>();
  const add: NodeWriter["add"] = (operator, inputs, attributes = {}, output) => {
    const name = output ?? `${operator}_${nodes.length + 1}`;
    nodes.push({ name, operator, domain: "", inputs, outputs: [name], attributes });
    return name;
  };
  const list = (...values: readonly number[]) => {
    const name = `list_${values.join("_")}`;
    lists.set(name, values);
    return name;
  };
  const crop: NodeWriter["crop"] = (x, { top, bottom }, output) => {
    if (top === 0 && bottom === 0)
      return output === undefined ? x : add("Identity", [x], {}, output);
    const ends = bottom === 0 ? END : -bottom;
    const inputs = [x, list(top, top), list(ends, ends), list(2, 3)];
    return add("Slice", inputs, {}, output);
  };
  return { nodes, lists, add, list, crop };
}

/** Sizes of a tensor [N,C,H,W]. */
const heightOf = ({ shape }: Tensor) => shape[2];

type Write = (node: Node, names: (tensor: Tensor) => string, w: NodeWriter) => string;

function concatOf(
  node: Node,
  names: (tensor: Tensor) => string,
  w: NodeWriter,
  skip: Tensor,
  x: Tensor,
) {
  const cut = heightOf(skip) - heightOf(x);
  const top = cut >> 1;
  const cropped = w.crop(names(skip), { top, bottom: cut - top });
  return w.add("Concat", [cropped, names(x)], { axis: 1 }, `${node.name}.concat`);
}

/** The ops of the U-Net and of models of layers, as ONNX has them. */
const WRITERS: Readonly<Record<string, Write>> = {
  add: ({ inputs: [a, b] }, names, w) => w.add("Add", [names(a), names(b)]),
  conv2d(node, names, w) {
    const { border, activation, bias, skip } = node.attributes as {
      border: number;
      activation: "none" | "relu";
      bias?: boolean;
      skip?: boolean;
    };
    const [x, weight, ...rest] = node.inputs;
    const shift = bias ? rest.shift() : undefined;
    const joined = skip ? concatOf(node, names, w, rest[0], x) : names(x);
    const [, , kernel] = weight.shape;
    const attributes = { kernel_shape: [kernel, kernel], pads: [border, border, border, border] };
    const inputs = [joined, names(weight), ...(shift ? [names(shift)] : [])];
    const y = w.add("Conv", inputs, attributes, `${node.name}.sum`);
    return activation === "relu" ? w.add("Relu", [y]) : y;
  },
  "crop-concat": (node, names, w) => concatOf(node, names, w, node.inputs[0], node.inputs[1]),
  crop2d({ inputs: [x], outputs: [y], attributes, name }, names, w) {
    const { top, left, first } = attributes as { top: number; left: number; first: number };
    const bottom = heightOf(x) - top - heightOf(y);
    if (top === left && top >= 0 && bottom >= 0 && first === 0 && x.shape[1] === y.shape[1]) {
      return w.crop(names(x), { top, bottom });
    }
    throw new Error(`${name}: a crop past the image, or of channels, is not written`);
  },
  "max-pool2d": ({ inputs: [x] }, names, w) =>
    w.add("MaxPool", [names(x)], { kernel_shape: [2, 2], strides: [2, 2] }),
  relu: ({ inputs: [x] }, names, w) => w.add("Relu", [names(x)]),
  "up-conv2d": ({ inputs }, names, w) =>
    w.add("ConvTranspose", inputs.map(names), { kernel_shape: [2, 2], strides: [2, 2] }),
};

/**
 * Writes a model's network from the image `image` on; returns the name of its logits. Throws for an op that has no
 * form here, and names it.
 */
export function writeNetwork(model: Model, image: string, w: NodeWriter): string {
  const side = model.inputFor(8 * model.gridStep);
  const x = input("image", [1, model.config.channels, side, side]);
  const parameters = parameterTensors(model.parameters);
  const logits = model.logits(x, parameters);
  const written = new Map<Tensor, string>([[x, image]]);
  for (const [name, tensor] of parameters) written.set(tensor, name);
  const names = (tensor: Tensor) => {
    const name = written.get(tensor);
    if (name !== undefined) return name;
    throw new Error(`the tensor ${tensor.name} is not one of the network`);
  };
  for (const node of nodesFor([logits])) {
    const write = WRITERS[node.op.name];
    if (!write) {
      const known = Object.keys(WRITERS).join(", ");
      throw new Error(`${node.name}: the op ${node.op.name} is not written, expected ${known}`);
    }
    written.set(node.outputs[0], write(node, names, w));
  }
  return names(logits);
}
