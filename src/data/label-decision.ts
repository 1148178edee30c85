// What the labels of a set turned out to be, and the questions that only a person can answer.

/** What a person says about labels, by options or in the app; nothing of it is ever overruled. */
export interface LabelDeclaration {
  /** Number of classes, 2 to 255. */
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** "#rrggbb" by class: RGB pictures are in them. */
  readonly classColours?: readonly string[] | undefined;
  /** The value, or the colour "#rrggbb", of pixels that nobody labelled. */
  readonly ignore?: number | string | undefined;
  /** Each number above 0 is a cell of its own: class 1, touching cells apart. */
  readonly instances?: boolean | undefined;
  /** Pixels above it, in the numbers of the files, are class 1, the others class 0. */
  readonly labelThreshold?: number | undefined;
  /** The channel that holds the label. */
  readonly labelChannel?: "alpha" | undefined;
}

/** How the labels of a set are read: plain values, kept with a run so that it reads them alike again. */
export interface LabelDecision {
  /** Number of classes, 2 to 255. */
  readonly classes: number;
  /** Numbers are classes by `numbers`, or each is a cell, or what is above `threshold` is class 1. */
  readonly reading: "numbers" | "instances" | "threshold";
  /** By class: the files' numbers that are it. */
  readonly numbers?: readonly (readonly number[])[] | undefined;
  readonly threshold?: number | undefined;
  /** Palettes count by the black and white that they show, whatever its order; else by index. */
  readonly palettes?: "black-white" | undefined;
  readonly channel?: "alpha" | undefined;
  readonly ignore?: number | string | undefined;
  /** "#rrggbb" by class, where RGB pictures are in them. */
  readonly colours?: readonly string[] | undefined;
  /** "#rrggbb" by class: what palettes show the classes in, where no colours were declared. */
  readonly paletteColours?: readonly string[] | undefined;
  /** Whole sentences on what was taken for granted. */
  readonly remarks: readonly string[];
}

/** A possible answer to a question about labels. */
export interface LabelAnswer {
  /** What it means, for a button. */
  readonly text: string;
  /** The same on the command line. */
  readonly option: string;
  /** To be declared besides what was declared before. */
  readonly declaration: LabelDeclaration;
}

/** Labels that can be read in more than one way. */
export type LabelQuestionKind = "instances" | "grey-levels" | "soft-edges" | "alpha";

/** Thrown where a person must choose; the message names the options, the likely answer comes first. */
export class LabelQuestion extends Error {
  override readonly name = "LabelQuestion";
  readonly kind: LabelQuestionKind;
  /** Name of a file that raises the question. */
  readonly file: string;
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

/** A label file that contradicts what was declared, or what the others of its set say. */
export class LabelError extends Error {
  override readonly name = "LabelError";
  /** Name of the file. */
  readonly file: string;

  constructor(file: string, what: string) {
    super(`label ${file}: ${what}`);
    this.file = file;
  }
}
