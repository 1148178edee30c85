// A network as a table: what each layer does, its output, its parameters; and what an output pixel
// sees of the input.

import { elementCount, input, type Shape } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Model } from "./model.js";
import { parameterTensors } from "./parameters.js";

export interface LayerRow {
  readonly name: string;
  /** In words: "3 x 3 convolution". */
  readonly does: string;
  /** [channels, height, width] for an input tile of that side. */
  readonly output: Shape;
  /** Weights and biases. */
  readonly parameters: number;
}

const WORDS: Readonly<Record<string, string>> = {
  conv2d: "convolution",
  "max-pool2d": "2 x 2 max-pooling",
  "up-conv2d": "up-convolution",
  "up-conv2d-strided": "up-convolution",
  relu: "ReLU",
  add: "sum",
  "crop-concat": "crop and concatenate",
};

/** The layers in the order in which they run, for input tiles of that side. */
export function layerTable(model: Model, tile: number): LayerRow[] {
  const { channels } = model.config;
  const image = input("image", [1, channels, tile, tile]);
  const parameters = parameterTensors(model.parameters);
  const known = new Set(parameters.values());
  return nodesFor([model.logits(image, parameters)]).map((node) => {
    const own = node.inputs.filter((tensor) => known.has(tensor));
    const kernel = own.find(({ shape }) => shape.length === 4)?.shape;
    const images = node.inputs.filter((tensor) => tensor.order === "image");
    const word = WORDS[node.op.name] ?? node.op.name;
    const skips = node.op.name === "conv2d" && images.length > 1 ? ", reads the skip too" : "";
    return {
      name: node.name,
      does: `${kernel ? `${kernel[2]} x ${kernel[3]} ` : ""}${word}${skips}`,
      output: node.outputs[0].shape.slice(1),
      parameters: own.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    };
  });
}

/**
 * How many input pixels a side an output pixel of a U-Net depends on. It differs with the pixel's
 * place in the grid of the poolings: the smallest and the largest number; 188 and 204 at depth 4.
 */
export function receptiveField(depth: number): { smallest: number; largest: number } {
  const sizes = Array.from({ length: 2 ** depth }, (_, at) => {
    const [first, last] = decoderNeeds(1, depth, [at, at]);
    return last - first + 1;
  });
  return { smallest: Math.min(...sizes), largest: Math.max(...sizes) };
}

type Span = readonly [first: number, last: number];

/** What two valid 3x3 convolutions read. */
const beforeBlock = ([first, last]: Span): Span => [first, last + 4];

/** The span of input pixels that a span of the output of decoder `level` needs. */
function decoderNeeds(level: number, depth: number, span: Span): Span {
  const [first, last] = beforeBlock(span);
  // A skip is larger than what stands beside it by 4, 16, 40, 88, ... pixels a side.
  let crop = 4;
  for (let i = depth; i > level; i--) crop = 2 * crop + 8;
  const skip = encoderNeeds(level, [first + crop, last + crop]);
  const below: Span = [Math.floor(first / 2), Math.floor(last / 2)];
  const deep =
    level === depth ? encoderNeeds(depth + 1, below) : decoderNeeds(level + 1, depth, below);
  return [Math.min(skip[0], deep[0]), Math.max(skip[1], deep[1])];
}

/** The span of input pixels that a span of the output of encoder `level` needs. */
function encoderNeeds(level: number, span: Span): Span {
  const [first, last] = beforeBlock(span);
  return level === 1 ? [first, last] : encoderNeeds(level - 1, [2 * first, 2 * last + 1]);
}
