// User-defined architectures, from parameters and a graph. The other properties of a model are
// derived from the graph, and claims about them are checked.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import type { Architecture, ConfigReader } from "./architecture.js";
import { isArchitecture } from "./built-in.js";
import { checkConfig, type FieldRules, type FieldValues } from "./fields.js";
import { type Geometry, geometryOf } from "./geometry.js";
import { type Layers, layersOf } from "./layers.js";
import type { Model, ModelConfig } from "./model.js";
import { normLayersOf } from "./norm-layers.js";
import { layOut, type ParameterLayout, type ParameterSpec } from "./parameters.js";
import { fieldReader } from "./read-config.js";
import { invalidSize, isValidSize, nearestSizes } from "./sizes.js";

/** An architecture of your own: its fields, parameters and layers. */
export interface ArchitectureDefinition<Table extends FieldRules> {
  /** The name in files, which must be unique: "lab.res-unet". */
  readonly name: string;
  /** Its own fields, each with its default and its range. */
  readonly fields: Table;
  /**
   * Returns names, shapes and initial values of the parameters. Checkpoints store them by these
   * names.
   */
  parameters(config: ModelConfig<FieldValues<Table>>): readonly ParameterSpec[];
  /** Builds the graph from x [N,channels,S,S] to logits [N,classes,S',S']. */
  logits(x: Tensor, layers: Layers, config: ModelConfig<FieldValues<Table>>): Tensor;
  /** Returns 2 to the number of poolings: the distance between valid input sizes. */
  gridStep(config: ModelConfig<FieldValues<Table>>): number;
  /** Returns the side of the smallest valid input. By default the grid step. */
  smallest?(config: ModelConfig<FieldValues<Table>>): number;
  /**
   * Returns the pixels at each side of the output that depend on zeros past the input. By default
   * it is found by walking the graph, which all its ops must support (`Op.receptiveField`).
   */
  halo?(config: ModelConfig<FieldValues<Table>>): number;
  /**
   * Whether layers may see the whole tile: instance, group and layer norms over pixels, or means over
   * an image. In prediction their statistics are those of each tile, so that the same pixel may differ
   * between tilings; with the training's tile they are as in training. By default such layers are an
   * error.
   */
  readonly tileStatistics?: boolean | undefined;
  /** Returns a description. By default name and fields. */
  title?(config: ModelConfig<FieldValues<Table>>): string;
}

/** What `defineArchitecture` returns. */
export interface DefinedArchitecture<Own extends { readonly [name: string]: unknown }>
  extends Architecture<Own> {
  /** Creates a model with one channel, two classes and the defaults, except for `changes`. */
  model(changes?: Partial<Omit<ModelConfig<Own>, "architecture">>): Model<Own>;
}

/**
 * Defines an architecture by its parameters and its graph. `model` and `build` throw for invalid
 * fields, and if grid step, smallest input or halo are not those of the graph.
 */
export function defineArchitecture<const Table extends FieldRules>(
  definition: ArchitectureDefinition<Table>,
): DefinedArchitecture<FieldValues<Table>> {
  const { name, fields } = definition;
  if (isArchitecture(name) || typeof name !== "string" || name === "") {
    throw new Error(
      `defineArchitecture: the name is ${JSON.stringify(name)}, expected a unique one, ` +
        'such as "lab.res-unet"',
    );
  }
  const reader = fieldReader(name, fields) as ConfigReader<FieldValues<Table>>;
  const build = (given: ModelConfig<FieldValues<Table>>) => {
    checkConfig(given, fields);
    return modelOf(definition, { ...given, architecture: name });
  };
  return {
    ...reader,
    build,
    model: (changes = {}) => {
      const unknown = Object.keys(changes).find(
        (key) => !(key in fields) && key !== "channels" && key !== "classes",
      );
      if (unknown !== undefined) {
        const known = ["channels", "classes", ...Object.keys(fields)].join(", ");
        throw new Error(`${name} has no field ${unknown}, it has ${known}`);
      }
      const usual = { channels: 1, classes: 2, ...reader.defaults };
      return build({ ...usual, ...changes, architecture: name } as ModelConfig<FieldValues<Table>>);
    },
  };
}

function modelOf<Table extends FieldRules>(
  definition: ArchitectureDefinition<Table>,
  config: ModelConfig<FieldValues<Table>>,
): Model<FieldValues<Table>> {
  const { name, fields } = definition;
  const parameters = checkedLayout(name, definition.parameters(config));
  const logits: Model["logits"] = (x, tensors, training) => {
    const layers = layersOf(tensors, training);
    const norms = normLayersOf(tensors, layers, training);
    return definition.logits(x, { ...layers, ...norms }, config);
  };
  const geometry = geometryOf({
    name,
    logits,
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
  const own = Object.keys(fields).map((key) => `${key} ${config[key]}`);
  return {
    config,
    title: definition.title?.(config) ?? [name, own.join(", ")].filter(Boolean).join(" of "),
    parameters,
    logits(x, tensors, training) {
      checkSize(x.shape[2]);
      checkSize(x.shape[3]);
      return logits(x, tensors, training);
    },
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
