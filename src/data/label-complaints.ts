// Messages about labels that cannot be read as they are, and the questions that they raise.

import { colourText, defaultColour } from "./classes.js";
import { type LabelAnswer, LabelError, LabelQuestion } from "./label-decision.js";
import { type FileNumbers, isThin, type Numbered } from "./label-numbers.js";
import type { SoftEdges } from "./label-soft.js";

/** What was expected, and what was declared as ignored. */
export interface Expected {
  readonly classes: number;
  /** "255" or "#ff00ff". */
  readonly ignored?: string | undefined;
  /** More advice, beginning with a semicolon. */
  readonly hint?: string | undefined;
}

/** Returns an error that names the most frequent values that are not a class, with their counts. */
export function strangersError(
  name: string,
  strangers: readonly Numbered[],
  held: ReadonlySet<number>,
  { classes, ignored, hint = "" }: Expected,
): LabelError {
  const worst = [...strangers].sort((a, b) => b.pixels - a.pixels).slice(0, 4);
  const shown = worst.map(({ value, pixels }) => `${value} (${pixels} pixels)`).join(", ");
  const more =
    strangers.length > worst.length ? ` and ${strangers.length - worst.length} more` : "";
  const expected =
    classes === 2
      ? "only 0 and 255, or only 0 and 1"
      : `class indices 0 to ${classes - 1} for ${classes} classes`;
  const onlyWhite = strangers.length === 1 && strangers[0].value === 255;
  const advice =
    ignored !== undefined
      ? ` (and ${ignored}, ignored)`
      : onlyWhite && held.has(1)
        ? "; if 255 marks pixels without a label, name it as the ignored value (--ignore 255)"
        : onlyWhite && held.size === 2 && held.has(0)
          ? "; a label of 0 and 255 has 2 classes"
          : "";
  return new LabelError(
    name,
    `it has values such as ${shown}${more}, expected ${expected}${advice}${hint}`,
  );
}

/** Returns an error about values that are classes, and one that may mark unlabelled pixels. */
export function voidError(
  files: readonly FileNumbers[],
  classes: readonly number[],
  value: number,
): LabelError {
  const holds = (file: FileNumbers, wanted: number) =>
    file.values.find((one) => one.value === wanted);
  const file =
    files.find((one) => holds(one, value) && one.values.length > 2) ??
    (files.find((one) => holds(one, value)) as FileNumbers);
  const pixels = holds(file, value)?.pixels;
  const where = isThin(files, value) ? ", in thin lines between other values" : "";
  return new LabelError(
    file.survey.name,
    `it has the value ${value} (${pixels} pixels)${where}, and the labels' other values are ` +
      `${someValues(classes)}: if ${value} marks pixels without a label, name it as the ignored ` +
      `value (--ignore ${value})`,
  );
}

/** Asks whether there is one number per cell. The file is the one with the most numbers. */
export function instancesQuestion(
  files: readonly FileNumbers[],
  numbers: readonly number[],
): LabelQuestion {
  const file = richest(files);
  const above = file.values.filter(({ value }) => value > 0);
  const largest = numbers.at(-1) as number;
  const known = file.others > 0 ? "more than " : "";
  const name = file.survey.name;
  return new LabelQuestion(
    `label ${name}: it has ${known}${above.length} values above 0, up to ${file.high}, which look ` +
      "like one number per cell: add --instances to train cell and background, with touching cells " +
      `separated; if the numbers are classes, from 0 on, add --classes ${classCount(largest)}`,
    { kind: "instances", file: name, answers: [instances, ...asClasses(largest)] },
  );
}

const instances: LabelAnswer = {
  text: "One number per cell: train cell and background, with touching cells separated",
  option: "--instances",
  declaration: { instances: true },
};

function asClasses(largest: number): LabelAnswer[] {
  if (largest > 254) return [];
  const classes = Math.max(2, largest + 1);
  const text = `The numbers are classes: ${classes} of them`;
  return [{ text, option: `--classes ${classes}`, declaration: { classes } }];
}

function classCount(largest: number): string {
  return largest > 254 ? "N (at most 255)" : String(Math.max(2, largest + 1));
}

/** Asks whether a few values far apart, each in several pieces, are classes. */
export function greyLevelsQuestion(
  files: readonly FileNumbers[],
  numbers: readonly number[],
): LabelQuestion {
  const file = richest(files);
  const name = file.survey.name;
  const largest = numbers.at(-1) as number;
  const thin = numbers.slice(1, -1).find((value) => isThin(files, value));
  const answers: LabelAnswer[] = [];
  if (thin !== undefined) {
    answers.push({
      text: `${thin} marks pixels without a label`,
      option: `--ignore ${thin}`,
      declaration: { ignore: thin },
    });
  }
  if (file.survey.maximum === 255 && file.survey.kind === "grey") {
    const classColours = numbers.map((value) => colourText([value, value, value]));
    answers.push({
      text: `Classes by their grey: ${someValues(numbers)}`,
      option: `--class-colours "${classColours.join(",")}"`,
      declaration: { classColours },
    });
  }
  answers.push(instances, ...asClasses(largest));
  const options = answers.map(({ text, option }) => `${option} (${lowerFirst(text)})`);
  const classes = largest > 254 ? "; --classes N takes numbers from 0 to N - 1 as classes" : "";
  return new LabelQuestion(
    `label ${name}: the labels' values are ${someValues(numbers)}, with gaps between them; choose ` +
      `what they are: ${options.join(", or ")}${classes}`,
    { kind: "grey-levels", file: name, answers },
  );
}

/** Asks whether a black and white picture with soft edges is a label. */
export function softQuestion(
  { survey: { name, kind } }: FileNumbers,
  { dark, bright, middle, count, isTwoPeaks }: SoftEdges,
): LabelQuestion | LabelError {
  const colours = kind === "colours" ? " (nearly grey colours)" : "";
  if (!isTwoPeaks) {
    return new LabelError(
      name,
      `it has ${count} values${colours} in small pieces, as a picture has and no label: is it in the ` +
        `wrong folder? For cells that are brighter than a value add --label-threshold, such as ${middle}`,
    );
  }
  const option = `--label-threshold ${middle}`;
  const text = `Black and white with soft edges: brighter than ${middle} is cell`;
  return new LabelQuestion(
    `label ${name}: it is a black and white picture with soft edges, ${count} values${colours} ` +
      `around ${dark} and ${bright}, as JPEG files and smoothing make them: add ${option} to take ` +
      `pixels brighter than ${middle} as class 1`,
    {
      kind: "soft-edges",
      file: name,
      answers: [{ text, option, declaration: { labelThreshold: middle } }],
    },
  );
}

/** Asks whether the label is in the alpha channel, if the colours are the same everywhere. */
export function alphaQuestion(name: string): LabelQuestion {
  const option = "--label-channel alpha";
  return new LabelQuestion(
    `label ${name}: its colours are the same everywhere but its transparency (alpha) is not: add ` +
      `${option} to read the label there`,
    {
      kind: "alpha",
      file: name,
      answers: [
        {
          text: "The label is in the transparency (alpha channel)",
          option,
          declaration: { labelChannel: "alpha" },
        },
      ],
    },
  );
}

/**
 * Returns an error for colours without `--class-colours`; `only` is the one colour besides greys.
 */
export function colourError(
  { survey }: { readonly survey: FileNumbers["survey"] },
  only: string | undefined,
): LabelError {
  const { name, plane, maximum } = survey;
  if (isMixed(survey)) return mixedColoursError(name, plane.values.length);
  const hint = only ? `; if ${only} marks pixels without a label, add --ignore "${only}"` : "";
  const few = plane.values.length <= 8 && maximum === 255;
  const found = plane.values.map(({ colour }) => colourText(colour ?? defaultColour(0)));
  const holds = few ? ` (here ${found.join(", ")})` : "";
  return new LabelError(
    name,
    "it is a colour image, expected grey values or a palette, one class index per pixel; pictures " +
      `in class colours${holds} need --class-colours${hint}`,
  );
}

/** Returns an error for colours between the class colours, from JPEG or smoothing. */
export function mixedColoursError(name: string, count: number): LabelError {
  return new LabelError(
    name,
    `it has ${count === 4096 ? "more than 4096" : count} colours in small pieces, expected a few ` +
      "class colours: JPEG and smoothing mix colours, save labels as PNG, without smoothing",
  );
}

/** Whether a colour picture has so many colours in such small pieces that they are mixtures. */
export function isMixed({ plane }: FileNumbers["survey"]): boolean {
  const { values, others } = plane;
  const small = values.filter(({ pixels, pieces }) => pixels < 6 * pieces);
  return others > 0 || (values.length > 16 && small.length > values.length / 2);
}

function richest(files: readonly FileNumbers[]): FileNumbers {
  return files.reduce((best, one) => (one.values.length > best.values.length ? one : best));
}

/** Formats "0, 1, 2" or "0, 1, 2, ... 64". */
export function someValues(values: readonly number[]): string {
  if (values.length <= 6) {
    return [values.slice(0, -1).join(", "), values.at(-1)]
      .filter((one) => one !== "")
      .join(" and ");
  }
  return `${values.slice(0, 3).join(", ")}, ... ${values.at(-1)}`;
}

function lowerFirst(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}
