// What dropped files are, by their names and folders.

import { foldName, nameInSet, placeOf, sortPaths, stemOf } from "../../../src/index.js";

/** A file with its path as it was dropped. */
export interface NamedFile {
  readonly path: string;
  readonly file: Blob;
}

export interface SortedFiles {
  readonly images: readonly NamedFile[];
  readonly labels: readonly NamedFile[];
  readonly checkpoints: readonly NamedFile[];
  readonly projects: readonly NamedFile[];
  /** classes.json: what the labels' values or colours mean. */
  readonly classLists: readonly NamedFile[];
  /** Files of no kind that is known here. */
  readonly others: readonly NamedFile[];
}

/** What this browser decodes; the files that Node reads are among them. */
const PICTURE = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif|webp|bmp|gif|avif)$/i;

/** Sorts images from labels as the command line does: by folders, then by words in the names. */
export function sortFiles(files: readonly NamedFile[]): SortedFiles {
  const checkpoints: NamedFile[] = [];
  const projects: NamedFile[] = [];
  const classLists: NamedFile[] = [];
  const rest = new Map<string, NamedFile>();
  for (const file of files) {
    const { path } = file;
    if (path.endsWith(".safetensors")) checkpoints.push(file);
    else if (path.endsWith(".zip")) projects.push(file);
    else if (/(^|\/)classes\.json$/.test(path)) classLists.push(file);
    else rest.set(path, file);
  }
  const sorted = sortPaths([...rest.keys()], (path) => PICTURE.test(path));
  const filesOf = (paths: readonly { readonly path: string }[]) =>
    paths.map(({ path }) => rest.get(path) as NamedFile);
  return {
    images: filesOf(sorted.images),
    labels: filesOf(sorted.labels),
    checkpoints,
    projects,
    classLists,
    others: filesOf(sorted.passedOver),
  };
}

/**
 * The names of dropped images, without the numbers of pages: those of their files, with the set in
 * front where images and labels come from several (a-0 for a/images/0.png).
 */
export function imageNames({ images, labels }: SortedFiles): ReadonlyMap<NamedFile, string> {
  const groupOf = ({ path }: NamedFile) => placeOf(path).group;
  const groups = new Set([...images, ...labels].map((file) => foldName(groupOf(file))));
  const nameOf = (file: NamedFile) =>
    groups.size > 1 ? nameInSet(groupOf(file), stemOf(file.path)) : stemOf(file.path);
  return new Map(images.map((file) => [file, nameOf(file)]));
}
