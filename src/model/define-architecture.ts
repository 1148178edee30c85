// User-defined architectures, from parameters and a graph.

import type { Architecture, ConfigReader } from "./architecture.js";
import { isArchitecture } from "./built-in.js";
import { checkConfig, type FieldRules, type FieldValues } from "./fields.js";
import { type GraphDefinition, graphModel } from "./graph-model.js";
import type { Model, ModelConfig } from "./model.js";
import { fieldReader } from "./read-config.js";

/** An architecture of your own: its fields, parameters and layers. */
export interface ArchitectureDefinition<Table extends FieldRules>
  extends GraphDefinition<FieldValues<Table>> {
  /** Its own fields, each with its default and its range. */
  readonly fields: Table;
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
    return graphModel(definition, { ...given, architecture: name });
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
