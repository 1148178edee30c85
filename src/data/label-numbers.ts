// The meaningful numbers of a label file: without ignored ones; for a palette its indices, or black
// and white if it shows nothing else.

import { parseColour } from "./classes.js";
import type { IgnoredMark } from "./ignored.js";
import type { LabelSurvey, SurveyedPlane, SurveyedValue } from "./label-survey.js";

export type Numbered = SurveyedValue & { readonly value: number };

export interface FileNumbers {
  readonly survey: LabelSurvey;
  /** In ascending order. */
  readonly values: readonly Numbered[];
  /** Pixels of further values. */
  readonly others: number;
  /** Of the finite numbers; infinite if there are none. */
  readonly low: number;
  readonly high: number;
  readonly bins?: readonly number[] | undefined;
}

/** Parses `--ignore` for comparison with pixels. */
export function ignoredMark(ignore: number | string | undefined): IgnoredMark | undefined {
  return typeof ignore === "string" ? parseColour(ignore) : ignore;
}

/** Whether pixels with this value are ignored. */
export function isIgnoredValue(
  { value, colour }: SurveyedValue,
  mark: IgnoredMark | undefined,
  maximum: number,
): boolean {
  if (mark === undefined) return false;
  if (typeof mark === "number") return value === mark;
  const channels = colour ?? [value, value, value];
  return channels.every((channel, i) => channel === (mark[i] * maximum) / 255);
}

/** Whether a palette file shows only black and white and ignored pixels. */
export function isBlackAndWhite(survey: LabelSurvey, mark: IgnoredMark | undefined): boolean {
  const { plane, maximum } = survey;
  return plane.values.every(
    (one) =>
      isIgnoredValue(one, mark, maximum) ||
      one.colour?.every((value) => value === 0) ||
      one.colour?.every((value) => value === maximum),
  );
}

/**
 * Returns the file's numbers; undefined for a colour picture. `look`: palettes are read by black
 * and white, not by index.
 */
export function fileNumbers(
  survey: LabelSurvey,
  mark: IgnoredMark | undefined,
  look: boolean,
): FileNumbers | undefined {
  const { plane, kind, maximum } = survey;
  const kept = plane.values.filter((one) => !isIgnoredValue(one, mark, maximum));
  if (kind === "colours" && (plane.others > 0 || kept.some(({ value }) => value === undefined))) {
    return undefined;
  }
  const values = kept.map((one): Numbered => {
    const value = kind === "palette" && look ? one.colour?.[0] : one.value;
    return { ...one, value: value as number };
  });
  return numbersOf(survey, plane, values);
}

/** Returns the mean of the channels of a picture whose colours are nearly grey. */
export function nearGreyNumbers(
  survey: LabelSurvey,
  mark: IgnoredMark | undefined,
): FileNumbers | undefined {
  const { nearGrey, maximum } = survey;
  if (nearGrey === undefined) return undefined;
  const kept = nearGrey.values.filter((one) => !isIgnoredValue(one, mark, maximum));
  return numbersOf(survey, nearGrey, kept as Numbered[]);
}

function numbersOf(
  survey: LabelSurvey,
  { others, bins, low, high }: SurveyedPlane,
  values: readonly Numbered[],
): FileNumbers {
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const finite = sorted.map(({ value }) => value).filter(Number.isFinite);
  const ends =
    others > 0 ? { low, high } : { low: finite[0] ?? Infinity, high: finite.at(-1) ?? -Infinity };
  return { survey, values: sorted, others, ...ends, bins };
}

/** Returns all numbers of a set, in ascending order. */
export function allNumbers(files: readonly FileNumbers[]): number[] {
  const all = new Set<number>();
  for (const { values } of files) for (const { value } of values) all.add(value);
  return [...all].sort((a, b) => a - b);
}

/**
 * Returns the share of the values above the lowest, file by file, that are in several pieces; NaN
 * if there are none.
 */
export function shareInPieces(files: readonly FileNumbers[], background: number): number {
  let [all, several] = [0, 0];
  for (const { values } of files) {
    for (const { value, pieces } of values) {
      if (value === background) continue;
      all++;
      if (pieces > 1) several++;
    }
  }
  return several / all;
}

/** Whether a value occurs only in thin lines, in all files together. */
export function isThin(files: readonly FileNumbers[], value: number): boolean {
  let [pixels, rim] = [0, 0];
  for (const { values } of files) {
    for (const one of values) {
      if (one.value !== value) continue;
      pixels += one.pixels;
      rim += one.rim;
    }
  }
  // A line one pixel wide has a rim of 2 per pixel, two pixels wide 1, a disc of radius 5 one of
  // 0.5.
  return rim >= 0.85 * pixels;
}
