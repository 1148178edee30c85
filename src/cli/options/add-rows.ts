// Command line options, made from the rows of the tables in src/options/.

import { type Command, Option } from "commander";
import { flagOf } from "../../options/command-line.js";
import type { OptionRow } from "../../options/rules.js";
import { parseNumber } from "./parse-numbers.js";

type Row = OptionRow<unknown>;
export type Rows = Readonly<Record<string, Row>>;

/** The text in parentheses in the help, such as "default: 284". Undefined: none. */
export type Note = (key: string, row: Row) => string | undefined;

/** The default of the table: "default: no limit". */
export const defaultNote: Note = (_key, row) => {
  const usual = row.usual ?? row.default;
  return usual === undefined || usual === "" || typeof usual === "boolean"
    ? undefined
    : `default: ${usual}`;
};

/** The option of a row. */
export function optionOf(key: string, row: Row, note: Note = defaultNote): Option {
  const remark = note(key, row);
  const words = remark === undefined ? row.words : `${row.words} (${remark})`;
  const option = new Option(`${flagOf(key)}${row.value ? ` <${row.value}>` : ""}`, words);
  if (row.choices) return option.choices(row.choices);
  return row.value && !row.nested && !row.pattern ? option.argParser(parseNumber) : option;
}

/** Adds an option for each row, in their order. */
export function addRows(command: Command, rows: Rows, note?: Note): void {
  for (const [key, row] of Object.entries(rows)) command.addOption(optionOf(key, row, note));
}

/** The rows for which `isMeant` is true. */
export function rowsWhere(rows: Rows, isMeant: (row: Row, key: string) => boolean): Rows {
  return Object.fromEntries(Object.entries(rows).filter(([key, row]) => isMeant(row, key)));
}
