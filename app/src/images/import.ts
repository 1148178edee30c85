// Dropped files become part of a project. A file that does not fit is left out, and said by name.

import {
  type Checkpoint,
  decodeSafetensors,
  foldName,
  notFiniteRemarks,
  type RawImage,
  safeFileName,
} from "../../../src/index.js";
import type { FileWork } from "../files/work.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, settingsOf, withSplit } from "../state/project.js";
import type { Project, ProjectImage } from "../state/types.js";
import { fitChannels, isChanged, type ReadImage } from "./channels.js";
import type { LabelOptions, ReadLabels } from "./label-files.js";
import { freeName, pairLabels } from "./pairing.js";
import { collectProblems, type Problems, plainRemarks } from "./problems.js";
import { imageFiles } from "./read-set.js";
import { type NamedFile, type SortedFile, sortFiles } from "./sort-files.js";

/** As people count: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

export interface Imported {
  readonly project: Project;
  /** A sentence for each file that was left out. */
  readonly problems: readonly string[];
  /** Sentences on how the others were read. */
  readonly remarks: readonly string[];
}

export interface ImportOptions {
  /** Called when so many of the files have been read, before the one called `name`. */
  onFile?(done: number, files: number, name: string): void;
  /** Asks a person what labels mean; without it labels of several meanings are left out. */
  readonly ask?: LabelOptions["ask"];
  /** Ends the import early: what was read until then stays. */
  readonly signal?: AbortSignal | undefined;
}

/** What the Worker for files does of it. */
export type ImportWork = Pick<FileWork, "readImages" | "recoloured" | "countPages" | "readLabels">;

/** Adds image, label and checkpoint files. Labels are paired with images by names and folders. */
export async function importFiles(
  project: Project,
  files: readonly NamedFile[],
  work: ImportWork,
  options: ImportOptions = {},
): Promise<Imported> {
  const { onFile, signal } = options;
  const { images, labels, checkpoints, classLists, others } = await sortFiles(files);
  const problems = collectProblems(signal);
  for (const { path, reason } of others) problems.sentences.push(`${path}: ${reason}; left out.`);
  const remarks: string[] = [];
  const count = images.length + checkpoints.length + labels.length;
  let done = 0;
  const begin = (path: string) => onFile?.(Math.min(done++, count - 1), count, path);
  const parts: Parts = { work, problems, remarks, begin, signal };
  let next = await withImages(project, images, labels, parts);
  // Before the labels: a network knows how many classes there are.
  for (const file of checkpoints) {
    await problems.attempt(async () => {
      begin(file.path);
      next = await addCheckpoint(next, file);
    });
  }
  await problems.attempt(async () => {
    next = await withLabelFiles(project, next, { labels, classLists, ask: options.ask }, parts);
  });
  return {
    project: next,
    problems: problems.sentences,
    remarks: plainRemarks(remarks),
  };
}

interface Parts {
  readonly work: ImportWork;
  readonly problems: Problems;
  readonly remarks: string[];
  begin(path: string): void;
  readonly signal: AbortSignal | undefined;
}

/** An image, or a page of a stack, with the file that it came from. */
interface AddedImage extends ReadImage {
  readonly file: SortedFile;
  readonly page: number;
  readonly pages: number;
}

async function withImages(
  project: Project,
  files: readonly SortedFile[],
  labels: readonly SortedFile[],
  { work, problems, remarks, begin, signal }: Parts,
): Promise<Project> {
  const read: AddedImage[] = [];
  for (const { file, channelFiles } of imageFiles(files, labels, problems, remarks)) {
    await problems.attempt(async () => {
      begin(file.path);
      const { images, remarks: own } = await work.readImages([file, ...channelFiles], { signal });
      read.push(...images.map((image, page) => ({ ...image, file, page, pages: images.length })));
      remarks.push(...own);
    });
  }
  const fitted = fitChannels(read, project.images[0]?.raw.channels);
  problems.sentences.push(...fitted.problems);
  remarks.push(...fitted.remarks, ...notFiniteRemarks(fitted.images.map(({ survey }) => survey)));
  const images = [...project.images];
  const isOfSeveral = new Set(files.map(({ group }) => foldName(group))).size > 1;
  // Also when the import was ended: what was read until then comes in.
  const adding = collectProblems();
  for (const { file, page, pages, raw: stored } of fitted.images) {
    await adding.attempt(async () => {
      const isOther = isChanged(stored, fitted.rule);
      const raw = pixelsOf(isOther ? await work.recoloured(stored, fitted.rule) : stored);
      const place = { isOfSeveral, ...(pages > 1 ? { page, pages } : {}) };
      images.push(addedImage(images, file, raw, place));
    });
  }
  problems.sentences.push(...adding.sentences);
  if (images.length === project.images.length) return project;
  return { ...project, images: images.sort((a, b) => BY_NAME.compare(a.name, b.name)) };
}

/** The image under a name of its own. Throws where it is there already, from the same place. */
function addedImage(
  images: readonly ProjectImage[],
  { path, stem, group, channelFiles }: SortedFile,
  raw: RawImage,
  { isOfSeveral, ...place }: { isOfSeveral: boolean; page?: number; pages?: number },
): ProjectImage {
  const isSame = ({ source, raw: other }: ProjectImage) =>
    source?.path === path && source.page === place.page && isEqual(other, raw);
  if (images.some(isSame)) throw new Error(`${path}: an image of that name is there already`);
  const taken = images.map(({ name }) => name);
  const own = { stem: safeFileName(stem), group, pages: 1, ...place };
  const name = freeName(taken, own, isOfSeveral);
  const source = { path, ...(channelFiles ? { stem } : {}), ...place };
  return { name, source, raw, role: "training" };
}

function isEqual(one: RawImage, other: RawImage): boolean {
  if (one.width !== other.width || one.data.length !== other.data.length) return false;
  for (let i = 0; i < one.data.length; i++) {
    if (!Object.is(one.data[i], other.data[i])) return false;
  }
  return true;
}

/** What a network sees of an image: palette indices and alpha would take memory for nothing. */
function pixelsOf({ width, height, channels, maximum, data }: RawImage): RawImage {
  return { width, height, channels, maximum, data };
}

interface LabelParts {
  readonly labels: readonly SortedFile[];
  readonly classLists: readonly NamedFile[];
  readonly ask: LabelOptions["ask"];
}

async function withLabelFiles(
  before: Project,
  project: Project,
  { labels: files, classLists, ask }: LabelParts,
  { work, problems, remarks, begin, signal }: Parts,
): Promise<Project> {
  if (files.length + classLists.length === 0) return project;
  const counted = await work.countPages(files, { signal });
  problems.sentences.push(...counted.problems);
  const earlier = new Set(before.images);
  const paired = pairLabels(
    counted.labels,
    project.images.filter((image) => !earlier.has(image)),
    project.images.filter((image) => earlier.has(image)),
  );
  problems.sentences.push(...paired.problems);
  remarks.push(...paired.remarks);
  const request = {
    classes: project.classes,
    hasNetwork: hasNetwork(project),
    hasLabels: project.images.some(isLabelled),
    reading: project.labelReading,
    labels: paired.labels,
    classLists,
  };
  const read = await work.readLabels(request, { onFile: begin, ask, signal });
  problems.sentences.push(...read.problems);
  remarks.push(...read.remarks);
  return withLabels(project, read);
}

function withLabels(project: Project, { classes, labels, reading }: ReadLabels): Project {
  if (labels.length === 0) return project;
  const byImage = new Map(labels.map(({ image, label }) => [image, label]));
  const images = project.images.map((image) => {
    const label = byImage.get(image.name);
    if (label) return { ...image, label };
    // The labels that are there have as many classes as the new ones.
    return image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image;
  });
  const labelled = { ...project, classes, images, ...(reading ? { labelReading: reading } : {}) };
  // Who has trained knows which images were held out: they stay.
  return project.training.last ? labelled : withSplit(labelled);
}

/**
 * The project as it is now with what an import brought, which began when it was `before`: strokes and
 * checkpoints that came meanwhile stay, and so does the removal of an image.
 */
export function merged(before: Project, imported: Project, now: Project): Project {
  if (now === before) return imported;
  const of = (project: Project) => new Map(project.images.map((image) => [image.name, image]));
  const [earlier, current] = [of(before), of(now)];
  const { length } = imported.classes === before.classes ? now.classes : imported.classes;
  const images = imported.images.flatMap((image): ProjectImage[] => {
    const was = earlier.get(image.name);
    const is = current.get(image.name);
    if (was && !is) return [];
    const label = was && image.label === was.label ? is?.label : image.label;
    const role = is && is.role !== was?.role ? is.role : image.role;
    const { label: _, ...rest } = image;
    return [{ ...rest, role, ...(label ? { label: { ...label, classes: length } } : {}) }];
  });
  const changed = <Key extends keyof Project>(key: Key) =>
    imported[key] === before[key] ? now[key] : imported[key];
  return {
    ...now,
    images,
    classes: changed("classes"),
    ...(imported.labelReading ? { labelReading: imported.labelReading } : {}),
    settings: changed("settings"),
    training: changed("training"),
  };
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
