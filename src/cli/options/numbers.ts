// Numbers on the command line: what is not a number is wrong usage (exit code 2), a number that
// makes no sense is wrong input (exit code 1).

import { InvalidArgumentError } from "commander";

/** An option's text as a number; "nan" and "inf" are numbers here, refused later by range. */
export function parseNumber(text: string): number {
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("not a number.");
  return value;
}

interface Range {
  readonly whole?: boolean;
  readonly least?: number;
  /** The value must be larger than this. */
  readonly above?: number;
  readonly most?: number;
  /** The value must be smaller than this. */
  readonly below?: number;
}

const RANGES: Readonly<Record<string, Range>> = {
  base: { whole: true, least: 1, most: 1024 },
  depth: { whole: true, least: 1, most: 8 },
  channels: { whole: true, least: 1, most: 1024 },
  classes: { whole: true, least: 2, most: 255 },
  ignore: { whole: true, least: -(2 ** 31), most: 2 ** 32 - 1 },
  "label-threshold": { least: -(2 ** 32), most: 2 ** 32 },
  dropout: { least: 0, below: 1 },
  tile: { whole: true, least: 1 },
  symmetries: { whole: true, least: 1, most: 8 },
  threshold: { least: 0, below: 1 },
  workers: { whole: true, least: 0, most: 64 },
  accumulate: { whole: true, least: 1 },
  "clip-norm": { least: 0 },
  "weight-decay": { least: 0 },
  ema: { least: 0, below: 1 },
  patience: { whole: true, least: 0 },
  batch: { whole: true, least: 1 },
  "tile-stride": { whole: true, least: 0 },
  budget: { above: 0 },
  steps: { whole: true, least: 1 },
  "max-minutes": { above: 0 },
  "learning-rate": { above: 0 },
  warmup: { whole: true, least: 0 },
  "decay-every": { whole: true, least: 1 },
  "decay-factor": { above: 0, most: 1 },
  momentum: { least: 0, below: 1 },
  seed: { whole: true, least: 0, most: 2 ** 32 - 1 },
  "validate-every": { whole: true, least: 1 },
  w0: { least: 0 },
  sigma: { above: 0 },
};

/** Throws one line when the option's value is outside its range. */
export function checkNumber(option: string, value: number | undefined): void {
  const range = RANGES[option];
  if (value === undefined || range === undefined) return;
  const fits =
    Number.isFinite(value) &&
    (!range.whole || Number.isInteger(value)) &&
    value >= (range.least ?? -Infinity) &&
    value <= (range.most ?? Infinity) &&
    value > (range.above ?? -Infinity) &&
    value < (range.below ?? Infinity);
  if (!fits) throw new Error(`--${option}: got ${value}, expected ${describe(range)}`);
}

function describe({ whole, least, above, most, below }: Range): string {
  const what = whole ? "a whole number" : "a number";
  const bounds = [
    ...(least === undefined ? [] : [`from ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`to ${most}`]),
    ...(below === undefined ? [] : [`and below ${below}`]),
  ];
  return `${what} ${bounds.join(" ")}`;
}
