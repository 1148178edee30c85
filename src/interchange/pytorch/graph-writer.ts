// Writes the graph of a network layer by layer, with the parameters of PyTorch's layers under their names.

import type { Known } from "../onnx/known-values.js";
import type {
  OnnxGraph,
  StoredAttribute,
  StoredNode,
  StoredParameter,
} from "../onnx/onnx-graph.js";

/** Shapes of the weights of a file, by name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The layers of a graph: each takes names of tensors and returns one. */
export interface GraphWriter {
  /** A convolution, same padding by default, with a bias if there is one. */
  conv(
    x: string,
    name: string,
    options?: { readonly stride?: number; readonly valid?: boolean },
  ): string;
  /** A transposed convolution whose kernel is as large as its stride. */
  upConv(x: string, name: string): string;
  batchNorm(x: string, name: string): string;
  /** With a gain and a bias if there are any; of `channels` without. */
  instanceNorm(x: string, name: string, channels: number): string;
  /** With a gain and a bias of each channel. */
  groupNorm(x: string, name: string, groups: number): string;
  relu(x: string): string;
  leakyRelu(x: string, slope: number): string;
  maxPool(x: string): string;
  /** Twice as large, linear; corners as PyTorch's align_corners says. */
  resize(x: string, corners: "half_pixel" | "align_corners"): string;
  /** Twice as large, each pixel four times. */
  nearest(x: string): string;
  concat(...parts: readonly string[]): string;
  /** Whether the file has a weight. */
  has(name: string): boolean;
  /** Sizes of a weight. Throws if the file has none of that name. */
  shape(name: string): readonly number[];
  /** The graph with this output. */
  graph(output: string): OnnxGraph;
}

const PREFIX = "layer ";

/** Begins a graph whose image is "image". */
export function writeGraph(shapes: Shapes): GraphWriter {
  const nodes: StoredNode[] = [];
  const constants: Record<string, Known> = {};
  const parameters = new Map<string, StoredParameter>();
  const shape = (name: string) => {
    const found = shapes.get(name);
    if (found) return found;
    throw new Error(`it has no weight ${name}`);
  };
  const use = (name: string, role: StoredParameter["role"]) => {
    parameters.set(name, { name, shape: shape(name), role });
    return name;
  };
  const bias = (name: string) => (shapes.has(`${name}.bias`) ? [use(`${name}.bias`, "bias")] : []);
  const add = (
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, StoredAttribute>> = {},
    name = "",
  ) => {
    const output = `${PREFIX}${nodes.length + 1}`;
    nodes.push({ operator, name, inputs, outputs: [output], attributes });
    return output;
  };
  const filled = (value: number, channels: number) => {
    const name = `${value} for ${channels} channels`;
    constants[name] = { dims: [channels], values: Array(channels).fill(value) };
    return name;
  };
  const twice = (x: string, attributes: Readonly<Record<string, StoredAttribute>>) => {
    constants.twice = { dims: [4], values: [1, 1, 2, 2] };
    return add("Resize", [x, "", "twice"], attributes);
  };
  return {
    conv(x, name, { stride = 1, valid = false } = {}) {
      const [, , height, width] = shape(`${name}.weight`);
      const pads = valid ? [0, 0] : [Math.floor(height / 2), Math.floor(width / 2)];
      const attributes = {
        kernel_shape: [height, width],
        pads: [...pads, ...pads],
        strides: [stride, stride],
      };
      return add("Conv", [x, use(`${name}.weight`, "weight"), ...bias(name)], attributes, name);
    },
    upConv(x, name) {
      const [, , height, width] = shape(`${name}.weight`);
      const attributes = { kernel_shape: [height, width], strides: [height, width] };
      return add(
        "ConvTranspose",
        [x, use(`${name}.weight`, "weight"), ...bias(name)],
        attributes,
        name,
      );
    },
    batchNorm(x, name) {
      const inputs = [
        x,
        use(`${name}.weight`, "gain"),
        use(`${name}.bias`, "bias"),
        use(`${name}.running_mean`, "mean"),
        use(`${name}.running_var`, "variance"),
      ];
      return add("BatchNormalization", inputs, { epsilon: 1e-5 }, name);
    },
    instanceNorm(x, name, channels) {
      const isAffine = shapes.has(`${name}.weight`);
      const gain = isAffine ? use(`${name}.weight`, "gain") : filled(1, channels);
      const shift = isAffine ? use(`${name}.bias`, "bias") : filled(0, channels);
      return add("InstanceNormalization", [x, gain, shift], { epsilon: 1e-5 }, name);
    },
    groupNorm(x, name, groups) {
      const inputs = [x, use(`${name}.weight`, "gain"), use(`${name}.bias`, "bias")];
      return add("GroupNormalization", inputs, { epsilon: 1e-5, num_groups: groups }, name);
    },
    relu: (x) => add("Relu", [x]),
    leakyRelu: (x, slope) => add("LeakyRelu", [x], { alpha: slope }),
    maxPool: (x) => add("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    resize: (x, corners) => twice(x, { mode: "linear", coordinate_transformation_mode: corners }),
    nearest: (x) =>
      twice(x, {
        mode: "nearest",
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      }),
    concat: (...parts) => add("Concat", parts, { axis: 1 }),
    has: (name) => shapes.has(name),
    shape,
    graph: (output) => ({
      opset: 17,
      input: "image",
      output,
      nodes,
      constants,
      parameters: [...parameters.values()],
    }),
  };
}
