// A question about labels that only the user can answer, with the data to show the answers: a part of a
// label, small enough to be read on the page's thread.

import {
  type LabelDecision,
  type LabelDeclaration,
  LabelQuestion,
  type LabelQuestionKind,
  type LabelSurvey,
  type RawImage,
} from "../../../src/index.js";

/** Side of the part of a label that is shown, in pixels. */
const SIDE = 144;

export interface AskedAnswer {
  readonly text: string;
  readonly declaration: LabelDeclaration;
  /** How the labels would be read with this answer. */
  readonly decision?: LabelDecision;
  /** Why they cannot be read, in words. */
  readonly problem?: string;
}

/** The question as a plain value. */
export interface AskedLabels {
  readonly kind: LabelQuestionKind;
  /** The file that raises it, and how many label files there are. */
  readonly file: string;
  readonly files: number;
  /** Numbers above 0, or colours, in the file. */
  readonly values: number;
  readonly answers: readonly AskedAnswer[];
  /** A part of the file, at most 144 pixels per side. */
  readonly part: RawImage;
  /** Smallest and largest number of the file: the range of a threshold. */
  readonly range: readonly [number, number];
}

/** The user's answer: what the labels mean, or to skip this file or all of them. */
export type LabelReply =
  | { readonly declared: LabelDeclaration }
  | { readonly leaveOut: "file" | "all" };

/** `decide` returns how the labels are read with an answer. */
export function askedLabels(
  { kind, file, answers }: LabelQuestion,
  surveys: readonly LabelSurvey[],
  raw: RawImage,
  decide: (declaration: LabelDeclaration) => LabelDecision,
): AskedLabels {
  const survey = surveys.find(({ name }) => name === file) ?? surveys[0];
  const { plane, nearGrey } = survey;
  const { low, high } = nearGrey ?? plane;
  return {
    kind,
    file,
    files: surveys.length,
    values: plane.values.filter(({ value }) => value !== 0).length,
    answers: answers.map(({ text, declaration }): AskedAnswer => {
      try {
        return { text, declaration, decision: decide(declaration) };
      } catch (error) {
        // Another question may follow: then there is no picture yet, but no error either.
        const isQuestion = error instanceof LabelQuestion;
        return { text, declaration, ...(isQuestion ? {} : { problem: (error as Error).message }) };
      }
    }),
    part: partOf(raw),
    range: [low, high],
  };
}

/** The part of a label where the most different numbers above 0 touch, else where the most pixels differ. */
export function partOf(raw: RawImage, side = SIDE): RawImage {
  const { width, height } = raw;
  const block = side / 2;
  const [columns, rows] = [Math.ceil(width / block), Math.ceil(height / block)];
  const scores = new Float64Array(columns * rows);
  const values = raw.indices ?? raw.alpha ?? raw.data;
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const [left, here] = [values[y * width + x - 1], values[y * width + x]];
      if (left === here) continue;
      const score = left > 0 && here > 0 ? 100 : 1;
      scores[Math.floor(y / block) * columns + Math.floor(x / block)] += score;
    }
  }
  let best = { score: -1, x: 0, y: 0 };
  for (let row = 0; row < Math.max(1, rows - 1); row++) {
    for (let column = 0; column < Math.max(1, columns - 1); column++) {
      const at = (r: number, c: number) => (r < rows && c < columns ? scores[r * columns + c] : 0);
      const score =
        at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1);
      if (score > best.score) best = { score, x: column * block, y: row * block };
    }
  }
  const x = Math.max(0, Math.min(best.x, width - side));
  const y = Math.max(0, Math.min(best.y, height - side));
  return cropped(raw, { x, y, width: Math.min(side, width), height: Math.min(side, height) });
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function cropped(raw: RawImage, place: Place): RawImage {
  const { indices, alpha, data, ...rest } = raw;
  const { width, height } = place;
  const cut = <Kind extends RawImage["data"]>(planes: Kind, channels: number): Kind => {
    const part = planes.slice(0, channels * width * height) as Kind;
    for (let row = 0; row < channels * height; row++) {
      const channel = Math.floor(row / height);
      const from = (channel * raw.height + place.y + (row % height)) * raw.width + place.x;
      part.set(planes.subarray(from, from + width), row * width);
    }
    return part;
  };
  return {
    ...rest,
    width,
    height,
    data: cut(data, raw.channels),
    ...(indices ? { indices: cut(indices, 1) } : {}),
    ...(alpha ? { alpha: cut(alpha, 1) } : {}),
  };
}
