// Reads single label files as class indices.

import { colourText } from "./classes.js";
import { checkIgnoredColour, type IgnoredMark } from "./ignored.js";
import type { Colour, LabelMap, RawImage } from "./image-types.js";
import { decideLabels } from "./label-decide.js";
import type { LabelDecision } from "./label-decision.js";
import { readLabel } from "./label-read.js";
import { surveyLabel } from "./label-survey.js";

export { imageFromRaw } from "./float-image.js";

/** How a label file marks its classes: black and white, class indices, or the class colours. */
export type LabelConvention = "0/255" | "index" | "colours";

/** How one label file is read. */
export interface LabelOptions {
  /** Number of classes, 2 to 255. */
  readonly classes: number;
  /** The file's value or the colour of unlabelled pixels, if there is one. */
  readonly ignore?: IgnoredMark | undefined;
  /** The class colours by index, if RGB pictures use them. */
  readonly colours?: readonly Colour[] | undefined;
}

/**
 * Returns the classes of a single label file; a set is better read together, with `surveyLabel`,
 * `decideLabels` and `readLabel`. Two classes: the smaller of two values is class 0; a file with
 * one value is black (0) or white (1, 255, the largest of its type). More classes: the value is the
 * class index. In a palette file the palette's index is the class, unless its colours are black and
 * white. If class colours are given, an RGB picture is read by them, and so is a grey one if all of
 * them are grey and it contains no other. Throws for a file with other values, with their counts,
 * and for an ignored colour that is also a class colour.
 */
export function labelFromImage(
  raw: RawImage,
  name: string,
  options: LabelOptions,
): { label: LabelMap; convention: LabelConvention } {
  const { classes, ignore, colours } = options;
  if (!Number.isInteger(classes) || classes < 2 || classes > 255) {
    throw new RangeError(`label ${name}: got ${classes} classes, expected a number from 2 to 255`);
  }
  checkIgnoredColour(`label ${name}`, ignore, colours);
  const decision = decideLabels([surveyLabel(raw, name)], {
    classes,
    ignore: typeof ignore === "object" ? colourText(ignore) : ignore,
    classColours: colours?.map(colourText),
  });
  const { label } = readLabel(raw, name, decision);
  return { label, convention: conventionOf(decision) };
}

function conventionOf({ remarks, numbers = [] }: LabelDecision): LabelConvention {
  if (remarks.some((remark) => remark.includes("class colours"))) return "colours";
  return numbers.length === 2 && numbers[1][0] > 1 ? "0/255" : "index";
}
