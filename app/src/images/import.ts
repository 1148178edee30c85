// Dropped files become part of a project. A file that does not fit is left out, and said by name.

import { type Checkpoint, decodeSafetensors, type RawImage } from "../../../src/index.js";
import type { FileWork } from "../files/work.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, settingsOf, withSplit } from "../state/project.js";
import type { Project, ProjectImage } from "../state/types.js";
import { countText } from "../state/words.js";
import type { ReadLabels } from "./label-files.js";
import { collectProblems } from "./problems.js";
import { type NamedFile, pageSuffix, sortFiles, stemOf } from "./sort-files.js";

/** As people count: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

export interface Imported {
  readonly project: Project;
  /** A sentence for each file that was left out. */
  readonly problems: readonly string[];
}

export interface ImportOptions {
  /** Called when so many of the files have been read, before the one called `name`. */
  onFile?(done: number, files: number, name: string): void;
  /** Ends the import early: what was read until then stays. */
  readonly signal?: AbortSignal | undefined;
}

/** Adds image, label and checkpoint files. Labels are paired with images by name. */
export async function importFiles(
  project: Project,
  files: readonly NamedFile[],
  work: Pick<FileWork, "readImages" | "readLabels">,
  { onFile, signal }: ImportOptions = {},
): Promise<Imported> {
  const { images, labels, checkpoints, classLists, others } = sortFiles(files);
  const { sentences, attempt } = collectProblems(signal);
  for (const { path } of others) {
    sentences.push(`${path}: it is no image this browser reads; left out.`);
  }
  const count = images.length + checkpoints.length + labels.length;
  let done = 0;
  const begin = (path: string) => onFile?.(done++, count, path);
  let next = project;
  for (const file of images) {
    await attempt(async () => {
      begin(file.path);
      const read = await work.readImages(file.file, file.path, { signal });
      next = withImages(next, file.path, read);
    });
  }
  // Before the labels: a network knows how many classes there are.
  for (const file of checkpoints) {
    await attempt(async () => {
      begin(file.path);
      next = await addCheckpoint(next, file);
    });
  }
  if (labels.length + classLists.length > 0) {
    await attempt(async () => {
      const request = {
        images: next.images.map(({ name, raw: { width, height } }) => ({ name, width, height })),
        classes: next.classes,
        hasNetwork: hasNetwork(next),
        hasLabels: next.images.some(isLabelled),
        labels,
        classLists,
      };
      const read = await work.readLabels(request, { onFile: begin, signal });
      sentences.push(...read.problems);
      next = withLabels(next, read);
    });
  }
  return { project: next, problems: sentences };
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
    settings: changed("settings"),
    training: changed("training"),
  };
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

/** Adds the images of a file. Throws where one does not fit, and adds none of them. */
function withImages(project: Project, path: string, pages: readonly RawImage[]): Project {
  const added = pages.map((raw, page): ProjectImage => {
    const name = stemOf(path) + pageSuffix(page, pages.length);
    if (project.images.some((image) => image.name === name)) {
      throw new Error(`${path}: an image of that name is there already`);
    }
    const { channels } = project.images[0]?.raw ?? raw;
    if (raw.channels !== channels) {
      const has = countText(raw.channels, "channel");
      throw new Error(`${path}: it has ${has}, the project's other images have ${channels}`);
    }
    return { name, raw: pixelsOf(raw), role: "training" };
  });
  const images = [...project.images, ...added].sort((a, b) => BY_NAME.compare(a.name, b.name));
  return { ...project, images };
}

/** What a network sees of an image: palette indices and alpha would take memory for nothing. */
function pixelsOf({ width, height, channels, maximum, data }: RawImage): RawImage {
  return { width, height, channels, maximum, data };
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
