// Constructors of rows by the type of their value, so that a default of another type is a compile
// error.

import type { OptionRow, OptionWords, Rule, Shown } from "./rules.js";

type Range = Pick<Rule, "least" | "above" | "most" | "below">;

/** A whole number. */
export function whole(row: OptionWords & Range & { readonly default: number }): OptionRow<number> {
  return { ...row, whole: true };
}

/** Any finite number in a range. */
export function number(row: OptionWords & Range & { readonly default: number }): OptionRow<number> {
  return row;
}

/** A whole number that may be missing. */
export function optionalWhole(row: OptionWords & Range): OptionRow<number | undefined> {
  return { ...row, whole: true };
}

/** A number that may be missing. */
export function optionalNumber(row: OptionWords & Range): OptionRow<number | undefined> {
  return row;
}

/** One of several words. */
export function choice<const Word extends string>(
  choices: readonly Word[],
  row: OptionWords & { readonly default: NoInfer<Word> },
): OptionRow<Word> {
  return { ...row, choices };
}

/** One of some words, or missing. */
export function optionalChoice<const Word extends string>(
  choices: readonly Word[],
  row: OptionWords,
): OptionRow<Word | undefined> {
  return { ...row, choices };
}

/** A text of a form that the row describes. */
export function pattern(
  row: OptionWords & { readonly default: string; readonly pattern: string; readonly form: string },
): OptionRow<string> {
  return row;
}

/** On or off. */
export function toggle(row: OptionWords & { readonly default: boolean }): OptionRow<boolean> {
  return row;
}

/** An object whose fields have a separate table. */
export function nested<Value extends object>(row: OptionWords): OptionRow<Value> {
  return { ...row, nested: true };
}

/**
 * A row that is also in the app's form, with this label: a number as a field, a choice with labels
 * as a list, a choice of two without labels as a check box.
 */
export function shown<Row extends OptionRow<unknown>>(
  label: string,
  row: Row,
  choiceLabels?: Readonly<Record<string, string>>,
): Row & Shown {
  return { ...row, label, ...(choiceLabels ? { choiceLabels } : {}) };
}
