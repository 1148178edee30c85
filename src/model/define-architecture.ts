// An architecture of one's own, of its parameters and its graph. What else a model has follows from the
// graph, and what is said of it is checked there.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import type { Architecture, ConfigReader } from "./architecture.js";
import { isArchitecture } from "./built-in.js";
import { checkConfig, type FieldRules, type FieldValues } from "./fields.js";
import { type Geometry, geometryOf } from "./geometry.js";
import { type Layers, layersOf } from "./layers.js";
import type { Model, ModelConfig } from "./model.js";
import { layOut, type ParameterLayout, type ParameterSpec } from "./parameters.js";
import { fieldReader } from "./read-config.js";
import { invalidSize, isValidSize, nearestSizes } from "./sizes.js";

export interface ArchitectureDefinition<Table extends FieldRules> {
  /** As files name it, unlike that of any other: "lab.res-unet". */
  readonly name: string;
  /** Its own fields: the default of each, and what it may be. */
  readonly fields: Table;
  /** Names, shapes and initial values of the parameters, of which checkpoints have the names. */
  parameters(config: ModelConfig<FieldValues<Table>>): readonly ParameterSpec[];
  /** The graph from x [N,channels,S,S] to logits [N,classes,S',S']. */
  logits(x: Tensor, layers: Layers, config: ModelConfig<FieldValues<Table>>): Tensor;
  /** 2 to the number of poolings: valid inputs lie so many pixels apart. */
  gridStep(config: ModelConfig<FieldValues<Table>>): number;
  /** Side of the smallest valid input; the grid step where it is left out. */
  smallest?(config: ModelConfig<FieldValues<Table>>): number;
  /**
   * Pixels at each side of the output that depend on zeros past the input. Left out, it is found by
   * walking the graph, which all its ops must allow (`Op.receptiveField`).
   */
  halo?(config: ModelConfig<FieldValues<Table>>): number;
  /** In words; name and fields where it is left out. */
  title?(config: ModelConfig<FieldValues<Table>>): string;
}

export interface DefinedArchitecture<Own extends { readonly [name: string]: unknown }>
  extends Architecture<Own> {
  /** A model: of one channel, two classes and the defaults, except what is given. */
  model(changes?: Partial<Omit<ModelConfig<Own>, "architecture">>): Model<Own>;
}

/**
 * An architecture of its parameters and its graph. `model` and `build` throw where fields cannot be, and
 * where grid step, smallest input or halo are not those of the graph.
 */
export function defineArchitecture<const Table extends FieldRules>(
  definition: ArchitectureDefinition<Table>,
): DefinedArchitecture<FieldValues<Table>> {
  const { name, fields } = definition;
  if (isArchitecture(name) || typeof name !== "string" || name === "") {
    throw new Error(
      `defineArchitecture: the name is ${JSON.stringify(name)}, expected one that no other has, ` +
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
  const logits: Model["logits"] = (x, tensors, training) =>
    definition.logits(x, layersOf(tensors, training), config);
  const geometry = geometryOf({
    name,
    logits,
    parameters,
    channels: config.channels,
    classes: config.classes,
    gridStep: definition.gridStep(config),
    smallest: definition.smallest?.(config),
    halo: definition.halo?.(config),
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
      throw new Error(`${name}: a parameter is called ${JSON.stringify(own)}, expected a name`);
    }
    if (names.indexOf(own) !== i) throw new Error(`${name}: two parameters are called ${own}`);
    if (shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size > 0)) continue;
    throw new ShapeError(`${name}: the parameter ${own} is [${shape}], expected sizes from 1`);
  }
  if (specs.length === 0) throw new Error(`${name}: it has no parameters, expected some to train`);
  return layOut(specs);
}
