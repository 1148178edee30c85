// What label files say, and the one meaning that they get: a class index for each pixel.

import { checkIgnoredColour, hasIgnoredColour, type IgnoredMark, ignoredText } from "./ignored.js";
import { checkPalette, classesByColour, onlyColour, paletteColours } from "./label-colours.js";
import {
  type Colour,
  IGNORED,
  type Image,
  type LabelMap,
  type RawImage,
  type Samples,
} from "./types.js";

/** How a label file marks its classes: black and white, class indices, or the class colours. */
export type LabelConvention = "0/255" | "index" | "colours";

export interface LabelOptions {
  /** Number of classes, 2 to 255. */
  readonly classes: number;
  /** The file's value or the colour of pixels that nobody labelled, where there is one. */
  readonly ignore?: IgnoredMark | undefined;
  /** The class colours by index, where RGB pictures are in them. */
  readonly colours?: readonly Colour[] | undefined;
}

/** The file's numbers over the largest of their kind: 0 to 1 where they have no sign; floats as stored. */
export function imageFromRaw({ width, height, channels, maximum, data }: RawImage): Image {
  return { width, height, channels, data: Float32Array.from(data, (value) => value / maximum) };
}

/**
 * The classes of a label file. Two classes: 0 is class 0; 1, or white (255, or the largest value of
 * the file's bit depth), is class 1. More classes: the value is the class index. In a palette file
 * the palette's index is the class, unless its two colours are black and white. With class colours
 * an RGB picture is in them, and so is a grey one where all of them are grey and it holds no other.
 * A file that mixes conventions, or has other values, is an error that names them with their counts;
 * so is an ignored colour that is also a class's.
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
  if (colours !== undefined) {
    checkPalette(paletteColours(raw, classes) ?? [], colours, name);
    const data = classesByColour(raw, name, { colours, ignore });
    const { width, height } = raw;
    if (data) return { label: { width, height, classes, data }, convention: "colours" };
  }
  const hasColour = hasIgnoredColour(raw, ignore);
  const grey = isGrey(raw, hasColour);
  const isIgnored = (pixel: number) => raw.data[pixel] === ignore || hasColour(pixel);
  const white = classes === 2 && grey ? blackAndWhite(raw, isIgnored) : undefined;
  const values = white === undefined ? classValues(raw, name, grey) : raw.data;
  const data = new Uint8Array(raw.width * raw.height);
  const strangers = new Map<number, number>();
  // In a picture of colours the values say nothing of the class that a pixel would have.
  const isClass = (value: number) =>
    (values === raw.indices || isGreyMark(ignore)) && value < (white === undefined ? classes : 1);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const value = values[pixel];
    if (value === ignore) data[pixel] = IGNORED;
    else if (hasColour(pixel)) {
      if (isClass(value)) throw new Error(contradiction(name, value, ignore as Colour));
      data[pixel] = IGNORED;
    } else if (white !== undefined) data[pixel] = value === 0 ? 0 : 1;
    else if (value < classes) data[pixel] = value;
    else strangers.set(value, (strangers.get(value) ?? 0) + 1);
  }
  if (strangers.size > 0) throw new Error(complaint(name, strangers, values, options));
  const label = { width: raw.width, height: raw.height, classes, data };
  return { label, convention: white === undefined ? "index" : "0/255" };
}

/** The value of white where a grey label holds nothing but black, white and ignored pixels. */
function blackAndWhite(raw: RawImage, isIgnored: (pixel: number) => boolean): number | undefined {
  const count = raw.width * raw.height;
  let white: number | undefined;
  for (let pixel = 0; pixel < count; pixel++) {
    const value = raw.data[pixel];
    if (value === 0 || isIgnored(pixel)) continue;
    if (value !== 255 && value !== raw.maximum) return undefined;
    if (white !== undefined && value !== white) return undefined;
    white = value;
  }
  // A file of one bit a pixel holds 0 and 1: both conventions at once, called indices.
  return white === 1 ? undefined : white;
}

/** Whether a picture is grey, but for ignored pixels of a colour. */
function isGrey(raw: RawImage, hasColour: (pixel: number) => boolean): boolean {
  if (raw.channels === 1) return true;
  const count = raw.width * raw.height;
  for (let pixel = 0; pixel < count; pixel++) {
    const red = raw.data[pixel];
    if (red === raw.data[pixel + count] && red === raw.data[pixel + 2 * count]) continue;
    if (!hasColour(pixel)) return false;
  }
  return true;
}

/** [height][width]: the palette's indices where the file has a palette, else its grey values. */
function classValues(raw: RawImage, name: string, grey: boolean): Samples {
  if (raw.indices !== undefined) return raw.indices;
  if (grey) return raw.data;
  const only = onlyColour(raw);
  const hint = only ? `; if ${only} marks pixels without a label, add --ignore "${only}"` : "";
  throw new Error(
    `label ${name}: it is a colour image, expected grey values or a palette, ` +
      `one class index a pixel; pictures in class colours need --class-colours${hint}`,
  );
}

function isGreyMark(mark: IgnoredMark | undefined): boolean {
  return typeof mark === "object" && mark[0] === mark[1] && mark[1] === mark[2];
}

function contradiction(name: string, value: number, mark: Colour): string {
  return (
    `label ${name}: pixels of the value ${value}, which is a class, have the ignored colour ` +
    `${ignoredText(mark)}: expected a colour of no class, or the value as the ignored one ` +
    `(--ignore ${value})`
  );
}

function complaint(
  name: string,
  strangers: ReadonlyMap<number, number>,
  values: Samples,
  options: LabelOptions,
): string {
  const { classes, ignore } = options;
  const worst = [...strangers].sort((a, b) => b[1] - a[1]).slice(0, 4);
  const shown = worst.map(([value, count]) => `${value} (${count} pixels)`).join(", ");
  const more = strangers.size > worst.length ? ` and ${strangers.size - worst.length} more` : "";
  const expected =
    classes === 2
      ? "only 0 and 255, or only 0 and 1"
      : `class indices 0 to ${classes - 1} for ${classes} classes`;
  const onlyWhite = strangers.size === 1 && strangers.has(255);
  const hint =
    ignore !== undefined
      ? ` (and ${ignoredText(ignore)}, ignored)`
      : onlyWhite && classes === 2 && values.includes(1)
        ? "; if 255 marks pixels without a label, name it as the ignored value (--ignore 255)"
        : onlyWhite && !values.some((value) => value > 0 && value < 255)
          ? "; a label of 0 and 255 has 2 classes"
          : "";
  return `label ${name}: it has values such as ${shown}${more}, expected ${expected}${hint}`;
}
