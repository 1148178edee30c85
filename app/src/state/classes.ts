// The classes of a project: their names and colours, and those in a network's file.

import { type ClassFields, classLegend, colourText } from "../../../src/index.js";
import type { ClassInfo } from "./project-types.js";

/** Colours that colour-blind readers can distinguish (Okabe and Ito). */
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00"];

/** How many a user may add; labels and checkpoints may have more. */
export const MOST_CLASSES = COLOURS.length;

/** Classes without chosen names or colours: the default names are the same as in Node. */
export function usualClasses(classes: number): ClassInfo[] {
  const { names, colours } = classLegend({ classes });
  return names.map((name, index) => ({
    name,
    colour: COLOURS[index] ?? colourText(colours[index]),
  }));
}

export const TWO_CLASSES: readonly ClassInfo[] = usualClasses(2);

/** Names that are offered for two classes, the most common use first. */
export const NAME_OFFERS: readonly (readonly [string, string])[] = [
  ["background", "nuclei"],
  ["background", "cell"],
  ["membrane", "cell"],
];

/** The same classes with other names. */
export function renamed(classes: readonly ClassInfo[], names: readonly string[]): ClassInfo[] {
  return classes.map((one, index) => ({ ...one, name: names[index] ?? one.name }));
}

/** The requested number of classes: new ones get names and colours that are not used yet. */
export function withMoreClasses(classes: readonly ClassInfo[], count: number): ClassInfo[] {
  const all = [...classes];
  const isFree = (key: keyof ClassInfo, value: string) => !all.some((one) => one[key] === value);
  const colours = usualClasses(2 * count).map(({ colour }) => colour);
  while (all.length < count) {
    // The number of the key that selects it.
    let number = all.length + 1;
    while (!isFree("name", `class ${number}`)) number++;
    const own = colours[all.length];
    const colour = [own, ...colours].find((one) => isFree("colour", one)) ?? own;
    all.push({ name: `class ${number}`, colour });
  }
  return all;
}

/** The classes of a network: those in its file, else those of the project. */
export function classesOfModel(model: ClassFields, here: readonly ClassInfo[]): ClassInfo[] {
  const { colours } = classLegend(model);
  const before = here.length === model.classes ? here : usualClasses(model.classes);
  return before.map(({ name, colour }, index) => ({
    name: model.classNames?.[index] ?? name,
    colour: model.classColours ? colourText(colours[index]) : colour,
  }));
}

/** The classes for a network's file, without names or colours that nobody chose or that `said` lacks. */
export function classFields(
  classes: readonly ClassInfo[],
  said: Partial<ClassFields> = {},
): ClassFields {
  const usual = usualClasses(classes.length);
  const list = (key: keyof ClassInfo, isSaid: boolean) => {
    const values = classes.map((one) => one[key]);
    const isChosen = isSaid || values.some((value, index) => value !== usual[index][key]);
    // A project of an earlier version may have two classes of one name; a file may not.
    return isChosen && !problemOf(values) ? values : undefined;
  };
  const classNames = list("name", said.classNames !== undefined);
  const classColours = list("colour", said.classColours !== undefined);
  return {
    classes: classes.length,
    ...(classNames ? { classNames } : {}),
    ...(classColours ? { classColours } : {}),
  };
}

/** What is wrong with the names and colours of the classes, in words; undefined if nothing is. */
export function classProblem(classes: readonly ClassInfo[]): string | undefined {
  const names = classes.map(({ name }) => name);
  const comma = names.find((name) => name.includes(","));
  if (comma) return `A class cannot be called ${comma}: names must not contain commas.`;
  return problemOf(names) ?? problemOf(classes.map(({ colour }) => colour));
}

function problemOf(values: readonly string[]): string | undefined {
  if (values.includes("")) return "A class needs a name.";
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return undefined;
  return twice.startsWith("#")
    ? `Two classes cannot have the same colour (${twice}).`
    : `Two classes cannot have the same name (${twice}).`;
}
