// Labels that mark their classes by colours.

import { colourText } from "./classes.js";
import { type IgnoredMark, ignoredText } from "./ignored.js";
import { type Colour, IGNORED, type RawImage } from "./image-types.js";

/** The colours of the classes, and the mark of unlabelled pixels. */
export interface ColourKeyOfLabels {
  /** By class index. */
  readonly colours: readonly Colour[];
  /** Pixels with this colour, or this grey value, have no class. */
  readonly ignore?: IgnoredMark | undefined;
}

/**
 * Returns the class of each pixel of an RGB picture in the class colours, or of a grey one that
 * contains nothing else if all class colours are grey; undefined for another kind of file: a
 * palette, whose indices count, or grey class indices. Throws for a colour of an RGB picture that
 * is not a class colour, or is both a class colour and ignored.
 */
export function classesByColour(
  raw: RawImage,
  name: string,
  { colours, ignore }: ColourKeyOfLabels,
): Uint8Array | undefined {
  const isRgb = raw.channels === 3;
  if (raw.indices !== undefined || (raw.channels !== 1 && !isRgb)) return undefined;
  if (!isRgb && !colours.every(([r, g, b]) => r === g && g === b)) return undefined;
  const classes = new Map(colours.map((colour, index) => [colourText(colour), index]));
  const ignored = ignore === undefined ? undefined : ignoredText(ignore);
  const count = raw.width * raw.height;
  const [green, blue] = isRgb ? [count, 2 * count] : [0, 0];
  const data = new Uint8Array(count);
  const strangers = new Map<string, { first: number; pixels: number }>();
  // Neighbours mostly have the same colour, so the last result is kept.
  let last = { r: -1, g: -1, b: -1, text: "", index: undefined as number | undefined };
  for (let pixel = 0; pixel < count; pixel++) {
    const [r, g, b] = [raw.data[pixel], raw.data[green + pixel], raw.data[blue + pixel]];
    if (r !== last.r || g !== last.g || b !== last.b) {
      const text = textOf([r, g, b], raw.maximum);
      const isGrey = r === ignore && g === ignore && b === ignore;
      const isIgnored = isGrey || text === ignored;
      if (isIgnored && isRgb && classes.has(text)) {
        throw new Error(
          `label ${name}: grey of the ignored value ${ignore} is ${text}, the colour of class ` +
            `${classes.get(text)}: expected another value or another class colour`,
        );
      }
      last = { r, g, b, text, index: isIgnored ? IGNORED : classes.get(text) };
    }
    if (last.index !== undefined) data[pixel] = last.index;
    else {
      const seen = strangers.get(last.text);
      if (seen) seen.pixels++;
      else strangers.set(last.text, { first: pixel, pixels: 1 });
    }
  }
  if (strangers.size === 0) return data;
  if (!isRgb) return undefined;
  throw new Error(complaint(name, strangers, raw.width, { colours, ignore }));
}

/** Returns the one colour in an RGB picture besides greys; undefined if there are more, or none. */
export function onlyColour({
  width,
  height,
  channels,
  data,
  maximum,
}: RawImage): string | undefined {
  const count = width * height;
  let found: string | undefined;
  for (let pixel = 0; pixel < count && channels === 3; pixel++) {
    const [r, g, b] = [data[pixel], data[count + pixel], data[2 * count + pixel]];
    if (r === g && g === b) continue;
    const text = textOf([r, g, b], maximum);
    found ??= text;
    if (text !== found) return undefined;
  }
  return found?.startsWith("#") ? found : undefined;
}

/** Formats a colour of 8 bits; with more bits, if it is not one of 8, the values themselves. */
function textOf(at: readonly number[], maximum: number): string {
  const scaled = at.map((value) => (255 * value) / maximum);
  return scaled.every(Number.isInteger)
    ? colourText([scaled[0], scaled[1], scaled[2]])
    : `(${at.join(", ")} of ${maximum})`;
}

function complaint(
  name: string,
  strangers: ReadonlyMap<string, { readonly first: number; readonly pixels: number }>,
  width: number,
  { colours, ignore }: ColourKeyOfLabels,
): string {
  const [[text, { first, pixels }]] = strangers;
  const [x, y] = [first % width, Math.floor(first / width)];
  const more = strangers.size > 1 ? `, and there are ${strangers.size - 1} more such colours` : "";
  const known = colours.slice(0, 8).map(colourText).join(", ");
  const rest = colours.length > 8 ? " ..." : "";
  const hint =
    ignore !== undefined
      ? ` (and ${ignoredText(ignore)}, ignored)`
      : text.startsWith("#")
        ? `; if it marks pixels without a label, name it as ignored (--ignore "${text}")`
        : "";
  return (
    `label ${name}: the pixel at x ${x}, y ${y} has the colour ${text} (${pixels} pixels in all` +
    `${more}), expected a class colour: ${known}${rest}${hint}`
  );
}

/**
 * Returns the colours of the palette indices that occur and are classes; undefined if the file has
 * no palette, or a grey one.
 */
export function paletteColours(raw: RawImage, classes: number): (Colour | undefined)[] | undefined {
  const { indices, data, channels } = raw;
  if (indices === undefined || channels !== 3) return undefined;
  const colours: (Colour | undefined)[] = [];
  const count = indices.length;
  for (let pixel = 0; pixel < count; pixel++) {
    if (indices[pixel] >= classes) continue;
    colours[indices[pixel]] ??= [data[pixel], data[count + pixel], data[2 * count + pixel]];
  }
  return Array.from(colours);
}

/**
 * Throws if a palette gives an index the colour of another class, since index and colour would then
 * mean different classes. `known` are the class colours, as far as known.
 */
export function checkPalette(
  palette: readonly (Colour | undefined)[],
  known: readonly (Colour | undefined)[],
  name: string,
): void {
  const texts = known.map((colour) => colour && colourText(colour));
  for (const [index, colour] of palette.entries()) {
    if (!colour) continue;
    const text = colourText(colour);
    const other = texts.indexOf(text);
    if (other < 0 || texts[index] === text) continue;
    throw new Error(
      `label ${name}: its palette has ${text} at index ${index}, but that is the colour of class ` +
        `${other}: expected palettes in the same order; in files saved as RGB only colours count`,
    );
  }
}
