// The architecture's own fields in a model's configuration, and their valid values.

import { ShapeError } from "../graph/tensor.js";
import type { NETWORK_OPTIONS } from "../options/network.js";
import { networkRules } from "../options/network-rules.generated.js";
import { faultIn, type OptionValues, type Rule } from "../options/rules.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import type { UNET_OPTIONS } from "../options/unet-options.js";

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

/** In what a U-Net may differ from the paper's. A field that is left out has the paper's value. */
export type UNetVariant = OptionValues<typeof UNET_OPTIONS>;

/** The own fields of the U-Net and of the FCNs. FCNs have only the first three. */
export type BuiltInFields = Omit<OptionValues<typeof NETWORK_OPTIONS>, "channels" | "classes"> &
  Partial<UNetVariant>;

const { channels, classes, ...sizes } = networkRules;

/** The fields of every model. */
export const COMMON = { channels, classes };

/** The fields that the U-Net and the FCNs have, with the U-Net's defaults. */
export const SIZE_RULES = sizes;

/** Returns the fields in which a configuration differs from the paper's U-Net. */
export function variantKeys(config: object): (keyof UNetVariant)[] {
  const values: Partial<UNetVariant> = config;
  const keys = Object.keys(unetDefaults) as (keyof UNetVariant)[];
  return keys.filter((key) => (values[key] ?? unetDefaults[key]) !== unetDefaults[key]);
}

/**
 * Returns a configuration without the fields that have the paper's values: files of such U-Nets are
 * those of the versions before there were others.
 */
export function withoutDefaults<Config extends object>(config: Config): Config {
  const kept: string[] = variantKeys(config);
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !(key in unetDefaults) || kept.includes(key)),
  ) as Config;
}

/** Throws for a value that is invalid by these rules, and names it. */
export function checkConfig(
  config: object,
  rules: Readonly<Record<string, Rule>> = SIZE_RULES,
): void {
  const fault = faultIn({ ...rules, ...COMMON }, config);
  if (fault) throw new ShapeError(`model: ${fault}`);
}
