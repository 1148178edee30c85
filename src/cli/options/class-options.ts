// The options that define what labels mean: classes, their names and colours, ignored pixels.

import { type Command, InvalidArgumentError, Option } from "commander";
import { type ClassFields, colourText, completeColours, parseColour } from "../../data/classes.js";
import { checkIgnoredColour } from "../../data/ignored.js";
import type { Colour } from "../../data/image-types.js";
import type { LabelDecision, LabelDeclaration } from "../../data/label-decision.js";
import { ignoredMark } from "../../data/label-numbers.js";
import type { ObjectKind } from "../../data/task.js";
import { LABEL_OPTIONS } from "../../options/label.js";
import { NETWORK_OPTIONS } from "../../options/network.js";
import { addRows, optionOf, rowsWhere } from "./add-rows.js";
import { checkRanges, parseNumber } from "./parse-numbers.js";

export interface ClassOptions {
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** "#rrggbb" each. */
  readonly classColours?: readonly string[] | undefined;
  /** A value, or "#rrggbb". */
  readonly ignore?: number | string | undefined;
}

/** How to read labels that are neither black and white nor class indices. */
export interface LabelReadingOptions {
  readonly instances?: boolean | undefined;
  readonly labelThreshold?: number | undefined;
  readonly labelChannel?: "alpha" | undefined;
}

/** What is made of single cells in training. */
export interface ObjectOptions {
  readonly objects?: ObjectKind | undefined;
}

/** Adds `--instances`, `--label-threshold` and `--label-channel`. */
export function addLabelOptions(command: Command): void {
  addRows(
    command,
    rowsWhere(LABEL_OPTIONS, (_row, key) => key !== "ignore"),
  );
}

/** Adds `--class-names` and `--class-colours`. */
export function addClassOptions(command: Command): void {
  command.addOption(
    new Option(
      "--class-names <NAMES>",
      "comma-separated names of the classes, class 0 first: membrane,cell,organelle",
    ).argParser(parseNames),
  );
  command.addOption(
    new Option(
      "--class-colours <COLOURS>",
      'their colours: "#000000,#ffffff,#d4442f"; labels may be RGB images in these colours',
    ).argParser(parseColours),
  );
}

/** `--ignore`. */
export function ignoreOption(): Option {
  return optionOf("ignore", LABEL_OPTIONS.ignore).argParser(parseIgnore);
}

function parseIgnore(text: string): number | string {
  const colour = parseColour(text.trim());
  if (colour) return colourText(colour);
  try {
    return parseNumber(text);
  } catch {
    throw new InvalidArgumentError("it is neither a number nor a colour such as #ff00ff.");
  }
}

function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("a name between the commas is empty.");
  refuseTwice(names);
  return names;
}

function parseColours(text: string): string[] {
  const colours = text.split(",").map((one) => {
    const colour = parseColour(one.trim());
    if (colour) return colourText(colour);
    throw new InvalidArgumentError(
      `${JSON.stringify(one.trim())} is not a colour such as #d4442f.`,
    );
  });
  refuseTwice(colours);
  return colours;
}

function refuseTwice(list: readonly string[]): void {
  const twice = list.find((one, i) => list.indexOf(one) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
}

/**
 * The classes that the options define: as many as are named if their number is not given. If there are
 * fewer colours than classes, the others get default ones. Throws one line if the numbers differ.
 */
export function resolveClasses(options: ClassOptions, usual: number): ClassFields {
  const { classNames, classColours, ignore } = options;
  checkRanges({ classes: NETWORK_OPTIONS.classes }, options);
  const classes = options.classes ?? classNames?.length ?? classColours?.length ?? usual;
  if (classNames && classNames.length !== classes) {
    const of = `${classNames.length} (${classNames.join(", ")})`;
    throw new Error(`--class-names: got ${of}, expected ${classes}, one for each class`);
  }
  if (classColours && classColours.length > classes) {
    throw new Error(
      `--class-colours: got ${classColours.length}, expected at most ${classes}, one for each class`,
    );
  }
  const given = classColours?.map(parseColour);
  const ignored = typeof ignore === "string" ? parseColour(ignore) : undefined;
  return {
    classes,
    ...(classNames ? { classNames } : {}),
    ...(given ? { classColours: completeColours(given, classes, ignored).map(colourText) } : {}),
  };
}

/** The options with which labels were read before. */
export function labelReading(
  decision: LabelDecision | undefined,
): LabelReadingOptions & ObjectOptions {
  return {
    objects: decision?.objects,
    instances: decision?.reading === "instances" ? true : undefined,
    labelThreshold: decision?.threshold,
    labelChannel: decision?.channel,
  };
}

/** Whether the options determine the number of classes; otherwise the labels do. */
export function declaresClasses({ classes, classNames, classColours }: ClassOptions): boolean {
  return [classes, classNames, classColours].some((given) => given !== undefined);
}

/**
 * What the options declare about labels; `fields` are the classes that they define. Throws one line if
 * they contradict each other.
 */
export function labelDeclaration(
  options: ClassOptions & LabelReadingOptions & ObjectOptions,
  fields: ClassFields,
): LabelDeclaration {
  const { ignore, labelThreshold, labelChannel, objects } = options;
  const instances = options.instances ?? (objects === undefined ? undefined : true);
  const { classes, classNames, classColours } = fields;
  checkRanges(LABEL_OPTIONS, { labelThreshold, ...(typeof ignore === "number" && { ignore }) });
  const colours = classColours?.map((text) => parseColour(text) as Colour);
  checkIgnoredColour("--ignore", ignoredMark(ignore), colours);
  const known = declaresClasses(options);
  const made = objects === "border" ? 3 : 2;
  if (known && classes !== made && (instances || labelThreshold !== undefined)) {
    const option = instances ? "--instances" : "--label-threshold";
    const named = made === 3 ? "background, cell and border" : "cell and background";
    throw new Error(`${option}: makes ${made} classes, ${named}, got ${classes} classes`);
  }
  if (instances && labelThreshold !== undefined) {
    throw new Error(
      "--instances: cannot be combined with --label-threshold; give only one of the two",
    );
  }
  const reading = { instances, objects, labelThreshold, labelChannel };
  const kept = { classNames, classColours, ignore, ...reading };
  return known ? { classes, ...kept } : kept;
}
