// Dropped files become part of a project. A file that does not fit is left out, and said by name.

import { type Checkpoint, decodeSafetensors, pageSuffix } from "../../../src/index.js";
import type { FileWork } from "../files/work.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, settingsOf, withSplit } from "../state/project.js";
import type { Project, ProjectImage } from "../state/types.js";
import type { ReadImages, ReadLabels } from "./label-files.js";
import { collectProblems } from "./problems.js";
import { imageNames, type NamedFile, sortFiles } from "./sort-files.js";

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
  work: Pick<FileWork, "readImages" | "readLabels">,
): Promise<Imported> {
  const sorted = sortFiles(files);
  const { images, labels, checkpoints, classLists, others } = sorted;
  const names = imageNames(sorted);
  const { sentences, attempt } = collectProblems();
  for (const { path } of others) {
    sentences.push(`${path}: it is no image this browser reads; left out.`);
  }
  let next = project;
  for (const file of images) {
    await attempt(async () => {
      next = await addImage(next, file, names.get(file) as string, work.readImages);
    });
  }
  // Before the labels: a network knows how many classes there are.
  for (const file of checkpoints) {
    await attempt(async () => {
      next = await addCheckpoint(next, file);
    });
  }
  if (labels.length + classLists.length > 0) {
    const read = await work.readLabels({
      images: next.images.map(({ name, raw: { width, height } }) => ({ name, width, height })),
      classes: next.classes,
      hasNetwork: hasNetwork(next),
      hasLabels: next.images.some(isLabelled),
      labels,
      classLists,
    });
    sentences.push(...read.problems);
    next = withLabels(next, read);
  }
  return { project: next, problems: sentences };
}

function withLabels(project: Project, { classes, labels }: ReadLabels): Project {
  if (labels.length === 0) return project;
  const byImage = new Map(labels.map(({ image, label }) => [image, label]));
  const images = project.images.map((image) => {
    const label = byImage.get(image.name);
    return label ? { ...image, label } : image;
  });
  const labelled = { ...project, classes, images };
  // Who has trained knows which images were held out: they stay.
  return project.training.last ? labelled : withSplit(labelled);
}

async function addImage(
  project: Project,
  file: NamedFile,
  plainName: string,
  read: ReadImages,
): Promise<Project> {
  const { path } = file;
  const pages = await read(file.file, path);
  const added = pages.map((raw, page): ProjectImage => {
    const name = plainName + pageSuffix(page, pages.length);
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
