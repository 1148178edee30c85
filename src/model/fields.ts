// The architecture's own fields in a model's configuration, and their valid values.

import { ShapeError } from "../graph/tensor.js";
import type { NETWORK_OPTIONS } from "../options/network.js";
import { networkRules } from "../options/network-rules.generated.js";
import { faultIn, type OptionValues, type Rule } from "../options/rules.js";

/** A rule per field, with its default. */
export type FieldRules = Readonly<
  Record<string, Rule & { readonly default: number | string | boolean }>
>;

/** The values of fields by name. */
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

/** The fields of every model. */
export const COMMON = { channels, classes };

/** The fields of the U-Net and of the FCNs, with the U-Net's defaults. */
export const BUILT_IN_RULES: Readonly<Record<keyof BuiltInFields, Rule>> = own;

/** Throws for a value that is invalid by these rules, and names it. */
export function checkConfig(
  config: object,
  rules: Readonly<Record<string, Rule>> = BUILT_IN_RULES,
): void {
  const fault = faultIn({ ...rules, ...COMMON }, config);
  if (fault) throw new ShapeError(`model: ${fault}`);
}
