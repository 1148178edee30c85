// A model from its parameters and the function that builds its graph. The other properties are
// derived from the graph, and claims about them are checked.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { type Geometry, geometryOf } from "./geometry.js";
import type { Layers } from "./layers.js";
import type { Fields, LossFunction, Model, ModelConfig, NetworkOutputs } from "./model.js";
import { checkInputs, inputTensors } from "./network-inputs.js";
import { allLayersOf } from "./network-layers.js";
import { layOut, type ParameterLayout, type ParameterSpec } from "./parameters.js";
import { invalidSize, isValidSize, nearestSizes } from "./sizes.js";

/** What a model is made of. */
export interface GraphDefinition<Own extends Fields> {
  /** The name of its architecture in files, which must be unique: "lab.res-unet". */
  readonly name: string;
  /**
   * Returns names, shapes and initial values of the parameters. Checkpoints store them by these
   * names.
   */
  parameters(config: ModelConfig<Own>): readonly ParameterSpec[];
  /**
   * Returns what the network reads besides the image, by name; `layers.input` returns its tensors. A
   * run then needs `TrainOptions.batches` that have them.
   */
  inputs?(config: ModelConfig<Own>): Model["inputs"];
  /**
   * Builds the graph from x [N,channels,S,S] to logits [N,classes,S',S'], or to these and maps of
   * other heads by name, which a loss compares with targets and a predictor can return.
   */
  logits(x: Tensor, layers: Layers, config: ModelConfig<Own>): Tensor | NetworkOutputs;
  /** The loss of its training. By default the weighted cross-entropy of the logits. */
  loss?(config: ModelConfig<Own>): LossFunction | undefined;
  /** Returns 2 to the number of poolings: the distance between valid input sizes. */
  gridStep(config: ModelConfig<Own>): number;
  /** Returns the side of the smallest valid input. By default the grid step. */
  smallest?(config: ModelConfig<Own>): number;
  /**
   * Returns the pixels at each side of the output that depend on zeros past the input. By default
   * it is found by walking the graph, which all its ops must support (`Op.receptiveField`).
   */
  halo?(config: ModelConfig<Own>): number;
  /**
   * Whether layers may see the whole tile: instance, group and layer norms over pixels, or means over
   * an image. In prediction their statistics are those of each tile, so that the same pixel may differ
   * between tilings; with the training's tile they are as in training. By default such layers are an
   * error.
   */
  readonly tileStatistics?: boolean | undefined;
  /** Returns a description. By default name and fields. */
  title?(config: ModelConfig<Own>): string;
}

/**
 * Returns the model of a configuration. Throws for parameters that cannot be, and if grid step,
 * smallest input or halo are not those of the graph.
 */
export function graphModel<Own extends Fields>(
  definition: GraphDefinition<Own>,
  config: ModelConfig<Own>,
): Model<Own> {
  const { name } = definition;
  const parameters = checkedLayout(name, definition.parameters(config));
  const inputs = definition.inputs?.(config) ?? {};
  checkInputs(name, inputs);
  const outputs: NonNullable<Model["outputs"]> = (x, tensors, training) => {
    const layers = allLayersOf(tensors, training, inputTensors(inputs, x));
    const built = definition.logits(x, layers, config);
    return "logits" in built ? (built as NetworkOutputs) : { logits: built as Tensor };
  };
  const geometry = geometryOf({
    name,
    outputs,
    parameters,
    channels: config.channels,
    classes: config.classes,
    gridStep: definition.gridStep(config),
    smallest: definition.smallest?.(config),
    halo: definition.halo?.(config),
    tileStatistics: definition.tileStatistics,
  });
  const sizes = { smallest: geometry.smallest, period: geometry.gridStep };
  const checkSize = (size: number) => {
    if (!isValidSize(size, sizes)) throw invalidSize(size, `a ${name}`, sizes);
  };
  const { architecture: _name, channels: _channels, classes: _classes, ...own } = config;
  const fields = Object.entries(own).map(([key, value]) => `${key} ${value}`);
  const checkedOutputs: typeof outputs = (x, tensors, training) => {
    checkSize(x.shape[2]);
    checkSize(x.shape[3]);
    return outputs(x, tensors, training);
  };
  return {
    config,
    title: definition.title?.(config) ?? [name, fields.join(", ")].filter(Boolean).join(" of "),
    parameters,
    logits: (x, tensors, training) => checkedOutputs(x, tensors, training).logits,
    outputs: checkedOutputs,
    inputs: Object.keys(inputs).length > 0 ? inputs : undefined,
    loss: definition.loss?.(config),
    outputSize(size) {
      checkSize(size);
      return size - geometry.lost;
    },
    inputFor: (size) => inputFor(size, geometry),
    gridStep: geometry.gridStep,
    halo: geometry.halo,
  };
}

function inputFor(size: number, { smallest, gridStep, lost }: Geometry): number {
  const sizes = { smallest, period: gridStep };
  const wanted = Math.ceil(size) + lost;
  return isValidSize(wanted, sizes) ? wanted : nearestSizes(wanted, sizes).above;
}

/** Throws for parameters that no buffer or file can hold, and names them. */
function checkedLayout(name: string, specs: readonly ParameterSpec[]): ParameterLayout {
  const names = specs.map((spec) => spec.name);
  for (const [i, { name: own, shape }] of specs.entries()) {
    if (typeof own !== "string" || own === "" || own.startsWith("optimizer.")) {
      throw new Error(
        `${name}: a parameter has the name ${JSON.stringify(own)}, expected a non-empty string`,
      );
    }
    if (names.indexOf(own) !== i) throw new Error(`${name}: two parameters have the name ${own}`);
    if (shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size > 0)) continue;
    throw new ShapeError(
      `${name}: the parameter ${own} is [${shape}], expected sizes of at least 1`,
    );
  }
  if (specs.every(({ isBuffer }) => isBuffer))
    throw new Error(`${name}: there are no parameters to train`);
  return layOut(specs);
}
