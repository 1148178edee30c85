// The classes of a project: their names and colours, and what a network's file says of them.

import { type ClassFields, classLegend, colourText } from "../../../src/index.js";
import type { ClassInfo } from "./project-types.js";

/** Told apart by colour-blind readers too (Okabe and Ito). */
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00"];

/** As many as a person may add; labels and checkpoints may have more. */
export const MOST_CLASSES = COLOURS.length;

/** Classes to which nobody gave a name or a colour: the names are those that Node gives them. */
export function usualClasses(classes: number): ClassInfo[] {
  const { names, colours } = classLegend({ classes });
  return names.map((name, index) => ({
    name,
    colour: COLOURS[index] ?? colourText(colours[index]),
  }));
}

export const TWO_CLASSES: readonly ClassInfo[] = usualClasses(2);

/** Names that are offered for two classes; what most people look for comes first. */
export const NAME_OFFERS: readonly (readonly [string, string])[] = [
  ["background", "nuclei"],
  ["background", "cell"],
  ["membrane", "cell"],
];

/** The same classes by other names. */
export function renamed(classes: readonly ClassInfo[], names: readonly string[]): ClassInfo[] {
  return classes.map((one, index) => ({ ...one, name: names[index] ?? one.name }));
}

/** As many classes as asked for: the new ones have names and colours that the others have not. */
export function withMoreClasses(classes: readonly ClassInfo[], count: number): ClassInfo[] {
  const all = [...classes];
  const isFree = (key: keyof ClassInfo, value: string) => !all.some((one) => one[key] === value);
  const colours = usualClasses(2 * count).map(({ colour }) => colour);
  while (all.length < count) {
    // The number of the key that it is painted by.
    let number = all.length + 1;
    while (!isFree("name", `class ${number}`)) number++;
    const own = colours[all.length];
    const colour = [own, ...colours].find((one) => isFree("colour", one)) ?? own;
    all.push({ name: `class ${number}`, colour });
  }
  return all;
}

/** The classes that a network tells apart: as its file has them, else as they are here. */
export function classesOfModel(model: ClassFields, here: readonly ClassInfo[]): ClassInfo[] {
  const { colours } = classLegend(model);
  const before = here.length === model.classes ? here : usualClasses(model.classes);
  return before.map(({ name, colour }, index) => ({
    name: model.classNames?.[index] ?? name,
    colour: model.classColours ? colourText(colours[index]) : colour,
  }));
}

/** What a network's file says of the classes: nothing of what nobody chose or `said` before. */
export function classFields(
  classes: readonly ClassInfo[],
  said: Partial<ClassFields> = {},
): ClassFields {
  const usual = usualClasses(classes.length);
  const list = (key: keyof ClassInfo, isSaid: boolean) => {
    const values = classes.map((one) => one[key]);
    const isChosen = isSaid || values.some((value, index) => value !== usual[index][key]);
    // A project of an earlier version may call two classes the same; a file may not.
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

/** Why the classes cannot be called or coloured so, in words; undefined where they can. */
export function classProblem(classes: readonly ClassInfo[]): string | undefined {
  const names = classes.map(({ name }) => name);
  const comma = names.find((name) => name.includes(","));
  if (comma) return `A class cannot be called ${comma}: lists of names have commas between them.`;
  return problemOf(names) ?? problemOf(classes.map(({ colour }) => colour));
}

function problemOf(values: readonly string[]): string | undefined {
  if (values.includes("")) return "A class needs a name.";
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return undefined;
  return twice.startsWith("#")
    ? `Two classes cannot have the same colour, ${twice}.`
    : `Two classes cannot have the same name, ${twice}.`;
}
