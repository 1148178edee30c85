// Numbers on the command line: text that is not a number is wrong usage (exit code 2), a number out of
// range is wrong input (exit code 1).

import { InvalidArgumentError } from "commander";
import { flagOf } from "../../options/command-line.js";
import { expected, isAllowed, type Rule } from "../../options/rules.js";

/** An option's text as a number; "nan" and "inf" are numbers here, refused later as out of range. */
export function parseNumber(text: string): number {
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("not a number.");
  return value;
}

/** Throws one line if a given value is outside its option's range. */
export function checkRanges(rules: Readonly<Record<string, Rule>>, values: object): void {
  for (const [key, value] of Object.entries(values)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!rule || value === undefined || isAllowed(rule, value)) continue;
    throw new Error(`${flagOf(key)}: got ${value}, expected ${expected(rule)}`);
  }
}
