// The options that name the classes and colour them.

import { type Command, InvalidArgumentError, Option } from "commander";
import { type ClassFields, colourText, completeColours, parseColour } from "../data/classes.js";
import { checkNumber } from "./numbers.js";

export interface ClassOptions {
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** "#rrggbb" each. */
  readonly classColours?: readonly string[] | undefined;
}

/** Adds `--class-names` and `--class-colours`. */
export function addClassOptions(command: Command): void {
  command.addOption(
    new Option(
      "--class-names <NAMES>",
      "names of the classes by commas, that of class 0 first: membrane,cell,organelle",
    ).argParser(parseNames),
  );
  command.addOption(
    new Option(
      "--class-colours <COLOURS>",
      'their colours: "#000000,#ffffff,#d4442f"; labels may be RGB pictures in them',
    ).argParser(parseColours),
  );
}

function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("a name is missing between the commas.");
  refuseTwice(names);
  return names;
}

function parseColours(text: string): string[] {
  const colours = text.split(",").map((one) => {
    const colour = parseColour(one.trim());
    if (colour) return colourText(colour);
    throw new InvalidArgumentError(`${JSON.stringify(one.trim())} is no colour such as #d4442f.`);
  });
  refuseTwice(colours);
  return colours;
}

function refuseTwice(list: readonly string[]): void {
  const twice = list.find((one, i) => list.indexOf(one) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} stands twice.`);
}

/**
 * The classes that the options amount to: as many as are named, where their number is not given.
 * Fewer colours than classes: the others get the default ones. Throws one line where the numbers
 * differ.
 */
export function resolveClasses(options: ClassOptions, usual: number): ClassFields {
  const { classNames, classColours } = options;
  checkNumber("classes", options.classes);
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
  return {
    classes,
    ...(classNames ? { classNames } : {}),
    ...(given ? { classColours: completeColours(given, classes).map(colourText) } : {}),
  };
}
