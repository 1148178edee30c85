// A network as a table: what each layer does, its output and its parameters; and the receptive
// field of an output pixel.

import type { Node } from "../graph/op.js";
import { elementCount, input, type Shape, type Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Model } from "./model.js";
import { parameterTensors } from "./parameters.js";
import { seenRows } from "./receptive-field.js";

export interface LayerRow {
  readonly name: string;
  /** A description: "3 x 3 convolution". */
  readonly does: string;
  /** [channels, height, width] for an input tile of the given side. */
  readonly output: Shape;
  /** Weights and biases. */
  readonly parameters: number;
}

/** Returns the layers in execution order, for input tiles of side `tile`. */
export function layerTable(model: Model, tile: number): LayerRow[] {
  const { channels } = model.config;
  const image = input("image", [1, channels, tile, tile]);
  const parameters = parameterTensors(model.parameters);
  const known = new Set(model.parameters.trained.map(({ name }) => parameters.get(name)));
  /** The parameters that a node reads, also those of dense tensors, such as folded weights. */
  const ownOf = ({ inputs }: Node): Tensor[] =>
    inputs.flatMap((tensor) => {
      if (known.has(tensor)) return [tensor];
      return tensor.node && tensor.layout === "dense" ? ownOf(tensor.node) : [];
    });
  const nodes = nodesFor([model.logits(image, parameters)]);
  const layers = nodes.filter(({ outputs }) => outputs[0].layout === "image");
  return layers.map((node) => {
    const own = [...new Set(ownOf(node))];
    const kernel = own.find(({ shape }) => shape.length === 4)?.shape;
    const words = node.op.words?.(node) ?? node.op.name;
    return {
      name: node.name,
      does: `${kernel ? `${kernel[2]} x ${kernel[3]} ` : ""}${words}`,
      output: node.outputs[0].shape.slice(1),
      parameters: own.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    };
  });
}

/**
 * Returns how many input pixels per side an output pixel depends on. This varies with the pixel's
 * position in the pooling grid: the smallest and the largest number; 188 and 204 for a U-Net of
 * depth 4.
 */
export function receptiveField(model: Model): { smallest: number; largest: number } {
  const side = model.inputFor(model.gridStep);
  const image = input("image", [1, model.config.channels, side, side]);
  const logits = model.logits(image, parameterTensors(model.parameters));
  const sizes = seenRows(image, logits, model.gridStep).map(([first, last]) => last - first + 1);
  return { smallest: Math.min(...sizes), largest: Math.max(...sizes) };
}
