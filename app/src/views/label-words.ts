// What a question about labels says, without the command line's words.

import type { AskedAnswer, AskedLabels } from "../images/label-question.js";

/** With as many digits as tell a threshold. */
export const numberOf = (value: number) => String(Number(value.toPrecision(4)));

export function wordsOf({ kind, values }: AskedLabels): { title: string; text: string } {
  switch (kind) {
    case "instances":
      return {
        title: "Is each number a cell?",
        text:
          `holds ${values} different numbers or colours. It looks as if each cell has one of its own, ` +
          "as Cellpose, StarDist and Fiji save them.",
      };
    case "grey-levels":
      return {
        title: "What do the grey values mean?",
        text: "holds a few values with gaps between them.",
      };
    case "soft-edges":
      return {
        title: "A mask with soft edges",
        text:
          "is a black and white picture whose edges are grey, as JPEG and smoothing make them. Choose " +
          "what counts as cell.",
      };
    case "alpha":
      return {
        title: "Is the label in the transparency?",
        text: "has the same colour everywhere, but its transparency differs.",
      };
  }
}

/** What is on an answer's button. */
export function answerText(
  { kind }: AskedLabels,
  answer: AskedAnswer,
  threshold: number | undefined,
): string {
  const { declaration, text } = answer;
  if (kind === "soft-edges" && threshold !== undefined) {
    return `Yes: brighter than ${numberOf(threshold)} is cell`;
  }
  if (declaration.instances) return "Yes: above 0 is cell; touching cells are separated by a line";
  if (kind === "instances") return `No: ${text[0].toLowerCase()}${text.slice(1)}`;
  return text;
}
