// Adds dropped files to a project. A file that does not fit is skipped and reported by name.

import { RUN_DEFAULTS } from "../../../src/index.js";
import type { FileWork } from "../files/work.js";
import { hasNetwork, isLabelled, withSplitKept } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import { DATA_SETTINGS } from "../state/settings.js";
import { countText } from "../state/words.js";
import { type AskReplace, addCheckpoint } from "./checkpoint-import.js";
import { type ImportParts, withImages } from "./image-import.js";
import type { LabelOptions, ReadLabels } from "./label-files.js";
import { pairLabels } from "./pairing.js";
import { collectProblems, plainRemarks, skipped } from "./problems.js";
import { adviceOn, type NamedFile, type SortedFile, sortFiles } from "./sort-files.js";

export interface Imported {
  readonly project: Project;
  /** A sentence for each file that was skipped. */
  readonly problems: readonly string[];
  /** Sentences on how the other files were read. */
  readonly remarks: readonly string[];
}

export interface ImportOptions {
  /** Called before the file called `name` is read, with the number of files already read. */
  onFile?(done: number, files: number, name: string): void;
  /** Asks the user what labels mean; without it, ambiguous labels are skipped. */
  readonly ask?: LabelOptions["ask"];
  /** Asks whether a network replaces that of the project; without it, it does. */
  readonly askReplace?: AskReplace;
  /** Cancels the import: files already read are kept. */
  readonly signal?: AbortSignal | undefined;
}

/** The part of the work that the Worker for files does. */
export type ImportWork = Pick<
  FileWork,
  "readImages" | "recoloured" | "countPages" | "readLabels" | "readNetwork"
>;

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
  const remarks: string[] = [];
  const count = images.length + checkpoints.length + labels.length;
  let done = 0;
  const begin = (path: string) => onFile?.(Math.min(done++, count - 1), count, path);
  const parts: Parts = { work, problems, remarks, begin, signal };
  let next = await withImages(project, images, labels, parts);
  // Before the labels: a network determines the number of classes.
  const isModel = ({ path }: NamedFile) => /\.onnx$/i.test(path);
  const weights = new Set<string>();
  // First those that may read their weights from the others.
  for (const file of [...checkpoints].sort((a, b) => Number(isModel(b)) - Number(isModel(a)))) {
    await problems.attempt(async () => {
      begin(file.path);
      if (weights.has(file.path)) return;
      const given = isModel(file) ? files : [];
      const network = await work.readNetwork(file.file, file.path, given);
      for (const path of network.weightPaths) weights.add(path);
      next = await addCheckpoint(next, { path: file.path, ...network }, options.askReplace);
      remarks.push(...network.remarks.map((remark) => `${file.path}: ${remark}.`));
    });
  }
  for (const { path, reason } of others) {
    if (weights.has(path)) continue;
    problems.sentences.push(skipped(`${path}: ${adviceOn(path) ?? reason}`));
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

type Parts = ImportParts<ImportWork>;

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
  const byName = new Map(project.images.map((image) => [image.name, image]));
  const replaced = read.labels.filter(({ image }) => {
    const earlier = byName.get(image);
    return earlier && isLabelled(earlier);
  });
  if (replaced.length > 0) {
    const count = countText(replaced.length, "label");
    remarks.push(`${count} replaced by files. Undo in Label brings back what was there.`);
  }
  return withLabels(before, project, read);
}

function withLabels(
  before: Project,
  project: Project,
  { classes, labels, reading }: ReadLabels,
): Project {
  if (labels.length === 0) return project;
  const byImage = new Map(labels.map(({ image, label }) => [image, label]));
  const images = project.images.map((image) => {
    const label = byImage.get(image.name);
    if (label) return { ...image, label };
    // The existing labels have as many classes as the new ones.
    return image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image;
  });
  const read = { ...project, classes, images, ...(reading ? { labelReading: reading } : {}) };
  const labelled = reading?.decision.reading === "instances" ? withCells(read) : read;
  // After training, the held-out images must not change.
  return project.training.last ? labelled : withSplitKept(before, labelled);
}

/** Labels of one number per cell have gaps between cells that touch, which count more in training. */
function withCells(project: Project): Project {
  if (hasNetwork(project) || project.objects) return project;
  const { settings } = project;
  const w0 = settings.w0 === DATA_SETTINGS.w0 ? RUN_DEFAULTS.nuclei.training.w0 : settings.w0;
  return { ...project, objects: "gap", settings: { ...settings, w0 } };
}
