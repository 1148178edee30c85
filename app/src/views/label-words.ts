// The texts of questions about labels, without command line options.

import type { AskedAnswer, AskedLabels } from "../images/label-question.js";

/** With as many digits as a threshold needs. */
export const numberOf = (value: number) => String(Number(value.toPrecision(4)));

export function wordsOf({ kind, values }: AskedLabels): { title: string; text: string } {
  switch (kind) {
    case "instances":
      return {
        title: "Is each number a cell?",
        text:
          `contains ${values} different numbers or colours. Probably each cell has its own number, as in ` +
          "masks saved by Cellpose, StarDist or Fiji.",
      };
    case "grey-levels":
      return {
        title: "What do the grey values mean?",
        text: "contains a few values with gaps between them.",
      };
    case "soft-edges":
      return {
        title: "A mask with soft edges",
        text:
          "is a black and white image with grey edges, caused by JPEG compression or smoothing. Choose what " +
          "counts as cell.",
      };
    case "alpha":
      return {
        title: "Is the label in the alpha channel?",
        text: "has the same colour everywhere, but its transparency varies.",
      };
  }
}

/** The label of an answer's button. */
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
