// Reads one label file as class indices, by the decision for its set.

import { colourText, parseColour } from "./classes.js";
import { hasIgnoredColour, type IgnoredMark, ignoredText } from "./ignored.js";
import { type Colour, IGNORED, type LabelMap, type RawImage, type Samples } from "./image-types.js";
import { checkPalette, classesByColour, onlyColour, paletteColours } from "./label-colours.js";
import { colourError, strangersError } from "./label-complaints.js";
import { type LabelDecision, LabelError } from "./label-decision.js";
import { separateCells, withBorders } from "./label-instances.js";
import { ignoredMark, isBlackAndWhite, type Numbered } from "./label-numbers.js";
import { greyOf, storedLabel, surveyLabel } from "./label-survey.js";

/**
 * Returns the classes of a label file; of a region of a larger one, those in its core. `remarks`: whole sentences on losses, such as cells that
 * consist only of border. Throws a `LabelError` for anything that contradicts the decision.
 */
export function readLabel(
  raw: RawImage,
  name: string,
  decision: LabelDecision,
): { label: LabelMap; remarks: readonly string[] } {
  const { label, remarks } = readWhole(raw, name, decision);
  const { core } = raw;
  if (core === undefined) return { label, remarks };
  const { width, height, data } = label;
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const isIn = y >= core.y && y < core.y + core.height;
    row.fill(IGNORED, 0, isIn ? core.x : width);
    row.fill(IGNORED, core.x + core.width);
  }
  return { label: { ...label, core }, remarks };
}

function readWhole(raw: RawImage, name: string, decision: LabelDecision) {
  const { width, height } = raw;
  const { classes, reading } = decision;
  const map = (data: Uint8Array): LabelMap => ({ width, height, classes, data });
  if (reading === "instances") {
    const { numbers, ignored } = cellNumbers(raw, name, decision);
    const { data, lost } =
      decision.objects === "border"
        ? { data: withBorders(numbers, width, height), lost: [] }
        : separateCells(numbers, width, height);
    if (ignored) for (let i = 0; i < data.length; i++) if (ignored[i]) data[i] = IGNORED;
    const cells = lost.length === 1 ? `cell ${lost[0]} is` : `cells ${someOf(lost)} are`;
    const remark = `label ${name}: ${cells} nothing but border to cells of smaller numbers, and left out`;
    return { label: map(data), remarks: lost.length > 0 ? [remark] : [] };
  }
  const chosen = chosenChannel(raw, name, decision);
  if (reading === "threshold") return { label: map(byThreshold(chosen, decision)), remarks: [] };
  const colours = decision.colours?.map((text) => parseColour(text) as Colour);
  const mark = ignoredMark(decision.ignore);
  if (colours !== undefined) {
    checkPalette(paletteColours(chosen, classes) ?? [], colours, name);
    const data = classesByColour(chosen, name, { colours, ignore: mark });
    if (data) return { label: map(data), remarks: [] };
  }
  return { label: map(byNumbers(chosen, name, decision, mark)), remarks: [] };
}

/**
 * Returns the cells of a label with one number per cell: its numbers as stored, or one per colour
 * of a colour picture, 0 for no cell and ignored pixels, [height][width]; `ignored`: 1 for those.
 */
export function cellNumbers(
  raw: RawImage,
  name: string,
  decision: LabelDecision,
): { numbers: Samples | Float64Array; ignored: Uint8Array | undefined } {
  const chosen = chosenChannel(raw, name, decision);
  const mark = ignoredMark(decision.ignore);
  const values = chosen.indices ?? (isGrey(chosen) ? chosen.data : colourNumbers(chosen));
  const count = chosen.width * chosen.height;
  const numbers = values.slice(0, count);
  const broken = numbers.find(
    (value) => !(Number.isInteger(value) && value >= 0) && value !== mark,
  );
  if (broken !== undefined) {
    throw new LabelError(
      name,
      `it has the value ${broken}, expected one number per cell, from 0 on`,
    );
  }
  if (mark === undefined) return { numbers, ignored: undefined };
  const hasColour = hasIgnoredColour(chosen, mark);
  const ignored = new Uint8Array(count);
  for (let pixel = 0; pixel < count; pixel++) {
    if (numbers[pixel] !== mark && !hasColour(pixel)) continue;
    ignored[pixel] = 1;
    numbers[pixel] = 0;
  }
  return { numbers, ignored };
}

/** Returns the plane that contains the label, with the numbers that the file stores. */
function chosenChannel(raw: RawImage, name: string, { channel }: LabelDecision): RawImage {
  const { width, height, channels, maximum, alpha } = raw;
  if (channel === "alpha") {
    if (alpha) return { width, height, channels: 1, maximum, data: alpha };
    throw new LabelError(name, "it has no alpha channel, as the others of the labels");
  }
  if (channels === 1 || channels === 3) return storedLabel(raw);
  throw new LabelError(
    name,
    `it has ${channels} channels, expected 1 (grey) or 3 (RGB), or a palette`,
  );
}

function byThreshold(raw: RawImage, { threshold = 0, ignore }: LabelDecision): Uint8Array {
  const mark = ignoredMark(ignore);
  const hasColour = hasIgnoredColour(raw, mark);
  const grey = raw.indices ?? greyOf(raw);
  const data = new Uint8Array(raw.width * raw.height);
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (grey[pixel] === mark || hasColour(pixel)) data[pixel] = IGNORED;
    else if (grey[pixel] > threshold) data[pixel] = 1;
  }
  return data;
}

function byNumbers(
  raw: RawImage,
  name: string,
  { classes, numbers = [], palettes }: LabelDecision,
  mark: IgnoredMark | undefined,
): Uint8Array {
  const hasColour = hasIgnoredColour(raw, mark);
  const byLook = raw.indices !== undefined && palettes === "black-white";
  if (byLook) checkBlackAndWhite(raw, name, mark);
  const values = byLook ? raw.data : classValues(raw, name, hasColour);
  // An ignored value is an index if there is a palette, whatever is read otherwise.
  const marked = raw.indices ?? values;
  const classOf = new Map(numbers.flatMap((all, index) => all.map((value) => [value, index])));
  // In a colour picture the values say nothing about the class that a pixel would have.
  const valuesCount = values === raw.indices || isGreyMark(mark);
  const data = new Uint8Array(raw.width * raw.height);
  const strangers = new Map<number, number>();
  // Neighbours mostly have the same value, so the last result is kept.
  let last = Number.NaN;
  let found: number | undefined;
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (marked[pixel] !== last) {
      last = marked[pixel];
      found = last === mark ? IGNORED : classOf.get(values[pixel]);
    }
    if (hasColour(pixel) && found !== IGNORED) {
      if (valuesCount && found !== undefined) {
        throw new LabelError(name, contradiction(values[pixel], mark as Colour));
      }
      data[pixel] = IGNORED;
    } else if (found !== undefined) data[pixel] = found;
    else strangers.set(values[pixel], (strangers.get(values[pixel]) ?? 0) + 1);
  }
  if (strangers.size > 0) throw strangeNumbers(raw, name, strangers, { classes, mark });
  return data;
}

/** Throws for a palette with more than black and white among others without. */
function checkBlackAndWhite(raw: RawImage, name: string, mark: IgnoredMark | undefined): void {
  if (isBlackAndWhite(surveyLabel(raw, name), mark)) return;
  throw new LabelError(name, "its palette has colours, expected black and white as in the others");
}

function strangeNumbers(
  raw: RawImage,
  name: string,
  strangers: ReadonlyMap<number, number>,
  { classes, mark }: { readonly classes: number; readonly mark: IgnoredMark | undefined },
): LabelError {
  const found = [...strangers].map(([value, pixels]): Numbered => {
    return { value, pixels, first: 0, pieces: 0, rim: 0 };
  });
  const held = new Set<number>(raw.indices ?? raw.data);
  const ignored = mark === undefined ? undefined : ignoredText(mark);
  return strangersError(name, found, held, { classes, ignored });
}

/** [height][width]: the indices if the file has a palette, else its grey values. */
function classValues(raw: RawImage, name: string, hasColour: (pixel: number) => boolean): Samples {
  if (raw.indices !== undefined) return raw.indices;
  if (isGrey(raw, hasColour)) return raw.data;
  throw colourError({ survey: surveyLabel(raw, name) }, onlyColour(raw));
}

/** Whether a picture is grey, except for ignored pixels with a colour. */
function isGrey(raw: RawImage, hasColour: (pixel: number) => boolean = () => false): boolean {
  if (raw.channels === 1) return true;
  const count = raw.width * raw.height;
  for (let pixel = 0; pixel < count; pixel++) {
    const red = raw.data[pixel];
    if (red === raw.data[pixel + count] && red === raw.data[pixel + 2 * count]) continue;
    if (!hasColour(pixel)) return false;
  }
  return true;
}

/** [height][width]: a number per colour; black is 0. */
function colourNumbers({ width, height, data }: RawImage): Float64Array {
  const count = width * height;
  const numbers = new Float64Array(count);
  for (let pixel = 0; pixel < count; pixel++) {
    const [r, g, b] = [data[pixel], data[pixel + count], data[pixel + 2 * count]];
    numbers[pixel] = (r * 65536 + g) * 65536 + b;
  }
  return numbers;
}

function isGreyMark(mark: IgnoredMark | undefined): boolean {
  return typeof mark === "object" && mark[0] === mark[1] && mark[1] === mark[2];
}

function contradiction(value: number, mark: Colour): string {
  return (
    `pixels of the value ${value}, which is a class, have the ignored colour ` +
    `${colourText(mark)}: expected a colour of no class, or the value as the ignored one ` +
    `(--ignore ${value})`
  );
}

function someOf(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 5).join(", ");
  return numbers.length > 5 ? `${shown} and ${numbers.length - 5} more` : shown;
}
