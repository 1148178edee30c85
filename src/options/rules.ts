// What an option's value may be, and the rows of the tables that say it (network.ts, training.ts,
// augmentation.ts). A page that only trains loads the rules (network-rules.generated.ts and so on), not the words.

import { shown } from "../arguments/shown.js";

/** What a value may be. */
export interface Rule {
  /** The value where nobody gives one; undefined: none is needed. */
  readonly default?: number | string | boolean | undefined;
  readonly whole?: true | undefined;
  readonly least?: number | undefined;
  /** The value must be larger than this. */
  readonly above?: number | undefined;
  readonly most?: number | undefined;
  /** The value must be smaller than this. */
  readonly below?: number | undefined;
  readonly choices?: readonly string[] | undefined;
  /** The value is an object whose fields have a table of their own. */
  readonly nested?: true | undefined;
}

type Bounds = { readonly [Key in "least" | "above" | "most" | "below"]: number };

/** Headings of the help, in its order. */
export type OptionGroup =
  | "Data"
  | "Network"
  | "Training"
  | "Recipe"
  | "Augmentation"
  | "Prediction"
  | "Tuning";

/** How an option is written and explained, on the command line, in docs/options.md and in the app. */
export interface OptionWords {
  readonly group: OptionGroup;
  /** What its value is called in the help, as in "--tile <N>"; a switch has none. */
  readonly value?: string | undefined;
  /** What it does. */
  readonly words: string;
  /** What happens without it, where that is more than the value of `default`. */
  readonly usual?: string | undefined;
  /** Whether a run that is resumed must have the value it began with. */
  readonly isFixed?: true | undefined;
  /** Whether it decides the memory of a plan or the layers to tune: `info --plan` and `tune` have it. */
  readonly isInPlan?: true | undefined;
}

/** A row of a table: an option whose value is a `Value`. */
export interface OptionRow<Value> extends Rule, OptionWords {
  /** For the compiler only: no row has it. */
  readonly type?: Value | undefined;
}

/** What a row has that the app's form shows. */
export interface Shown {
  readonly label: string;
  /** What its choices are called there; those without a name are only for the command line. */
  readonly choiceLabels?: Readonly<Record<string, string>> | undefined;
}

/** The values of a table's options by their names: what a configuration holds. */
export type OptionValues<Rows> = {
  readonly [Key in keyof Rows]: Rows[Key] extends OptionRow<infer Value> ? Value : never;
};

/** The rules of a table's options. */
export type Rules<Rows> = { readonly [Key in keyof Rows]: Rule };

/** Whether a value is one that the rule allows. */
export function isAllowed(rule: Rule, value: unknown): boolean {
  const { default: usual, whole, choices, nested } = rule;
  if (nested || (usual === undefined && value === undefined)) return true;
  if (choices) return choices.includes(value as string);
  if (typeof usual === "boolean") return typeof value === "boolean";
  // A comparison with a bound that is undefined is false.
  const { least, above, most, below } = rule as Bounds;
  const number = value as number;
  const isOutside = number < least || number <= above || number > most || number >= below;
  return (whole ? Number.isSafeInteger(number) : Number.isFinite(number)) && !isOutside;
}

/** What a value must be: "a whole number from 1", "a number from 0 and below 1", "sgd or adam". */
export function expected(rule: Rule): string {
  const { default: usual, whole, least, above, most, below, choices } = rule;
  if (choices) return choices.join(" or ");
  if (typeof usual === "boolean") return "true or false";
  const from = least === undefined ? `above ${above}` : `from ${least}`;
  const to = most === undefined ? "" : ` to ${most}`;
  const under = below === undefined ? "" : ` and below ${below}`;
  return `a ${whole ? "whole " : ""}number ${from}${to}${under}`;
}

/** "tile must be a whole number from 1, got 0", of the first such value; undefined where all are fine. */
export function faultIn(rules: Readonly<Record<string, Rule>>, values: object): string | undefined {
  for (const [key, rule] of Object.entries(rules)) {
    const value = values[key as keyof typeof values];
    if (!isAllowed(rule, value)) return `${key} must be ${expected(rule)}, got ${shown(value)}`;
  }
  return undefined;
}

/** The values where nobody gives one. */
export function defaultsOf<Rows>(rules: Rules<Rows>): OptionValues<Rows> {
  return Object.fromEntries(
    Object.entries<Rule>(rules).map(([key, rule]) => [key, rule.default]),
  ) as OptionValues<Rows>;
}
