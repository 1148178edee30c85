// Dropped files become part of a project. A file that does not fit is left out, and said by name.

import {
  type Checkpoint,
  type ClassList,
  decodeSafetensors,
  IGNORED,
  type IgnoredMark,
  type LabelMap,
  type RawImage,
  readClassList,
} from "../../../src/index.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, settingsOf, withSplit } from "../state/project.js";
import type { Project, ProjectImage } from "../state/types.js";
import { readLabel } from "../storage/project-files.js";
import { coloursOfLabel, markOf, withLabelClasses } from "./label-classes.js";
import { imageStem, type NamedFile, sortFiles, stemOf } from "./sort-files.js";

/** The integers of an image file, or of each page of a stack. Throws where it is none. */
export type ReadImages = (file: Blob, name: string) => Promise<RawImage[]>;

/** As people count: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

export interface Imported {
  readonly project: Project;
  /** A sentence for each file that was left out. */
  readonly problems: readonly string[];
}

/** Adds image, label and checkpoint files. Labels are paired with images by name. */
export async function importFiles(
  project: Project,
  files: readonly NamedFile[],
  read: ReadImages,
): Promise<Imported> {
  const { images, labels, checkpoints, classLists, others } = sortFiles(files);
  const problems = others.map(
    ({ path }) => `${path}: it is no image this browser reads; left out.`,
  );
  const attempt = async (step: () => Promise<void> | void) => {
    try {
      await step();
    } catch (error) {
      problems.push(`${reasonOf(error)}; left out.`);
    }
  };
  const each = async (
    list: readonly NamedFile[],
    add: (before: Project, file: NamedFile) => Promise<Project>,
  ) => {
    for (const file of list) {
      await attempt(async () => {
        next = await add(next, file);
      });
    }
  };
  let next = project;
  await each(images, (before, file) => addImage(before, file, read));
  // Before the labels: a network knows how many classes there are.
  await each(checkpoints, addCheckpoint);
  const pairs = await readLabels(next, labels, read, problems);
  let list: ClassList | undefined;
  for (const { path, file } of classLists) {
    await attempt(async () => {
      list = readClassList(await file.text(), path);
    });
  }
  if (pairs.length > 0) {
    await attempt(() => {
      next = withLabelClasses(next, pairs, list);
    });
  }
  const mark = markOf(list);
  await each(pairs, async (before, pair) => addLabel(before, pair as LabelFile, mark));
  // Who has trained knows which images were held out: they stay.
  if (pairs.length > 0 && !next.training.last) next = withSplit(next);
  return { project: next, problems };
}

/** Without the hints that name an option of the command line. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/;[^;]*--[a-z][^;]*/g, "");

async function addImage(project: Project, file: NamedFile, read: ReadImages): Promise<Project> {
  const { path } = file;
  const pages = await read(file.file, path);
  const added = pages.map((raw, page): ProjectImage => {
    const name = stemOf(path) + suffix(page, pages.length);
    if (project.images.some((image) => image.name === name)) {
      throw new Error(`${path}: an image of that name is there already`);
    }
    const { channels } = project.images[0]?.raw ?? raw;
    if (raw.channels !== channels || (channels !== 1 && channels !== 3)) {
      const expected = channels === 1 || channels === 3 ? channels : "1 or 3";
      throw new Error(`${path}: it has ${raw.channels} channels, expected ${expected}`);
    }
    return { name, raw, role: "training" };
  });
  const images = [...project.images, ...added].sort((a, b) => BY_NAME.compare(a.name, b.name));
  return { ...project, images };
}

/** What a page's name has behind the file's, as on the command line: "-07". */
function suffix(page: number, pages: number): string {
  return pages === 1 ? "" : `-${String(page).padStart(String(pages - 1).length, "0")}`;
}

interface LabelFile extends NamedFile {
  readonly image: ProjectImage;
  readonly raw: RawImage;
}

/** The labels whose image is there. */
async function readLabels(
  project: Project,
  files: readonly NamedFile[],
  read: ReadImages,
  problems: string[],
): Promise<LabelFile[]> {
  const pairs: LabelFile[] = [];
  for (const file of files) {
    try {
      const pages = await read(file.file, file.path);
      for (const [page, raw] of pages.entries()) {
        const image = imageOf(project, file.path, page, pages.length);
        if (image) pairs.push({ ...file, image, raw });
        else problems.push(`${file.path}: a label without an image of its name; left out.`);
      }
    } catch (error) {
      problems.push(`${reasonOf(error)}; left out.`);
    }
  }
  return pairs;
}

/** The image that a label's page belongs to: by name; two stacks alone, by their pages. */
function imageOf(
  { images }: Project,
  path: string,
  page: number,
  pages: number,
): ProjectImage | undefined {
  const end = suffix(page, pages);
  const stem = stemOf(path);
  const named = images.find(({ name }) => name === stem + end || name === imageStem(stem) + end);
  const isStack = pages > 1 && images.length === pages;
  return named ?? (isStack ? images[page] : undefined);
}

function addLabel(
  project: Project,
  { path, image, raw }: LabelFile,
  mark: IgnoredMark | undefined,
): Project {
  if (image.raw.width !== raw.width || image.raw.height !== raw.height) {
    throw new Error(
      `${path}: it is ${raw.width} × ${raw.height}, but its image is ` +
        `${image.raw.width} × ${image.raw.height}`,
    );
  }
  const colours = coloursOfLabel(raw, project.classes, mark);
  const label: LabelMap = readLabel(raw, path, project.classes.length, { colours, mark });
  if (label.data.every((value) => value === IGNORED)) {
    throw new Error(`${path}: no pixel of it has a class`);
  }
  const images = project.images.map((one) => (one.name === image.name ? { ...one, label } : one));
  return { ...project, images };
}

async function addCheckpoint(project: Project, { path, file }: NamedFile): Promise<Project> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const checkpoint = decodeSafetensors(bytes, path);
  checkFit(project, checkpoint, path);
  const { model, training, progress } = checkpoint.metadata;
  const stored = { bytes, step: progress?.step ?? 0, figures: progress?.best };
  // Only a last checkpoint, with the optimiser's state, can be gone on with.
  const goesOn = [...checkpoint.tensors.keys()].some((name) => name.startsWith("optimizer."));
  const { base, depth, dropout } = model;
  const settings = training
    ? settingsOf(model, training)
    : { ...project.settings, base, depth, dropout };
  const classes = classesOfModel(model, project.classes);
  return {
    ...project,
    classes,
    images: project.images.map((image) =>
      image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image,
    ),
    settings,
    training: { ...project.training, best: stored, ...(goesOn ? { last: stored } : {}) },
  };
}

function checkFit(project: Project, { metadata }: Checkpoint, path: string): void {
  const { channels, classes } = metadata.model;
  const have = project.images[0]?.raw.channels;
  if (have !== undefined && have !== channels) {
    throw new Error(`${path}: its network takes ${channels} channels, the images have ${have}`);
  }
  // Where nobody labelled and nothing was trained, the classes are the network's.
  const isOpen = !hasNetwork(project) && !project.images.some(isLabelled);
  if (!isOpen && classes !== project.classes.length) {
    throw new Error(
      `${path}: its network tells ${classes} classes apart, the project has ` +
        `${project.classes.length}`,
    );
  }
}
