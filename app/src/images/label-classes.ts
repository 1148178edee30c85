// What dropped labels say of the classes: how many there are, and their colours. A file beside them,
// classes.json as `micrograph predict` and this app write it, says their names too.

import {
  type ClassList,
  colourText,
  hasIgnoredColour,
  type IgnoredMark,
  ignoredText,
  paletteColours,
  parseColour,
  type RawImage,
} from "../../../src/index.js";
import { classesOfModel, usualClasses, withMoreClasses } from "../state/classes.js";
import type { ClassInfo } from "../state/types.js";

export interface LabelPicture {
  readonly path: string;
  readonly raw: RawImage;
}

/** More colours than these in a label are shades of a picture, no classes. */
const MOST_COLOURS = 24;

/** The classes of a project before its labels are read. */
export interface ClassesBefore {
  readonly classes: readonly ClassInfo[];
  /** A network that was trained keeps its classes. */
  readonly hasNetwork: boolean;
  /** Whether somebody labelled a pixel by them. */
  readonly hasLabels: boolean;
}

/** As many classes as the labels name, in their colours. */
export function classesOfLabels(
  { classes: before, hasNetwork, hasLabels }: ClassesBefore,
  labels: readonly LabelPicture[],
  list?: ClassList,
): readonly ClassInfo[] {
  if (hasNetwork) return before;
  const told = list && (!hasLabels || list.classes === before.length) ? list : undefined;
  let classes = told ? classesOfModel(told, before) : before;
  const mark = markOf(list);
  if (!told) {
    const indexed = labels.filter(({ raw }) => !coloursOfLabel(raw, classes, mark));
    const count = 1 + Math.max(0, ...indexed.map(({ raw }) => largestClass(raw, mark)));
    if (count > classes.length) classes = withMoreClasses(classes, count);
  }
  if (hasLabels || told?.classColours !== undefined || !isUsual(classes)) return classes;
  const pictures = labels.filter(({ raw }) => isRgb(raw));
  return pictures.some(({ raw }) => isColoured(raw))
    ? ofColours(pictures, mark)
    : withPalettes(classes, labels);
}

/**
 * The class colours, where a label is to be read by them: an RGB picture with colours in it, or one
 * without, or a grey one, that holds nothing but class colours that somebody chose and the ignored.
 */
export function coloursOfLabel(
  raw: RawImage,
  classes: readonly ClassInfo[],
  mark: IgnoredMark | undefined,
): readonly string[] | undefined {
  const colours = classes.map(({ colour }) => colour);
  if (isColoured(raw)) return colours;
  if (raw.indices !== undefined || isUsual(classes)) return undefined;
  const isGrey = colours.every(
    (text) => text.slice(1, 3) === text.slice(3, 5) && text.slice(3, 5) === text.slice(5),
  );
  if (!isRgb(raw) && !isGrey) return undefined;
  const known = [...colours, ...(typeof mark === "object" ? [colourText(mark)] : [])];
  return [...coloursOf(raw).keys()].every((text) => known.includes(text)) ? colours : undefined;
}

/** How the labels mark what nobody labelled, where a list says it. */
export function markOf(list: ClassList | undefined): IgnoredMark | undefined {
  return typeof list?.ignore === "string" ? parseColour(list.ignore) : list?.ignore;
}

const isRgb = ({ channels, indices }: RawImage) => channels === 3 && indices === undefined;

/** Whether a label is an RGB picture that is not all grey. */
function isColoured(raw: RawImage): boolean {
  if (!isRgb(raw)) return false;
  const { data, width, height } = raw;
  const count = width * height;
  for (let pixel = 0; pixel < count; pixel++) {
    const red = data[pixel];
    if (red !== data[count + pixel] || red !== data[2 * count + pixel]) return true;
  }
  return false;
}

const isUsual = (classes: readonly ClassInfo[]) =>
  usualClasses(classes.length).every(({ colour }, index) => colour === classes[index].colour);

/** A class for each colour that occurs, the darkest first. */
function ofColours(labels: readonly LabelPicture[], ignore?: IgnoredMark): ClassInfo[] {
  const found = new Map<string, number>(); // brightness by colour
  for (const { path, raw } of labels) {
    for (const [text, brightness] of coloursOf(raw)) found.set(text, brightness);
    if (found.size <= MOST_COLOURS) continue;
    throw new Error(
      `${path}: it has more than ${MOST_COLOURS} colours, expected one flat colour for each class ` +
        "(in a PNG or TIFF: JPEG mixes colours)",
    );
  }
  if (ignore !== undefined) found.delete(ignoredText(ignore));
  const colours = [...found].sort((a, b) => a[1] - b[1]).map(([text]) => text);
  const usual = usualClasses(Math.max(2, colours.length));
  return usual.map(({ name, colour }, index) => ({ name, colour: colours[index] ?? colour }));
}

/** The colours of a picture with their brightness (luma of Rec. 709), no more than can be classes. */
function coloursOf({ width, height, channels, data, maximum }: RawImage): Map<string, number> {
  const count = width * height;
  const [green, blue] = channels === 3 ? [count, 2 * count] : [0, 0];
  const seen = new Set<number>();
  let last = -1; // neighbours mostly have the same colour
  for (let pixel = 0; pixel < count && seen.size <= MOST_COLOURS; pixel++) {
    const value = (data[pixel] * 65536 + data[green + pixel]) * 65536 + data[blue + pixel];
    if (value !== last) seen.add(value);
    last = value;
  }
  const colours = [...seen].map((value) => {
    const rgb = [Math.floor(value / 2 ** 32), Math.floor(value / 65536) % 65536, value % 65536];
    const [r, g, b] = rgb.map((one) => Math.round((255 * one) / maximum));
    return [colourText([r, g, b]), 0.2126 * r + 0.7152 * g + 0.0722 * b] as const;
  });
  return new Map(colours);
}

/** In the colours of the palettes, where each is of one class alone. */
function withPalettes(
  classes: readonly ClassInfo[],
  labels: readonly LabelPicture[],
): readonly ClassInfo[] {
  const colours = new Map<number, string>();
  for (const { raw } of labels) {
    for (const [index, colour] of (paletteColours(raw, classes.length) ?? []).entries()) {
      if (colour && !colours.has(index)) colours.set(index, colourText(colour));
    }
  }
  const own = classes.map(({ colour }, index) => colours.get(index) ?? colour);
  if (colours.size === 0 || new Set(own).size < own.length) return classes;
  return classes.map((one, index) => ({ ...one, colour: own[index] }));
}

/** The largest class index: 255 and what nobody labelled are none. */
export function largestClass(raw: RawImage, mark?: IgnoredMark): number {
  const hasColour = hasIgnoredColour(raw, mark);
  const values = raw.indices ?? raw.data;
  let result = 0;
  for (let pixel = 0; pixel < raw.width * raw.height; pixel++) {
    const value = values[pixel];
    if (value <= result || value >= 255 || value === mark || hasColour(pixel)) continue;
    result = value;
  }
  return result;
}
