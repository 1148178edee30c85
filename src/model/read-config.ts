// Reads a model's configuration from a file and checks every field.

import { shown } from "../arguments/shown.js";
import { defaultsOf, expected, isAllowed, type Rule } from "../options/rules.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import { unetRules } from "../options/unet-options-rules.generated.js";
import {
  type Architecture,
  type ConfigReader,
  checkArchitectures,
  findArchitecture,
  IN_MODELS,
} from "./architecture.js";
import { ARCHITECTURE_NAMES, builtInDefaults } from "./built-in.js";
import { type BuiltInFields, COMMON, SIZE_RULES, withoutDefaults } from "./fields.js";
import type { Fields, ModelConfig } from "./model.js";

type Rules = Readonly<Record<string, Rule>>;

/** The readers of the built-in architectures. */
export const BUILT_IN: readonly ConfigReader<BuiltInFields>[] = ARCHITECTURE_NAMES.map((name) => ({
  name,
  defaults: builtInDefaults(name),
  read(fields, where) {
    // The first files had no dropout.
    const given = { ...unetDefaults, ...fields, dropout: fields.dropout ?? 0 };
    const rules = name === "unet" ? { ...SIZE_RULES, ...unetRules } : SIZE_RULES;
    return checked(given, rules, where);
  },
}));

/**
 * Reads a configuration from the contents of a file, for one of `models` or a built-in
 * architecture. Throws one line that begins with `where` for an unknown architecture and for an
 * invalid value.
 */
export function readConfig(
  fields: Fields,
  where: string,
  models: readonly Architecture[] = [],
): ModelConfig {
  checkArchitectures(models);
  const readers: readonly ConfigReader[] = [...models, ...BUILT_IN];
  const reader = findArchitecture(readers, fields.architecture, where, IN_MODELS);
  checked(fields, COMMON, where);
  const config = { ...fields, ...reader.read(fields, where) } as ModelConfig;
  return config.architecture === "unet" ? withoutDefaults(config) : config;
}

/**
 * Returns a reader for the own fields of an architecture. Fields missing in earlier files get their
 * default.
 */
export function fieldReader(name: string, rules: Rules): ConfigReader {
  const defaults = defaultsOf(rules);
  return {
    name,
    defaults,
    read: (fields, where) => checked({ ...defaults, ...fields }, rules, where),
  };
}

/** Returns the values of these fields. Throws one line for an invalid one. */
function checked<Own extends Fields>(fields: Fields, rules: Rules, where: string): Own {
  for (const [key, rule] of Object.entries(rules)) {
    if (isAllowed(rule, fields[key])) continue;
    throw new Error(
      `${where}: damaged: the model's ${key} is ${shown(fields[key])}, expected ${expected(rule)}`,
    );
  }
  return Object.fromEntries(Object.keys(rules).map((key) => [key, fields[key]])) as Own;
}
