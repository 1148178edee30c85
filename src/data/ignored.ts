// How label files mark unlabelled pixels: by a value or by a colour.

import { labelRules } from "../options/label-rules.generated.js";
import { isAllowed } from "../options/rules.js";
import { colourText, parseColour } from "./classes.js";
import type { Colour, RawImage } from "./image-types.js";

/** A value of the file, or the index in a palette file; or a colour, whatever the value. */
export type IgnoredMark = number | Colour;

/** Whether a value from a file can mark such pixels: a whole number, or "#rrggbb". */
export function isIgnoredText(value: unknown): value is number | string {
  if (typeof value === "string") return parseColour(value) !== undefined;
  return typeof value === "number" && isAllowed(labelRules.ignore, value);
}

/** Formats a mark: "255" or "#ff00ff". */
export function ignoredText(mark: IgnoredMark): string {
  return typeof mark === "number" ? String(mark) : colourText(mark);
}

/** Whether a pixel has the ignored colour; false if none is given. */
export function hasIgnoredColour(
  raw: RawImage,
  mark: IgnoredMark | undefined,
): (pixel: number) => boolean {
  if (mark === undefined || typeof mark === "number") return () => false;
  const { data, maximum, channels } = raw;
  const count = raw.width * raw.height;
  // Grey is a colour of three equal channels.
  const [green, blue] = channels < 3 ? [0, 0] : [count, 2 * count];
  const [r, g, b] = mark.map((value) => (value * maximum) / 255);
  return (pixel) => data[pixel] === r && data[green + pixel] === g && data[blue + pixel] === b;
}

/** Throws if the ignored colour is that of a class; `where` begins the error. */
export function checkIgnoredColour(
  where: string,
  mark: IgnoredMark | undefined,
  colours: readonly Colour[] = [],
): void {
  if (mark === undefined || typeof mark === "number") return;
  const text = colourText(mark);
  const index = colours.map(colourText).indexOf(text);
  if (index < 0) return;
  throw new Error(
    `${where}: the ignored colour ${text} is that of class ${index}, expected one of no class`,
  );
}
