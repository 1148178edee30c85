// Decides which numbers mean which class, over all labels of a set.

import { ignoredText } from "./ignored.js";
import {
  greyLevelsQuestion,
  instancesQuestion,
  someValues,
  strangersError,
  voidError,
} from "./label-complaints.js";
import { type LabelDeclaration, LabelError } from "./label-decision.js";
import {
  allNumbers,
  type FileNumbers,
  ignoredMark,
  isThin,
  shareInPieces,
} from "./label-numbers.js";
import { someNames, stemOf } from "./pairs.js";

/** The numbers of each class, and the assumptions made. */
export interface ClassNumbers {
  readonly numbers: readonly (readonly number[])[];
  readonly remarks: readonly string[];
}

/** More classes are never detected, only declared. */
const MOST_CLASSES = 64;
/**
 * From this share of values in several pieces on they are classes, below it one number per cell.
 */
const IN_PIECES = 1 / 3;

/**
 * Returns the classes of labels of whole numbers or of two values. Throws if the meaning is
 * ambiguous.
 */
export function classNumbers(
  files: readonly FileNumbers[],
  declared: LabelDeclaration,
): ClassNumbers {
  const numbers = allNumbers(files);
  const { classes } = declared;
  if (classes === undefined || classes === 2) {
    const two = twoClasses(files, numbers);
    if (two) return two;
  }
  // A single value that is neither black nor white determines no class.
  const known = classes ?? (numbers.length === 1 ? 2 : undefined);
  if (known !== undefined) return declaredClasses(files, numbers, { ...declared, classes: known });
  checkWhole(files);
  return foundClasses(files, numbers);
}

const WHITES: readonly number[] = [1, 255, 65535];

/** Two values in all, or black and white in files that write white in different ways. */
function twoClasses(
  files: readonly FileNumbers[],
  numbers: readonly number[],
): ClassNumbers | undefined {
  if (files.some(({ others, values }) => others > 0 || values.length > 2)) return undefined;
  const [low, high] = numbers;
  if (numbers.length === 0) return { numbers: [[0], [1]], remarks: [] };
  if (numbers.length === 1 && (low === 0 || files.every((file) => isWhite(file, low)))) {
    return { numbers: [[0], [low === 0 ? 1 : low]], remarks: twoRemarks(files, [low]) };
  }
  if (numbers.length === 2) {
    return { numbers: [[low], [high]], remarks: twoRemarks(files, numbers) };
  }
  if (numbers.length < 3 || !files.every(isBinary)) return undefined;
  return { numbers: [[0], numbers.filter((value) => value !== 0)], remarks: mixedRemarks(files) };
}

function isWhite({ survey }: FileNumbers, value: number): boolean {
  return WHITES.includes(value) || value === survey.maximum;
}

/** Whether a file contains only 0 and one white. */
function isBinary(file: FileNumbers): boolean {
  const above = file.values.filter(({ value }) => value !== 0);
  return file.others === 0 && above.length < 2 && above.every(({ value }) => isWhite(file, value));
}

const BLACK_AND_WHITE = "are black and white: 0 is class 0, white is class 1";
const INDICES = "hold class indices";

function twoRemarks(files: readonly FileNumbers[], numbers: readonly number[]): string[] {
  const [low, high] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  if (low === 0 && high <= 1) return [`Labels ${INDICES}.`];
  const maximum = Math.max(...files.map(({ survey }) => survey.maximum));
  if (low === 0 && (high === 255 || high === maximum)) return [`Labels ${BLACK_AND_WHITE}.`];
  return [`Labels hold the values ${low} and ${high}: ${low} is class 0, ${high} is class 1.`];
}

function mixedRemarks(files: readonly FileNumbers[]): string[] {
  const kindOf = ({ values }: FileNumbers) =>
    values.some(({ value }) => value > 1) ? BLACK_AND_WHITE : INDICES;
  return [INDICES, BLACK_AND_WHITE].flatMap((kind) => {
    const names = files.filter((file) => kindOf(file) === kind).map(shortName);
    return names.length > 0 ? [`Labels ${someNames(names)} ${kind}.`] : [];
  });
}

/** The stem of a label file, and its page in a stack. */
export function shortName({ survey }: Pick<FileNumbers, "survey">): string {
  const file = survey.name.split(/[\\/]/).at(-1) ?? survey.name;
  const [, name, page = ""] = /^(.*?)(, page \d+)?$/s.exec(file) ?? ["", file];
  return stemOf(name) + page;
}

function declaredClasses(
  files: readonly FileNumbers[],
  numbers: readonly number[],
  { classes = 2, ignore }: LabelDeclaration,
): ClassNumbers {
  const [low, high] = [numbers[0], numbers.at(-1) as number];
  const fromOne = classes > 2 && low === 1 && high === classes && numbers.every(Number.isInteger);
  const isClass = (value: number) =>
    fromOne || (Number.isInteger(value) && value >= 0 && value < classes);
  const isStrange = ({ values, others }: FileNumbers) =>
    others > 0 || values.some(({ value }) => !isClass(value));
  // With two classes 255 may be white: a black and white file contradicts nothing.
  const odd = classes === 2 ? files.filter((file) => !isBinary(file)) : files;
  const bad = odd.find(isStrange) ?? files.find(isStrange);
  // Each number is a class, but together they are not black and white: no file contradicts 0 and 1.
  const file = bad ?? (classes === 2 && numbers.length > 2 ? files[0] : undefined);
  if (file !== undefined) {
    const strangers = file.values.filter(({ value }) => !isClass(value));
    const mark = ignoredMark(ignore);
    const isLikeCells = numbers.length > 3 && shareInPieces(files, 0) < IN_PIECES;
    throw strangersError(
      file.survey.name,
      strangers,
      new Set(file.values.map(({ value }) => value)),
      {
        classes,
        ignored: mark === undefined ? undefined : ignoredText(mark),
        hint: isLikeCells ? "; if each number is a cell, add --instances" : undefined,
      },
    );
  }
  const first = fromOne ? 1 : 0;
  return { numbers: indices(first, classes), remarks: [indexRemark(first, classes)] };
}

/** Returns the classes of more than two numbers without a declaration. */
function foundClasses(files: readonly FileNumbers[], numbers: readonly number[]): ClassNumbers {
  const isFew = files.every(({ others }) => others === 0);
  const share = shareInPieces(files, numbers[0] === 0 ? 0 : Number.NaN);
  const last = numbers.at(-1) as number;
  if (isRow(numbers) && isFew) {
    if (numbers.length > MOST_CLASSES || share < IN_PIECES) throw instancesQuestion(files, numbers);
    const [first] = numbers;
    const remark = indexRemark(first, numbers.length).replace(/\.$/, "");
    const remarks = [`${remark}, detected automatically: ${numbers.length} classes.`];
    return { numbers: indices(first, numbers.length), remarks };
  }
  const others = numbers.slice(0, -1);
  const isVoid =
    isFew &&
    isRow(others) &&
    [...WHITES.slice(1), ...files.map(({ survey }) => survey.maximum)].includes(last) &&
    (others.length < 3 || isThin(files, last) || share >= IN_PIECES);
  if (isVoid) throw voidError(files, others, last);
  if (isFew && numbers.length <= MOST_CLASSES && share >= IN_PIECES) {
    throw greyLevelsQuestion(files, numbers);
  }
  throw instancesQuestion(files, numbers);
}

/** Whether the numbers are 0, 1, 2 ... or 1, 2, 3 ... */
function isRow(numbers: readonly number[]): boolean {
  const [first] = numbers;
  return (first === 0 || first === 1) && numbers.every((value, i) => value === first + i);
}

function indices(first: number, classes: number): number[][] {
  return Array.from({ length: classes }, (_, i) => [first + i]);
}

function indexRemark(first: number, classes: number): string {
  if (first === 0) return `Labels ${INDICES}.`;
  return `Labels ${INDICES} from 1 on: 1 is class 0, ${classes} is class ${classes - 1}.`;
}

/** Throws unless more than two values are all whole and not negative. */
export function checkWhole(files: readonly FileNumbers[]): void {
  for (const { survey, values, low } of files) {
    const broken = values.find(({ value }) => !Number.isInteger(value));
    if (broken) {
      throw new LabelError(
        survey.name,
        `it has values such as ${broken.value} (${broken.pixels} pixels), expected whole numbers, ` +
          "or two values; for a picture of probabilities add --label-threshold, such as 0.5",
      );
    }
    if (low >= 0) continue;
    const { pixels } = values[0];
    throw new LabelError(
      survey.name,
      `it has the value ${low} (${pixels} pixels), and the labels' values are ` +
        `${someValues(allNumbers(files))}, expected numbers from 0 on; if ${low} marks pixels ` +
        `without a label, name it as the ignored value (--ignore ${low})`,
    );
  }
}
