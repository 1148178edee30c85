// The own fields of a model's configuration: what their values may be.

import { ShapeError } from "../graph/tensor.js";
import type { NETWORK_OPTIONS } from "../options/network.js";
import { networkRules } from "../options/network-rules.generated.js";
import { faultIn, type OptionValues, type Rule } from "../options/rules.js";

/** A rule for each field, with its default. */
export type FieldRules = Readonly<
  Record<string, Rule & { readonly default: number | string | boolean }>
>;

/** The values of fields by their names. */
export type FieldValues<Rules extends FieldRules> = {
  readonly [Name in keyof Rules]: Rules[Name] extends { choices: readonly (infer Word)[] }
    ? Word
    : Rules[Name]["default"] extends number
      ? number
      : Rules[Name]["default"] extends boolean
        ? boolean
        : string;
};

/** The own fields of the U-Net and of the FCNs, which have the same names. */
export type BuiltInFields = Omit<OptionValues<typeof NETWORK_OPTIONS>, "channels" | "classes">;

const { channels, classes, ...own } = networkRules;

/** What every model has. */
export const COMMON = { channels, classes };

/** What the U-Net and the FCNs have; the defaults are the U-Net's. */
export const BUILT_IN_RULES: Readonly<Record<keyof BuiltInFields, Rule>> = own;

/** Throws for a configuration that no model of these fields can have, and names the value. */
export function checkConfig(
  config: object,
  rules: Readonly<Record<string, Rule>> = BUILT_IN_RULES,
): void {
  const fault = faultIn({ ...rules, ...COMMON }, config);
  if (fault) throw new ShapeError(`model: ${fault}`);
}
