// Decides how dropped labels are read: over all of them together, and the same way as the project's former
// labels.

import {
  type ClassList,
  decideLabels,
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
  type LabelSurvey,
} from "../../../src/index.js";
import type { LabelReading } from "../state/project-types.js";
import { type ClassesBefore, coloursOfLabels, declaredBy } from "./label-classes.js";

export interface LabelsBefore extends ClassesBefore {
  /** How labels of the project were read before. */
  readonly reading?: LabelReading | undefined;
}

/** The value that marks unlabelled pixels in label files of this app, and in many others. */
const UNLABELLED = 255;

/**
 * How the labels of a drop are read; `answers` are the user's answers about them. Throws as `decideLabels`
 * does: a `LabelQuestion`, a `LabelError` that names a file, or an error of the whole set.
 */
export function decideDropped(
  surveys: readonly LabelSurvey[],
  before: LabelsBefore,
  list: ClassList | undefined,
  answers: LabelDeclaration,
): LabelReading {
  const { reading } = before;
  const said = declaredBy(before, list);
  const isNew = Object.keys(answers).length + Object.keys(said).length > 0;
  if (reading && !isNew && surveys.every((survey) => isKnown(survey, reading.decision))) {
    return { ...reading, decision: { ...reading.decision, remarks: [] } };
  }
  const decide = (declared: LabelDeclaration): LabelReading => {
    const decision = decided(surveys, before, declared);
    checkClasses(surveys, before, decision);
    return { declared, decision };
  };
  if (!reading) return decide({ ...said, ...answers });
  try {
    return decide({ ...reading.declared, ...said, ...answers });
  } catch (error) {
    // They may be stored differently from the former ones and still have as many classes.
    if (error instanceof LabelQuestion || isNew) throw error;
    return decide(answers);
  }
}

/** Whether a file holds only numbers or colours that are known classes. */
function isKnown(survey: LabelSurvey, { reading, ...decision }: LabelDecision): boolean {
  const { numbers = [], ignore, colours, palettes, channel } = decision;
  const { plane, kind, inverted, channels } = survey;
  if (reading !== "numbers" || palettes || channel || inverted || plane.others > 0) return false;
  if (kind === "other" || kind === "colours" || (colours && channels === 3)) return false;
  const known = new Set([...numbers.flat(), ...(typeof ignore === "number" ? [ignore] : [])]);
  return plane.values.every(({ value }) => value !== undefined && known.has(value));
}

function decided(
  surveys: readonly LabelSurvey[],
  before: LabelsBefore,
  given: LabelDeclaration,
): LabelDecision {
  const ways = given.instances || given.labelThreshold !== undefined;
  // A network of more than two classes needs all of them; one of two takes labels of two.
  const isBound = before.hasNetwork && before.classes.length > 2 && !ways;
  const classes = isBound ? { classes: before.classes.length } : {};
  const declared = { ...classes, ...given };
  const all = { ...coloursOfLabels(before, surveys, declared), ...declared };
  try {
    return decideLabels(surveys, all);
  } catch (error) {
    if (all.ignore !== undefined) throw error;
    if (error instanceof LabelQuestion) throw withUnlabelledAnswer(error, surveys);
    const marked = error instanceof LabelError && withUnlabelled(surveys, all);
    if (!marked) throw error;
    return marked;
  }
}

/** The question whether numbers are cells, with the answer that they are classes and 255 is unlabelled. */
function withUnlabelledAnswer(
  question: LabelQuestion,
  surveys: readonly LabelSurvey[],
): LabelQuestion {
  const { kind, file, answers, message } = question;
  const values = surveys.flatMap(({ plane }) => plane.values.map(({ value = -1 }) => value));
  const largest = Math.max(0, ...values.filter((value) => value !== UNLABELLED));
  const isMarked = values.includes(UNLABELLED) && largest > 1 && largest < UNLABELLED - 1;
  if (kind !== "instances" || !isMarked) return question;
  const classes = largest + 1;
  const text = `The numbers are ${classes} classes; ${UNLABELLED} means unlabelled`;
  const option = `--classes ${classes} --ignore ${UNLABELLED}`;
  const more = { text, option, declaration: { classes, ignore: UNLABELLED } };
  return new LabelQuestion(message, { kind, file, answers: [...answers, more] });
}

/** The decision with 255 as unlabelled, if all other values are then classes. */
function withUnlabelled(
  surveys: readonly LabelSurvey[],
  declared: LabelDeclaration,
): LabelDecision | undefined {
  const isMarked = surveys.some(({ plane }) =>
    plane.values.some(({ value }) => value === UNLABELLED),
  );
  if (!isMarked) return undefined;
  try {
    const decision = decideLabels(surveys, { ...declared, ignore: UNLABELLED });
    const remark = `The value ${UNLABELLED} marks unlabelled pixels.`;
    return { ...decision, remarks: [...decision.remarks, remark] };
  } catch {
    return undefined;
  }
}

/** Throws if the classes are not those of the network, or of the existing labels. */
function checkClasses(
  [first]: readonly LabelSurvey[],
  { classes, hasNetwork, hasLabels, reading }: LabelsBefore,
  decision: LabelDecision,
): void {
  if (hasNetwork && decision.classes > classes.length) {
    throw new LabelError(
      first.name,
      `it has ${decision.classes} classes, but the network has ${classes.length}: reset the network ` +
        "under Train to use it",
    );
  }
  if (!hasLabels || !reading) return;
  const earlier = classByNumber(reading.decision);
  for (const [number, index] of classByNumber(decision)) {
    const was = earlier.get(number);
    if (was === undefined || was === index) continue;
    throw new LabelError(
      first.name,
      `${number} would be class ${index} here, but in the project's other labels it is class ` +
        `${was}: expected the same numbering in all labels of a project`,
    );
  }
}

function classByNumber({ reading, numbers = [] }: LabelDecision): Map<number, number> {
  if (reading !== "numbers") return new Map();
  return new Map(numbers.flatMap((all, index) => all.map((number) => [number, index])));
}
