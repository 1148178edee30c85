// What labels determine about a project's classes: their number and colours. A file next to them, classes.json
// as `micrograph predict` and this app write it, also gives their names.

import {
  type ClassList,
  colourText,
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
  type LabelSurvey,
  type SurveyedValue,
} from "../../../src/index.js";
import { classesOfModel, usualClasses, withMoreClasses } from "../state/classes.js";
import type { ClassInfo } from "../state/project-types.js";

/** Labels with more colours than this are ordinary images, not classes. */
const MOST_COLOURS = 24;
/** If fewer than this share of the colours occur in several pieces, each colour is a cell. */
const IN_PIECES = 1 / 3;

/** The classes of a project before its labels are read. */
export interface ClassesBefore {
  readonly classes: readonly ClassInfo[];
  /** A network that was trained keeps its classes. */
  readonly hasNetwork: boolean;
  /** Whether any pixel is labelled with them. */
  readonly hasLabels: boolean;
}

/** The declaration of a list of classes, without the number if a network or labels determine it. */
export function declaredBy(
  { classes, hasNetwork, hasLabels }: ClassesBefore,
  list: ClassList | undefined,
): LabelDeclaration {
  if (!list) return {};
  const { ignore, classColours } = list;
  const isOther = (hasNetwork || hasLabels) && list.classes !== classes.length;
  if (isOther) return ignore === undefined ? {} : { ignore };
  return { classes: list.classes, classColours, ignore };
}

/**
 * The class colours for reading RGB labels if none are declared: those of the project if the user chose
 * them or labelled with them, else one class per colour that occurs, the darkest first. Throws for ordinary
 * images, and throws the question whether each colour is a cell.
 */
export function coloursOfLabels(
  { classes, hasNetwork, hasLabels }: ClassesBefore,
  surveys: readonly LabelSurvey[],
  declared: LabelDeclaration,
): LabelDeclaration {
  const { classColours, instances, labelThreshold, labelChannel } = declared;
  if (classColours || instances || labelThreshold !== undefined || labelChannel) return {};
  const coloured = surveys.filter((survey) => hasColours(survey, declared));
  const isOpen = !hasNetwork && !hasLabels && isUsual(classes);
  const own = classes.map(({ colour }) => colour);
  if (coloured.length === 0) {
    return !isUsual(classes) && surveys.every((survey) => isIn(survey, own, declared))
      ? { classColours: own }
      : {};
  }
  // A grey image that was saved as JPEG has some colour everywhere.
  if (coloured.every(({ nearGrey }) => nearGrey)) return {};
  return { classColours: isOpen ? foundColours(coloured, surveys, declared) : own };
}

const isUsual = (classes: readonly ClassInfo[]) =>
  usualClasses(classes.length).every(({ colour }, index) => colour === classes[index].colour);

/** Whether an image has a colour that is neither grey nor ignored. */
function hasColours(survey: LabelSurvey, declared: LabelDeclaration): boolean {
  if (survey.kind !== "colours") return false;
  const { values, others } = survey.plane;
  return (
    others > 0 || values.some((one) => one.value === undefined && !isIgnored(one, survey, declared))
  );
}

/** Whether a file holds only such colours; for a grey file, whether all of them are grey. */
function isIn(
  survey: LabelSurvey,
  colours: readonly string[],
  declared: LabelDeclaration,
): boolean {
  const { kind, channels, plane } = survey;
  if (kind === "palette" || kind === "other" || plane.others > 0) return false;
  if (channels === 1 && !colours.every(isGrey)) return false;
  return plane.values.every(
    (one) => isIgnored(one, survey, declared) || colours.includes(textOf(one, survey)),
  );
}

const isGrey = (text: string) =>
  text.slice(1, 3) === text.slice(3, 5) && text.slice(3, 5) === text.slice(5);

function isIgnored(one: SurveyedValue, survey: LabelSurvey, { ignore }: LabelDeclaration): boolean {
  if (ignore === undefined) return false;
  return typeof ignore === "number" ? one.value === ignore : textOf(one, survey) === ignore;
}

/** A value's 8-bit colour. */
function textOf({ colour, value = 0 }: SurveyedValue, { maximum }: LabelSurvey): string {
  const [r, g, b] = (colour ?? [value, value, value]).map((one) =>
    Math.round((255 * one) / maximum),
  );
  return colourText([r, g, b]);
}

/** One class per colour, ordered by brightness (luma of Rec. 709). */
function foundColours(
  coloured: readonly LabelSurvey[],
  surveys: readonly LabelSurvey[],
  declared: LabelDeclaration,
): string[] {
  const found = new Map<string, number>(); // brightness
  let [counted, several] = [0, 0];
  // Also for RGB images without colour: their greys are classes as well.
  for (const survey of surveys.filter(
    ({ channels, kind }) => channels === 3 && kind !== "palette",
  )) {
    const { values, others } = survey.plane;
    const kept = values.filter((one) => !isIgnored(one, survey, declared));
    const grains = values.filter(({ pixels, pieces }) => pixels < 6 * pieces);
    if (others > 0 || (values.length > MOST_COLOURS && 2 * grains.length > values.length)) {
      throw tooManyColours(survey);
    }
    const ground = Math.max(...kept.map(({ pixels }) => pixels));
    for (const one of kept) {
      const text = textOf(one, survey);
      const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
      found.set(text, 0.2126 * r + 0.7152 * g + 0.0722 * b);
      if (one.pixels === ground) continue;
      counted++;
      if (one.pieces > 1) several++;
    }
  }
  const colours = [...found].sort((a, b) => a[1] - b[1]).map(([text]) => text);
  if (colours.length > 4 && several < IN_PIECES * counted) throw cellColours(coloured[0], colours);
  if (colours.length > MOST_COLOURS) throw tooManyColours(coloured[0]);
  return colours;
}

function tooManyColours({ name }: LabelSurvey): LabelError {
  return new LabelError(
    name,
    `it has more than ${MOST_COLOURS} colours, expected one flat colour for each class ` +
      "(in a PNG or TIFF: JPEG mixes colours)",
  );
}

function cellColours({ name }: LabelSurvey, classColours: readonly string[]): LabelQuestion {
  const count = classColours.length;
  const asClasses = {
    text: `The colours are classes: ${count} of them`,
    option: "",
    declaration: { classColours },
  };
  const asCells = { text: "One colour per cell", option: "", declaration: { instances: true } };
  return new LabelQuestion(`label ${name}: it has ${count} colours, which look like one per cell`, {
    kind: "instances",
    file: name,
    answers: [asCells, ...(count > MOST_COLOURS ? [] : [asClasses])],
  });
}

/** As many classes as the labels have, with their names and colours. */
export function classesOfLabels(
  { classes: before, hasNetwork, hasLabels }: ClassesBefore,
  decision: LabelDecision,
  list: ClassList | undefined,
): readonly ClassInfo[] {
  if (hasNetwork) return before;
  const told = list && (!hasLabels || list.classes === before.length) ? list : undefined;
  let classes: readonly ClassInfo[] = told ? classesOfModel(told, before) : before;
  if (decision.classes > classes.length) classes = withMoreClasses(classes, decision.classes);
  if (hasLabels || told?.classColours !== undefined || !isUsual(classes)) return classes;
  const { colours, paletteColours, reading } = decision;
  const own = colours ?? paletteColours;
  if (own?.length === classes.length) {
    return classes.map((one, index) => ({ ...one, colour: own[index] }));
  }
  // In such labels class 0 is background, not membrane.
  if (reading === "numbers" || told?.classNames) return classes;
  return classes.map((one, index) => (index === 0 ? { ...one, name: "background" } : one));
}
