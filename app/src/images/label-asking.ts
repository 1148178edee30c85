// Decides how surveyed labels are read: with the user's answers, and without files that contradict the
// others.

import {
  type ClassList,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
  type LabelSurvey,
  type RawImage,
} from "../../../src/index.js";
import type { LabelReading } from "../state/project-types.js";
import { decideDropped, type LabelsBefore } from "./label-decision.js";
import { type AskedLabels, askedLabels, type LabelReply } from "./label-question.js";
import type { Problems } from "./problems.js";

/** A label that has been surveyed. */
export interface Surveyed<Label> {
  readonly label: Label;
  /** Its file, with the page if it is one of a stack. */
  readonly name: string;
  readonly survey: LabelSurvey;
}

export interface AskParts<Label> {
  readonly problems: Problems;
  open(label: Label): Promise<RawImage>;
  readonly ask: ((question: AskedLabels) => Promise<LabelReply>) | undefined;
}

/**
 * How the labels are read, and which of them can be read that way: a file that contradicts the others is
 * skipped, and the user is asked if there is more than one possible meaning.
 */
export async function decideAsking<Label>(
  all: readonly Surveyed<Label>[],
  before: LabelsBefore,
  list: ClassList | undefined,
  { problems, open, ask }: AskParts<Label>,
): Promise<{ reading: LabelReading; kept: readonly Surveyed<Label>[] } | undefined> {
  let kept = all;
  let answers: LabelDeclaration = {};
  while (kept.length > 0) {
    const surveys = kept.map(({ survey }) => survey);
    try {
      return { reading: decideDropped(surveys, before, list, answers), kept };
    } catch (error) {
      const asked = kept.find(({ name }) => error instanceof LabelQuestion && name === error.file);
      if (error instanceof LabelQuestion && asked && ask) {
        const question = askedLabels(
          error,
          surveys,
          await open(asked.label),
          (more) => decideDropped(surveys, before, list, { ...answers, ...more }).decision,
        );
        const reply = await ask(question);
        if ("declared" in reply) answers = { ...answers, ...reply.declared };
        else kept = leftOut(reply.leaveOut === "all" ? kept : [asked], kept, problems);
        continue;
      }
      const bad = error instanceof LabelError ? kept.filter(({ name }) => name === error.file) : [];
      await problems.attempt(() => {
        throw error;
      });
      // After an error of the whole set nothing can be read.
      kept = bad.length === 0 ? [] : kept.filter((one) => !bad.includes(one));
    }
  }
  return undefined;
}

function leftOut<Label>(
  bad: readonly Surveyed<Label>[],
  kept: readonly Surveyed<Label>[],
  { sentences }: Problems,
): readonly Surveyed<Label>[] {
  sentences.push(...bad.map(({ name }) => `${name} was skipped, as you chose.`));
  return kept.filter((one) => !bad.includes(one));
}
