// The decision on how the labels of a set are read, and the questions that only a person can
// answer.

import type { ObjectKind } from "./task.js";

/** What a person declares about labels, by options or in the app; never overruled. */
export interface LabelDeclaration {
  /** Number of classes, 2 to 255. */
  readonly classes?: number | undefined;
  /** A name for each class, by index. */
  readonly classNames?: readonly string[] | undefined;
  /** "#rrggbb" by class: the colours of RGB pictures. */
  readonly classColours?: readonly string[] | undefined;
  /** The value, or the colour "#rrggbb", of unlabelled pixels. */
  readonly ignore?: number | string | undefined;
  /** Each number above 0 is a separate cell: class 1, with touching cells separated. */
  readonly instances?: boolean | undefined;
  /** With `instances`: what separates touching cells; "gap" by default. */
  readonly objects?: ObjectKind | undefined;
  /** Pixels above this, in the numbers of the files, are class 1, the others class 0. */
  readonly labelThreshold?: number | undefined;
  /** The channel that contains the label. */
  readonly labelChannel?: "alpha" | undefined;
}

/** How the labels of a set are read: plain values, stored with a run so that it can be repeated. */
export interface LabelDecision {
  /** Number of classes, 2 to 255. */
  readonly classes: number;
  /**
   * Numbers are classes by `numbers`, or each is a cell, or those above `threshold` are class 1.
   */
  readonly reading: "numbers" | "instances" | "threshold";
  /** By class: the numbers in files that mean it. */
  readonly numbers?: readonly (readonly number[])[] | undefined;
  /** For cells: "border" if their borders are a separate class; otherwise a gap separates them. */
  readonly objects?: "border" | undefined;
  /** Numbers above it are class 1, with the reading "threshold". */
  readonly threshold?: number | undefined;
  /** Palettes are read by the black and white that they show, whatever the order; else by index. */
  readonly palettes?: "black-white" | undefined;
  /** Where the label is the file's alpha channel. */
  readonly channel?: "alpha" | undefined;
  /** The value, or the colour "#rrggbb", of pixels that nobody labelled. */
  readonly ignore?: number | string | undefined;
  /** "#rrggbb" by class, if RGB pictures use them. */
  readonly colours?: readonly string[] | undefined;
  /** "#rrggbb" by class: the colours of palettes, if no colours were declared. */
  readonly paletteColours?: readonly string[] | undefined;
  /** Whole sentences on assumptions that were made. */
  readonly remarks: readonly string[];
}

/** A possible answer to a question about labels. */
export interface LabelAnswer {
  /** What it means, for a button. */
  readonly text: string;
  /** The same on the command line. */
  readonly option: string;
  /** To be declared in addition to earlier declarations. */
  readonly declaration: LabelDeclaration;
}

/** Labels that can be read in more than one way. */
export type LabelQuestionKind = "instances" | "grey-levels" | "soft-edges" | "alpha";

/** Thrown if a person must choose; the message names the options, the likely answer first. */
export class LabelQuestion extends Error {
  override readonly name = "LabelQuestion";
  /** What has to be answered. */
  readonly kind: LabelQuestionKind;
  /** Name of a file that raises the question. */
  readonly file: string;
  /** The answers that the files allow. */
  readonly answers: readonly LabelAnswer[];

  constructor(
    message: string,
    about: Pick<LabelQuestion, "kind" | "file" | "answers">,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.kind = about.kind;
    this.file = about.file;
    this.answers = about.answers;
  }
}

/** A label file that contradicts the declarations or the other labels of its set. */
export class LabelError extends Error {
  override readonly name = "LabelError";
  /** Name of the file. */
  readonly file: string;

  constructor(file: string, what: string) {
    super(`label ${file}: ${what}`);
    this.file = file;
  }
}
