// Names and colours of classes: as stored ("#rrggbb" in a run's configuration), and defaults.

import { shown, shownText } from "../arguments/shown.js";
import type { Colour } from "./image-types.js";
import type { ClassFields } from "./task.js";

export type { ClassFields } from "./task.js";

/** The contents of a file next to masks: their classes, and how the training labels are read. */
export interface ClassList extends ClassFields {
  /** A value of the label files, or "#rrggbb". */
  readonly ignore?: number | string | undefined;
  /** Two classes: the mask is class 1 where its probability is above this. By default 0.5. */
  readonly threshold?: number | undefined;
}

/** A name and a colour for each class, by its index. */
export interface ClassLegend {
  /** `[classes]`: names by index. */
  readonly names: readonly string[];
  /** `[classes]`: colours by index. */
  readonly colours: readonly Colour[];
}

/**
 * The first are at least 29 apart in CIELAB, for normal vision and simulated for protanopes,
 * deuteranopes and tritanopes (a test measures it with the matrices of Machado et al. 2009).
 */
const DEFAULTS: readonly Colour[] = [
  [0, 0, 0],
  [255, 176, 0],
  [86, 180, 233],
  [136, 34, 255],
  [170, 34, 0],
  [255, 255, 238],
  [119, 0, 119],
  [136, 153, 119],
  [0, 85, 68],
];

/** Returns the default colour of a class; those of 255 classes are all different. */
export function defaultColour(index: number): Colour {
  if (index < DEFAULTS.length) return DEFAULTS[index];
  // Steps of the golden ratio around the circle of hues, alternately darker and brighter.
  const middle = 80 + ((index * 47) % 113);
  const channel = (shift: number) =>
    Math.round(middle + 55 * Math.cos(2 * Math.PI * (index * 0.618034 + shift)));
  return [channel(0), channel(1 / 3), channel(2 / 3)];
}

/**
 * Returns a colour for each class: the given ones, then defaults that differ from them and from
 * `other`.
 */
export function completeColours(
  given: readonly (Colour | undefined)[],
  classes: number,
  other?: Colour,
): readonly Colour[] {
  const taken = new Set(
    [...given, other].flatMap((colour) => (colour ? [colourText(colour)] : [])),
  );
  const free = Array.from({ length: 2 * classes + 1 }, (_, i) => defaultColour(i)).filter(
    (colour) => !taken.has(colourText(colour)),
  );
  return Array.from({ length: classes }, (_, index) => {
    const own = given[index];
    if (own) return own;
    // Use the default of its index if it is free, so that a class keeps its colour.
    const usual = colourText(defaultColour(index));
    const at = Math.max(
      0,
      free.findIndex((colour) => colourText(colour) === usual),
    );
    return free.splice(at, 1)[0];
  });
}

/** Whether there is more to describe than one black and one white class. */
export function hasOwnClasses({ classes, classNames, classColours, ignore }: ClassList): boolean {
  return classes > 2 || [classNames, classColours, ignore].some((own) => own !== undefined);
}

/** Returns the text of `classes.json` next to masks, which describes their values. */
export function classesJson(list: ClassList): string {
  const { classes, classNames, classColours, ignore, threshold } = list;
  const fields = { classes, classNames, classColours, ignore, threshold };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** Returns the names and colours of classes for pictures and tables. */
export function classLegend({
  classes,
  classNames,
  classColours = [],
  objects,
}: ClassFields): ClassLegend {
  const two = [objects ? "background" : "membrane", "cell"];
  const usual = (index: number) => (classes === 2 ? two[index] : `class ${index}`);
  return {
    names: Array.from({ length: classes }, (_, index) => classNames?.[index] ?? usual(index)),
    colours: completeColours(classColours.map(parseColour), classes),
  };
}

/** Throws unless there is one name and one colour per class, all different. */
export function checkClasses({ classes, classNames, classColours }: ClassFields): void {
  for (const [what, list] of Object.entries({ names: classNames, colours: classColours })) {
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length !== classes) {
      const got = Array.isArray(list) ? `${list.length} (${shownText(list)})` : shownText(list);
      throw new Error(`got ${got} class ${what}, expected ${classes}, one for each class`);
    }
    const twice = list.find((one, i) => list.indexOf(one) !== i);
    if (twice !== undefined)
      throw new Error(`two classes have the same of the ${what}: ${shownText(twice)}`);
    for (const one of list) {
      const isRight = typeof one === "string" && (what === "names" ? one !== "" : parseColour(one));
      if (isRight) continue;
      const expected = what === "names" ? "words" : "colours such as #d4442f";
      throw new Error(`got ${shown(one)} among the class ${what}, expected ${expected}`);
    }
  }
}

/** Parses "#d4442f", also in capitals, or "#d42"; undefined for anything else. */
export function parseColour(text: string): Colour | undefined {
  if (!/^#([\da-f]{3}|[\da-f]{6})$/i.test(text)) return undefined;
  const digits = text.length === 4 ? text.replace(/[\da-f]/gi, "$&$&") : text;
  const channel = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

/** Formats a colour as "#rrggbb". */
export function colourText(colour: Colour): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
