// Dropped label files become labels of a project's images. Every step goes over all pixels: it is work
// for the Worker for files, which is told all of the project but its pixels.

import {
  type ClassList,
  createLabelMatcher,
  IGNORED,
  type IgnoredMark,
  type LabelMap,
  placeOf,
  type RawImage,
  readClassList,
  stemOf,
} from "../../../src/index.js";
import type { ClassInfo } from "../state/types.js";
import { readLabel } from "../storage/project-files.js";
import { type ClassesBefore, classesOfLabels, coloursOfLabel, markOf } from "./label-classes.js";
import { collectProblems, type Problems } from "./problems.js";
import type { NamedFile } from "./sort-files.js";

/** The numbers of an image file, or of each page of a stack. Throws where it is none. */
export type ReadImages = (
  file: Blob,
  name: string,
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<RawImage[]>;

export interface LabelOptions {
  /** Called before each file is read. */
  onFile?(path: string): void;
  readonly signal?: AbortSignal;
}

/** An image that a label may belong to. */
export interface ImageFrame {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface LabelRequest extends ClassesBefore {
  readonly images: readonly ImageFrame[];
  readonly labels: readonly NamedFile[];
  readonly classLists: readonly NamedFile[];
}

export interface ReadLabels {
  readonly classes: readonly ClassInfo[];
  /** With the names of their images. */
  readonly labels: readonly { readonly image: string; readonly label: LabelMap }[];
  /** A sentence for each file that was left out. */
  readonly problems: readonly string[];
}

/** Pairs labels with images by name, and reads them by the classes that they are of. */
export async function readLabelFiles(
  request: LabelRequest,
  read: ReadImages,
  options: LabelOptions = {},
): Promise<ReadLabels> {
  const problems = collectProblems(options.signal);
  const pairs = await pairLabels(request, read, problems, options);
  let list: ClassList | undefined;
  for (const { path, file } of request.classLists) {
    await problems.attempt(async () => {
      list = readClassList(await file.text(), path);
    });
  }
  let { classes } = request;
  if (pairs.length > 0) {
    await problems.attempt(() => {
      classes = classesOfLabels(request, pairs, list);
    });
  }
  const mark = markOf(list);
  const labels: { image: string; label: LabelMap }[] = [];
  for (const pair of pairs) {
    await problems.attempt(() => {
      labels.push({ image: pair.image.name, label: labelOf(pair, classes, mark) });
    });
  }
  return { classes, labels, problems: problems.sentences };
}

interface LabelPair {
  readonly path: string;
  readonly image: ImageFrame;
  readonly raw: RawImage;
}

/** The labels whose image is there. */
async function pairLabels(
  { images, labels }: LabelRequest,
  read: ReadImages,
  problems: Problems,
  { onFile, signal }: LabelOptions,
): Promise<LabelPair[]> {
  const pairs: LabelPair[] = [];
  const match = createLabelMatcher(images.map(({ name }) => name));
  for (const { path, file } of labels) {
    await problems.attempt(async () => {
      onFile?.(path);
      const pages = await read(file, path, { signal });
      for (const [page, raw] of pages.entries()) {
        const image = imageOf(images, match, path, page, pages.length);
        if (image) pairs.push({ path, image, raw });
        else problems.sentences.push(`${path}: a label without an image of its name; left out.`);
      }
    });
  }
  return pairs;
}

/** The image that a label's page belongs to: by name; two stacks alone, by their pages. */
function imageOf(
  images: readonly ImageFrame[],
  match: ReturnType<typeof createLabelMatcher>,
  path: string,
  page: number,
  pages: number,
): ImageFrame | undefined {
  const { group } = placeOf(path);
  const place = pages === 1 ? { pages } : { page, pages };
  const name = match({ path, group, stem: stemOf(path), ...place });
  const isStack = pages > 1 && images.length === pages;
  return images.find((image) => image.name === name) ?? (isStack ? images[page] : undefined);
}

function labelOf(
  { path, image, raw }: LabelPair,
  classes: readonly ClassInfo[],
  mark: IgnoredMark | undefined,
): LabelMap {
  if (image.width !== raw.width || image.height !== raw.height) {
    throw new Error(
      `${path}: it is ${raw.width} × ${raw.height}, but its image is ` +
        `${image.width} × ${image.height}`,
    );
  }
  const colours = coloursOfLabel(raw, classes, mark);
  const label = readLabel(raw, path, classes.length, { colours, mark });
  if (label.data.every((value) => value === IGNORED)) {
    throw new Error(`${path}: no pixel of it has a class`);
  }
  return label;
}
