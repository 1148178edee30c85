// Decides what the network gets from a set with grey images, RGB images and look-up tables.

import type { RawImage, Samples } from "./image-types.js";
import { someNames } from "./pairs.js";

/** The kinds of channels of an image. */
export type ColourKind =
  | "grey"
  /** Three channels that are equal in all pixels. */
  | "grey-rgb"
  | "rgb"
  /** A palette that only colours a ramp of values for display: its indices are the values. */
  | "lookup"
  /** Two, four or more channels. */
  | "channels";

/** What the decision needs to know about an image, as a plain value. */
export interface ColourSurvey {
  /** The file name, for messages. */
  readonly name: string;
  /** Channels of the file, without alpha. */
  readonly channels: number;
  /** Whether it is grey or in colour. */
  readonly kind: ColourKind;
  /** The number of values, and how many of them are not finite. */
  readonly values: number;
  /** Number of values that are NaN or infinite. */
  readonly notFinite: number;
}

/** The values of `--colour`. */
export type Colours = "grey" | "rgb";

/** How every image is converted: not at all, to one grey channel, or to three. */
export type ColourRule = "stored" | Colours;

/** How all images of a set become images of the same channels. */
export interface ColourDecision {
  /** What is done with each image. */
  readonly rule: ColourRule;
  /** Channels of every image afterwards. */
  readonly channels: number;
  /** Sentences for the user. */
  readonly remarks: readonly string[];
}

/** Says whether an image is grey or in colour, for `decideColour`. `name` is for its remarks. */
export function surveyColour(raw: RawImage, name: string): ColourSurvey {
  const { channels, data } = raw;
  const kind = kindOf(raw);
  return { name, channels, kind, values: data.length, notFinite: countNotFinite(data) };
}

function kindOf(raw: RawImage): ColourKind {
  const { width, height, channels, data } = raw;
  if (channels === 1) return "grey";
  if (channels !== 3) return "channels";
  if (isLookup(raw)) return "lookup";
  const count = width * height;
  for (let i = 0; i < count; i++) {
    const value = data[i];
    if (!Object.is(value, data[count + i]) || !Object.is(value, data[2 * count + i])) return "rgb";
  }
  return "grey-rgb";
}

function countNotFinite(data: Samples): number {
  if (!(data instanceof Float32Array)) return 0;
  let count = 0;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) count++;
  return count;
}

/**
 * The largest change of a channel from one index to the next, and the number of further exceptions.
 */
const SLOPE = 16;
const JUMP = 8;

/**
 * Whether a palette is a look-up table as written by ImageJ: colours that change gradually with the
 * index. In the palette of a picture with few colours, neighbouring indices are unrelated.
 */
function isLookup({ width, height, data, indices }: RawImage): boolean {
  if (!indices) return false;
  const count = width * height;
  const at = new Map<number, number>();
  for (let i = 0; i < count; i++) if (!at.has(indices[i])) at.set(indices[i], i);
  const used = [...at.keys()].sort((a, b) => a - b);
  if (used.length < 3) return false;
  for (let k = 1; k < used.length; k++) {
    const allowed = SLOPE * (used[k] - used[k - 1]) + JUMP;
    for (let channel = 0; channel < 3; channel++) {
      const value = (index: number) => data[channel * count + (at.get(index) as number)];
      if (Math.abs(value(used[k]) - value(used[k - 1])) > allowed) return false;
    }
  }
  return true;
}

const LUMA = "luma (Rec. 601: 0.299 R + 0.587 G + 0.114 B)";

/**
 * Decides how a set of images is read. All grey, or all RGB with colours: as stored. Any mixture of
 * grey, RGB and look-up tables, and RGB files without a colour: grey. `declared` overrides this.
 * Throws if images have different numbers of other channels, or `declared` is impossible.
 */
export function decideColour(surveys: readonly ColourSurvey[], declared?: Colours): ColourDecision {
  const [first] = surveys;
  const many = surveys.find(({ kind }) => kind === "channels");
  if (many) {
    const other = surveys.find(({ channels }) => channels !== many.channels);
    if (other) throw new Error(differentChannels(...inOrder(first, many, other)));
    if (declared !== undefined) {
      throw new Error(
        `--colour ${declared}: ${many.name} has ${many.channels} channels, expected 1 or 3: leave it out`,
      );
    }
    return { rule: "stored", channels: many.channels, remarks: [] };
  }
  const only = (...kinds: ColourKind[]) => surveys.every(({ kind }) => kinds.includes(kind));
  if (declared === "rgb") return { rule: "rgb", channels: 3, remarks: repeatedRemarks(surveys) };
  if (only("grey")) return { rule: "stored", channels: 1, remarks: [] };
  if (declared === "grey") return { rule: "grey", channels: 1, remarks: greyRemarks(surveys) };
  if (only("rgb", "grey-rgb") && !only("grey-rgb")) {
    return { rule: "stored", channels: 3, remarks: [] };
  }
  const way = "--colour rgb reads all images as RGB.";
  return { rule: "grey", channels: 1, remarks: greyRemarks(surveys).map((one) => `${one} ${way}`) };
}

/** The two images, in the order of the set. */
function inOrder(
  first: ColourSurvey,
  a: ColourSurvey,
  b: ColourSurvey,
): [ColourSurvey, ColourSurvey] {
  return b === first ? [a, b] : [b, a];
}

function differentChannels(one: ColourSurvey, other: ColourSurvey): string {
  return (
    `${one.name}: it has ${one.channels} channel${one.channels === 1 ? "" : "s"}, but ` +
    `${other.name} has ${other.channels}, expected the same number in all images; if the pages of TIFF ` +
    "files are misinterpreted, say what they are: --pages channels or --pages images"
  );
}

/**
 * Returns how an image must be converted for a network with this number of channels. Throws if it
 * cannot; `network` names the network in the error.
 */
export function colourFor(survey: ColourSurvey, channels: number, network: string): ColourRule {
  if (survey.kind !== "channels" && channels === 1) return "grey";
  if (survey.kind !== "channels" && channels === 3) return "rgb";
  if (survey.channels === channels) return "stored";
  const names: Readonly<Record<number, string>> = { 1: "1 channel (grey)", 3: "3 channels (RGB)" };
  const kind = (count: number) => names[count] ?? `${count} channels`;
  throw new Error(
    `${survey.name}: it has ${kind(survey.channels)}, but ${network} was trained on images of ` +
      `${kind(channels)}; if the pages of TIFF files are misinterpreted, say what they are: ` +
      "--pages channels or --pages images",
  );
}

/** Describes images that were converted for a network with this number of channels. */
export function fittedRemarks(surveys: readonly ColourSurvey[], channels: number): string[] {
  const why = (remark: string) =>
    `The network takes ${channels === 1 ? "grey" : "RGB"} images. ${remark}`;
  if (channels === 1) return greyRemarks(surveys).map(why);
  return channels === 3 ? repeatedRemarks(surveys).map(why) : [];
}

/** Returns how many images are of a kind, and a description of which. */
function count(surveys: readonly ColourSurvey[], kind: ColourKind): [number, string] {
  const names = surveys.filter((one) => one.kind === kind).map(({ name }) => shortName(name));
  return [names.length, someNames(names)];
}

/** Without folders, since the sentences list several names. */
const shortName = (name: string) =>
  name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);

const are = (n: number, total: number, what: string) =>
  `${n} of ${total} image${total === 1 ? "" : "s"} ${n === 1 ? "is" : "are"} ${what}`;

function greyRemarks(surveys: readonly ColourSurvey[]): string[] {
  const total = surveys.length;
  const [plain, plainNames] = count(surveys, "grey-rgb");
  const [rgb, rgbNames] = count(surveys, "rgb");
  const [lookup, lookupNames] = count(surveys, "lookup");
  const parts = [
    ...(plain > 0
      ? [`${are(plain, total, "RGB without a colour")} (${plainNames}): read as the grey they show`]
      : []),
    ...(rgb > 0 ? [`${are(rgb, total, "RGB")} (${rgbNames}): read as grey, by their ${LUMA}`] : []),
    ...(lookup > 0
      ? [
          `${are(lookup, total, "grey with a colour look-up table")} (${lookupNames}): read as grey, ` +
            "by the values, not their colours",
        ]
      : []),
  ];
  return parts.length === 0 ? [] : [`${parts.join("; ")}.`];
}

function repeatedRemarks(surveys: readonly ColourSurvey[]): string[] {
  const [grey, names] = count(surveys, "grey");
  const [lookup, lookupNames] = count(surveys, "lookup");
  const parts = [
    ...(grey > 0
      ? [`${are(grey, surveys.length, "grey")} (${names}): read as RGB, the plane three times`]
      : []),
    ...(lookup > 0
      ? [
          `${are(lookup, surveys.length, "grey with a colour look-up table")} (${lookupNames}): read ` +
            "in its colours",
        ]
      : []),
  ];
  return parts.length === 0 ? [] : [`${parts.join("; ")}.`];
}

/** Describes files with values that are not finite. */
export function notFiniteRemarks(surveys: readonly ColourSurvey[]): string[] {
  const odd = surveys.filter(({ notFinite }) => notFinite > 0);
  if (odd.length === 0) return [];
  const counts = odd.map(({ name, notFinite, values }) => {
    return `${shortName(name)} ${notFinite} of ${values}`;
  });
  const files = odd.length === 1 ? "1 file has" : `${odd.length} files have`;
  return [
    `${files} values that are not finite (NaN or infinite): ${someNames(counts)}. They count ` +
      "as the mean of their image.",
  ];
}

/** Converts an image by the rule; returns it unchanged if nothing is to be done. */
export function applyColour(raw: RawImage, rule: ColourRule): RawImage {
  if (rule === "grey" && raw.channels === 3) return isLookup(raw) ? fromIndices(raw) : luma(raw);
  if (rule === "rgb" && raw.channels === 1) return repeated(raw);
  return raw;
}

/** Returns the stored values of a file with a look-up table. */
function fromIndices({ width, height, indices }: RawImage): RawImage {
  const data = indices as Uint8Array | Uint16Array;
  const maximum = data instanceof Uint16Array ? 65535 : 255;
  return { width, height, channels: 1, maximum, data };
}

function luma({ width, height, maximum, data }: RawImage): RawImage {
  const pixels = width * height;
  const grey = new (data.constructor as new (length: number) => Samples)(pixels);
  const isWhole = !(data instanceof Float32Array);
  for (let i = 0; i < pixels; i++) {
    const [r, g, b] = [data[i], data[pixels + i], data[2 * pixels + i]];
    // If the three are equal, their value to the bit.
    const value = r === g && g === b ? r : (299 * r + 587 * g + 114 * b) / 1000;
    grey[i] = isWhole ? Math.round(value) : value;
  }
  return { width, height, channels: 1, maximum, data: grey };
}

function repeated({ width, height, maximum, data }: RawImage): RawImage {
  const rgb = new (data.constructor as new (length: number) => Samples)(3 * data.length);
  for (let channel = 0; channel < 3; channel++) rgb.set(data, channel * data.length);
  return { width, height, channels: 3, maximum, data: rgb };
}
