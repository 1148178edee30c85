// Decides how the labels of a set are read, from all of them, before training or evaluation.

import { labelRules } from "../options/label-rules.generated.js";
import { faultIn } from "../options/rules.js";
import { colourText, completeColours, parseColour } from "./classes.js";
import { checkIgnoredColour, type IgnoredMark } from "./ignored.js";
import type { Colour } from "./image-types.js";
import { checkPalette } from "./label-colours.js";
import {
  alphaQuestion,
  colourError,
  isMixed,
  mixedColoursError,
  softQuestion,
} from "./label-complaints.js";
import { type LabelDecision, type LabelDeclaration, LabelError } from "./label-decision.js";
import {
  type FileNumbers,
  fileNumbers,
  ignoredMark,
  isBlackAndWhite,
  isIgnoredValue,
  nearGreyNumbers,
} from "./label-numbers.js";
import { softEdges } from "./label-soft.js";
import type { LabelSurvey, SurveyedValue } from "./label-survey.js";
import { checkWhole, classNumbers, shortName } from "./label-values.js";
import { classesOfObjects } from "./object-task.js";
import { someNames } from "./pairs.js";
import type { ObjectKind } from "./task.js";

/** How cells become classes. */
const OF_CELLS: Readonly<Record<ObjectKind, string>> = {
  gap: "above 0 is class 1; where cells touch, pixels next to a smaller number are class 0.",
  border:
    "above 0 is class 1, and class 2 where one of the eight pixels around is not of the same cell.",
};

/**
 * Decides how the labels of a set are read. Declarations are never overruled. Throws a `LabelError`
 * that names a file which contradicts them or cannot be read, and a `LabelQuestion` if a person
 * must choose; both are one sentence.
 */
export function decideLabels(
  surveys: readonly LabelSurvey[],
  declared: LabelDeclaration,
): LabelDecision {
  checkDeclared(declared);
  const { ignore, classColours, labelChannel } = declared;
  const shared = {
    ...(ignore === undefined ? {} : { ignore }),
    ...(classColours ? { colours: classColours } : {}),
    ...(labelChannel ? { channel: labelChannel } : {}),
  };
  const chosen = chooseChannel(surveys, labelChannel);
  const told = photometricRemarks(chosen);
  const look = countByLook(chosen, declared);
  const files = numbersOf(chosen, declared, look);
  checkFinite(files);
  if (declared.labelThreshold !== undefined) {
    const threshold = declared.labelThreshold;
    checkThreshold(files, threshold);
    const remarks = [...told, `Labels are class 1 above ${threshold}, else class 0.`];
    return { ...shared, classes: 2, reading: "threshold", threshold, remarks };
  }
  checkSoft(files, declared);
  if (declared.instances) {
    checkWhole(files);
    const { objects = "gap" } = declared;
    const remarks = [...told, `Labels hold one number per cell: ${OF_CELLS[objects]}`];
    const border = objects === "border" ? { objects } : {};
    const classes = classesOfObjects(objects);
    return { ...shared, classes, reading: "instances", ...border, remarks };
  }
  const known = declared.classes ?? declared.classNames?.length ?? classColours?.length;
  const { numbers, remarks } = classNumbers(files, { ...declared, classes: known });
  const classes = numbers.length;
  const palettes = classColours || classes === 2 ? undefined : paletteOf(chosen, classes, ignore);
  return {
    ...shared,
    classes,
    reading: "numbers",
    numbers,
    ...(look && classes === 2 ? { palettes: "black-white" } : {}),
    ...(palettes ? { paletteColours: palettes } : {}),
    remarks: [...told, ...colourRemarks(chosen, files), ...(files.length > 0 ? remarks : [])],
  };
}

function checkDeclared(declared: LabelDeclaration): void {
  const { classes, classColours, ignore, instances, labelThreshold, objects = "gap" } = declared;
  if (classes !== undefined && !(Number.isInteger(classes) && classes >= 2 && classes <= 255)) {
    throw new RangeError(`labels: got ${classes} classes, expected a number from 2 to 255`);
  }
  const value = typeof ignore === "number" ? ignore : undefined;
  const fault = faultIn(labelRules, { ...declared, instances: instances ?? false, ignore: value });
  if (fault) throw new RangeError(`labels: ${fault}`);
  checkIgnoredColour("labels", ignoredMark(ignore), classColours?.map(parseColour) as Colour[]);
  const option = instances ? "--instances" : "--label-threshold";
  if (!instances && labelThreshold === undefined) return;
  if (instances && labelThreshold !== undefined) {
    throw new Error("--instances: a label of one number per cell has no --label-threshold");
  }
  const made = instances ? classesOfObjects(objects) : 2;
  if (classes !== undefined && classes !== made) {
    const named = made === 3 ? "background, cell and border" : "cell and background";
    throw new Error(`${option}: it makes ${made} classes, ${named}, got ${classes} classes`);
  }
}

/** Returns the surveys of what holds the labels: the alpha channel if declared. */
function chooseChannel(
  surveys: readonly LabelSurvey[],
  channel: LabelDeclaration["labelChannel"],
): readonly LabelSurvey[] {
  if (channel === "alpha") {
    return surveys.map((survey): LabelSurvey => {
      const { alpha, nearGrey: _none, ...rest } = survey;
      if (alpha) return { ...rest, kind: "grey", channels: 1, inverted: false, plane: alpha };
      throw new LabelError(survey.name, "it has no alpha channel, as --label-channel alpha says");
    });
  }
  const isVaried = ({ values, others }: LabelSurvey["plane"]) => values.length > 1 || others > 0;
  const varied = surveys.find(({ alpha }) => alpha && isVaried(alpha));
  if (varied && !surveys.some(({ plane }) => isVaried(plane))) throw alphaQuestion(varied.name);
  const other = surveys.find(({ kind }) => kind === "other");
  if (other === undefined) return surveys;
  throw new LabelError(
    other.name,
    `it has ${other.channels} channels, expected 1 (grey) or 3 (RGB), or a palette`,
  );
}

function photometricRemarks(surveys: readonly LabelSurvey[]): string[] {
  const inverted = surveys.filter(({ inverted }) => inverted);
  if (inverted.length === 0) return [];
  if (inverted.length === surveys.length) {
    return ["Labels are TIFF files whose 0 is displayed as white: the stored numbers count."];
  }
  const names = someNames(inverted.map((survey) => shortName({ survey })));
  return [
    `Labels ${names} are displayed with 0 as white, unlike the others: in all of them the stored ` +
      "numbers count.",
  ];
}

/** Whether the palettes of the set show only black and white, so that their order means nothing. */
function countByLook(surveys: readonly LabelSurvey[], declared: LabelDeclaration): boolean {
  const { ignore, classes, classNames, classColours, instances } = declared;
  if (instances || classColours || (classes ?? classNames?.length ?? 2) !== 2) return false;
  const palettes = surveys.filter(({ kind }) => kind === "palette");
  const mark = ignoredMark(ignore);
  return palettes.length > 0 && palettes.every((survey) => isBlackAndWhite(survey, mark));
}

/** Returns the numbers of all files except those that are read by class colours. */
function numbersOf(
  surveys: readonly LabelSurvey[],
  { ignore, instances, labelThreshold, classColours }: LabelDeclaration,
  look: boolean,
): readonly FileNumbers[] {
  const mark = ignoredMark(ignore);
  const colours = classColours?.map((text) => parseColour(text) as Colour);
  return surveys.flatMap((survey) => {
    if (colours && survey.kind !== "palette" && isInColours(survey, colours, mark)) return [];
    const file = fileNumbers(survey, mark, look);
    if (file) return [file];
    const near = nearGreyNumbers(survey, mark);
    if (near && (labelThreshold !== undefined || softEdges(near))) return [near];
    if (instances && survey.plane.others === 0 && !isMixed(survey)) return [];
    throw colourError({ survey }, onlyColour(survey));
  });
}

/**
 * Whether an RGB picture, or a grey one that contains nothing else, is read by the class colours.
 */
function isInColours(
  survey: LabelSurvey,
  colours: readonly Colour[],
  mark: IgnoredMark | undefined,
): boolean {
  const { channels, maximum, plane, name } = survey;
  const greys = colours.filter(([r, g, b]) => r === g && g === b);
  if (channels === 3) {
    if (survey.kind === "colours" && isMixed(survey)) {
      throw mixedColoursError(name, plane.values.length);
    }
    return true;
  }
  if (greys.length < colours.length || plane.others > 0) return false;
  return plane.values.every(
    (one) =>
      isIgnoredValue(one, mark, maximum) ||
      greys.some(([grey]) => one.value === (grey * maximum) / 255),
  );
}

/** Returns the one colour of a picture besides greys. */
function onlyColour({ plane, maximum }: LabelSurvey): string | undefined {
  const coloured = plane.values.filter(({ value }) => value === undefined);
  if (coloured.length !== 1) return undefined;
  const scaled = coloured[0].colour?.map((value) => (255 * value) / maximum) as unknown as Colour;
  return scaled.every(Number.isInteger) ? colourText(scaled) : undefined;
}

function checkFinite(files: readonly FileNumbers[]): void {
  for (const { survey, values } of files) {
    const broken = values.find(({ value }) => !Number.isFinite(value));
    if (broken === undefined) continue;
    throw new LabelError(
      survey.name,
      `it has ${broken.pixels} pixels of ${broken.value}, expected numbers; write a number for ` +
        "unlabelled pixels, and name it with --ignore",
    );
  }
}

/** Throws if a file is a grey picture, unless a threshold is declared. */
function checkSoft(files: readonly FileNumbers[], { classes = 2 }: LabelDeclaration): void {
  for (const file of files) {
    // Class indices may be distributed in any way.
    if (classes > 2 && file.low >= 0 && file.high < classes) continue;
    const soft = softEdges(file);
    if (soft === undefined) continue;
    if (classes === 2) throw softQuestion(file, soft);
    throw new LabelError(
      file.survey.name,
      `it has ${soft.count} values in small pieces, expected class indices 0 to ${classes - 1}: ` +
        "JPEG and smoothing mix values, save labels as PNG, without smoothing",
    );
  }
}

function checkThreshold(files: readonly FileNumbers[], threshold: number): void {
  const low = Math.min(...files.map((file) => file.low));
  const high = Math.max(...files.map((file) => file.high));
  if (low > high) {
    throw new Error(
      `--label-threshold ${threshold}: no pixel of the labels has a number, expected some on both ` +
        "sides of it: are all ignored, or colours?",
    );
  }
  if (low <= threshold && threshold < high) return;
  throw new Error(
    `--label-threshold ${threshold}: the labels' values are ${low} to ${high}, expected a value ` +
      `between them, as in ${files[0]?.survey.name}`,
  );
}

function colourRemarks(surveys: readonly LabelSurvey[], files: readonly FileNumbers[]): string[] {
  const numbered = new Set(files.map(({ survey }) => survey));
  const coloured = surveys.filter((survey) => !numbered.has(survey));
  if (coloured.length === 0) return [];
  const names = someNames(coloured.map((survey) => shortName({ survey })));
  const who = files.length === 0 ? "Labels" : `Labels ${names}`;
  return [`${who} are pictures in the class colours.`];
}

/**
 * Returns the class colours of palettes, "#rrggbb"; undefined if there are none, or one for two
 * classes. No class gets the ignored colour.
 */
function paletteOf(
  surveys: readonly LabelSurvey[],
  classes: number,
  ignore: number | string | undefined,
): readonly string[] | undefined {
  const known: (Colour | undefined)[] = [];
  for (const { kind, channels, plane, name } of surveys) {
    if (kind !== "palette" || channels !== 3) continue;
    const palette: (Colour | undefined)[] = [];
    const isClass = ({ value = classes }: SurveyedValue) => value < classes;
    for (const one of plane.values.filter(isClass)) palette[one.value as number] = one.colour;
    checkPalette(palette, known, name);
    for (const [index, colour] of palette.entries()) known[index] ??= colour;
  }
  const texts = known.filter((colour) => colour !== undefined).map(colourText);
  if (texts.length === 0 || new Set(texts).size < texts.length) return undefined;
  const ignored = typeof ignore === "string" ? parseColour(ignore) : undefined;
  return completeColours(Array.from(known), classes, ignored).map(colourText);
}
