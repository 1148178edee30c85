// Reads dropped label files as labels of a project's images. Every step goes over all pixels, so it is done in
// the Worker for files, which gets the project without its pixels.

import {
  type ClassList,
  IGNORED,
  type LabelDecision,
  type LabelMap,
  type RawImage,
  readClassList,
  readLabel,
  surveyLabel,
} from "../../../src/index.js";
import type { ClassInfo, LabelReading } from "../state/project-types.js";
import { decideAsking, type Surveyed } from "./label-asking.js";
import { classesOfLabels } from "./label-classes.js";
import type { LabelsBefore } from "./label-decision.js";
import type { AskedLabels, LabelReply } from "./label-question.js";
import { collectProblems } from "./problems.js";
import type { NamedFile } from "./sort-files.js";

/** Opens an image file, to read its pages. Throws if it is not an image. */
export type OpenFile = (
  file: NamedFile,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<{ page(index: number): Promise<RawImage> }>;

export interface LabelOptions {
  /** Called before each file is read. */
  onFile?(path: string): void;
  /** Asks the user; without it, ambiguous labels are skipped. */
  ask?(question: AskedLabels): Promise<LabelReply>;
  readonly signal?: AbortSignal | undefined;
}

/** An image that a label may belong to. */
export interface ImageFrame {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** A label file, or a page of one, with the image that it belongs to. */
export interface PairedLabel extends NamedFile {
  /** From 0, if the file is a stack. */
  readonly page?: number;
  readonly image: ImageFrame;
}

export interface LabelRequest extends LabelsBefore {
  readonly labels: readonly PairedLabel[];
  readonly classLists: readonly NamedFile[];
}

export interface ReadLabels {
  readonly classes: readonly ClassInfo[];
  /** With the names of their images. */
  readonly labels: readonly { readonly image: string; readonly label: LabelMap }[];
  readonly reading?: LabelReading | undefined;
  /** A sentence for each file that was skipped. */
  readonly problems: readonly string[];
  /** Sentences on how the other files were read. */
  readonly remarks: readonly string[];
}

/**
 * Reads labels: surveys all of them, decides what they mean, then reads each again. Only one is in memory at
 * a time.
 */
export async function readLabelFiles(
  request: LabelRequest,
  openFile: OpenFile,
  options: LabelOptions = {},
): Promise<ReadLabels> {
  const problems = collectProblems(options.signal);
  const open = createReader(openFile, options.signal);
  let list: ClassList | undefined;
  for (const { path, file } of request.classLists) {
    await problems.attempt(async () => {
      list = readClassList(await file.text(), path);
    });
  }
  const surveyed: Surveyed<PairedLabel>[] = [];
  for (const label of request.labels) {
    await problems.attempt(async () => {
      options.onFile?.(label.path);
      surveyed.push(await surveyOf(label, open));
    });
  }
  const decided = await decideAsking(surveyed, request, list, { problems, open, ask: options.ask });
  const { classes } = request;
  const sentences = problems.sentences;
  if (!decided) return { classes, labels: [], problems: sentences, remarks: [] };
  const { reading, kept } = decided;
  const remarks = [...reading.decision.remarks];
  const after = classesOfLabels(request, reading.decision, list);
  const labels: { image: string; label: LabelMap }[] = [];
  for (const one of kept) {
    await problems.attempt(async () => {
      const raw = await open(one.label);
      labels.push(labelOf(one, raw, reading.decision, after.length, remarks));
    });
  }
  options.signal?.throwIfAborted();
  const only = onlyClass(labels.map(({ label }) => label));
  if (only !== undefined) {
    remarks.push(
      `All pixels of these labels are ${after[only].name}: check that they are the right files.`,
    );
  }
  if (labels.length === 0) return { classes, labels, problems: sentences, remarks: [] };
  return { classes: after, labels, reading, problems: sentences, remarks };
}

/** The class of all labelled pixels; undefined if there are several, or none. */
function onlyClass(labels: readonly LabelMap[]): number | undefined {
  let only: number | undefined;
  for (const { data } of labels) {
    for (const value of data) {
      if (value === IGNORED || value === only) continue;
      if (only !== undefined) return undefined;
      only = value;
    }
  }
  return only;
}

type OpenLabel = (label: PairedLabel) => Promise<RawImage>;

/** Reads a label, or its page; keeps the last stack open, since its pages follow each other. */
function createReader(openFile: OpenFile, signal: AbortSignal | undefined): OpenLabel {
  let last: { readonly file: Blob; readonly opened: ReturnType<OpenFile> } | undefined;
  return async (label) => {
    const { file, page = 0 } = label;
    if (last?.file !== file) last = { file, opened: openFile(label, { signal }) };
    return (await last.opened).page(page);
  };
}

async function surveyOf(label: PairedLabel, open: OpenLabel): Promise<Surveyed<PairedLabel>> {
  const { path, page, image } = label;
  const raw = await open(label);
  if (image.width !== raw.width || image.height !== raw.height) {
    throw new Error(
      `${path}: it is ${raw.width} × ${raw.height}, but its image is ` +
        `${image.width} × ${image.height}`,
    );
  }
  const name = page === undefined ? path : `${path}, page ${page}`;
  return { label, name, survey: surveyLabel(raw, name) };
}

function labelOf(
  { label: { image }, name }: Surveyed<PairedLabel>,
  raw: RawImage,
  decision: LabelDecision,
  classes: number,
  remarks: string[],
): { image: string; label: LabelMap } {
  const { label, remarks: own } = readLabel(raw, name, decision);
  if (label.data.every((value) => value === IGNORED)) {
    throw new Error(`${name}: no pixel in it has a class`);
  }
  remarks.push(...own);
  return { image: image.name, label: { ...label, classes } };
}
