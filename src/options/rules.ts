// The valid values of options, and the rows of the tables that define them (network.ts,
// training.ts, augmentation.ts). A page that only trains loads the rules
// (network-rules.generated.ts etc.) without the words.

import { shown } from "../arguments/shown.js";

/** The valid values of an option. */
export interface Rule {
  /** The default; undefined if no value is needed. */
  readonly default?: number | string | boolean | undefined;
  /** The value must be a whole number. */
  readonly whole?: true | undefined;
  /** The value must be this or larger. */
  readonly least?: number | undefined;
  /** The value must be larger than this. */
  readonly above?: number | undefined;
  /** The value must be this or smaller. */
  readonly most?: number | undefined;
  /** The value must be smaller than this. */
  readonly below?: number | undefined;
  /** The value is a text of this form. */
  readonly pattern?: string | undefined;
  /** Describes that form: "whole numbers with commas". */
  readonly form?: string | undefined;
  /** The value must be one of these. */
  readonly choices?: readonly string[] | undefined;
  /** The value is an object whose fields have a separate table. */
  readonly nested?: true | undefined;
}

type Bounds = { readonly [Key in "least" | "above" | "most" | "below"]: number };

/** Headings of the help, in this order. */
export type OptionGroup =
  | "Data"
  | "Network"
  | "Training"
  | "Recipe"
  | "Augmentation"
  | "Prediction"
  | "Tuning";

/** The description of an option on the command line, in docs/options.md and in the app. */
export interface OptionWords {
  /** The heading under which the help has it. */
  readonly group: OptionGroup;
  /** The name of its value in the help, as in `--tile <N>`; a switch has none. */
  readonly value?: string | undefined;
  /** What the option does. */
  readonly words: string;
  /** What happens without it, if `default` does not say it. */
  readonly usual?: string | undefined;
  /** Whether a resumed run must keep the value. */
  readonly isFixed?: true | undefined;
  /**
   * Whether it affects the memory of a plan or the layers to tune: `info --plan` and `tune` have
   * it.
   */
  readonly isInPlan?: true | undefined;
}

/** A row of a table: an option with a value of type `Value`. */
export interface OptionRow<Value> extends Rule, OptionWords {
  /** For the compiler only: never set. */
  readonly type?: Value | undefined;
}

/** The additional fields of a row in the app's form. */
export interface Shown {
  /** What the option is called in the form. */
  readonly label: string;
  /** Labels of its choices; those without a label are only on the command line. */
  readonly choiceLabels?: Readonly<Record<string, string>> | undefined;
}

/** The values of a table's options by name: the contents of a configuration. */
export type OptionValues<Rows> = {
  readonly [Key in keyof Rows]: Rows[Key] extends OptionRow<infer Value> ? Value : never;
};

/** The rules of a table's options. */
export type Rules<Rows> = { readonly [Key in keyof Rows]: Rule };

/** Whether the rule allows a value. */
export function isAllowed(rule: Rule, value: unknown): boolean {
  const { default: usual, whole, choices, nested, pattern } = rule;
  if (nested || (usual === undefined && value === undefined)) return true;
  if (choices) return choices.includes(value as string);
  if (pattern) return typeof value === "string" && RegExp(`^(${pattern})$`).test(value);
  if (typeof usual === "boolean") return typeof value === "boolean";
  // A comparison with an undefined bound is false.
  const { least, above, most, below } = rule as Bounds;
  const number = value as number;
  const isOutside = number < least || number <= above || number > most || number >= below;
  return (whole ? Number.isSafeInteger(number) : Number.isFinite(number)) && !isOutside;
}

/**
 * Describes valid values: "a whole number from 1", "a number from 0 and below 1", "sgd or adam".
 */
export function expected(rule: Rule): string {
  const { default: usual, whole, least, above, most, below, choices, form } = rule;
  if (choices) return choices.join(" or ");
  if (form) return form;
  if (typeof usual === "boolean") return "true or false";
  const from = least === undefined ? `above ${above}` : `from ${least}`;
  const to = most === undefined ? "" : ` to ${most}`;
  const under = below === undefined ? "" : ` and below ${below}`;
  return `a ${whole ? "whole " : ""}number ${from}${to}${under}`;
}

/**
 * Returns "tile must be a whole number from 1, got 0" for the first invalid value; undefined if all
 * are valid.
 */
export function faultIn(rules: Readonly<Record<string, Rule>>, values: object): string | undefined {
  for (const [key, rule] of Object.entries(rules)) {
    const value = values[key as keyof typeof values];
    if (!isAllowed(rule, value)) return `${key} must be ${expected(rule)}, got ${shown(value)}`;
  }
  return undefined;
}

/** Returns the defaults. */
export function defaultsOf<Rows>(rules: Rules<Rows>): OptionValues<Rows> {
  return Object.fromEntries(
    Object.entries<Rule>(rules).map(([key, rule]) => [key, rule.default]),
  ) as OptionValues<Rows>;
}
