// What dropped files are: by their names and folders, and where these say nothing, by how they begin.

import { imageFormat } from "../../../src/formats/index.js";
import { type PlacedFile, type SetFile, sortPaths, stemOf } from "../../../src/index.js";

/** A file with its path as it was dropped. */
export interface NamedFile {
  readonly path: string;
  readonly file: Blob;
}

/** An image or label file with its stem and the set of files that it belongs to. */
export interface SortedFile extends NamedFile, SetFile {}

export interface SortedFiles {
  readonly images: readonly SortedFile[];
  readonly labels: readonly SortedFile[];
  readonly checkpoints: readonly NamedFile[];
  /** classes.json: what the labels' values or colours mean. */
  readonly classLists: readonly NamedFile[];
  /** Files of no kind that is known here, with the reason as the end of a sentence. */
  readonly others: readonly { readonly path: string; readonly reason: string }[];
}

/** Formats that browsers read and the command line does not. */
const BROWSERS_OWN = /\.(webp|bmp|gif|avif)$/i;

export const isProjectFile = ({ path }: NamedFile) => /\.zip$/i.test(path);

/** Sorts all but the files of whole projects. */
export async function sortFiles(files: readonly NamedFile[]): Promise<SortedFiles> {
  const checkpoints: NamedFile[] = [];
  const classLists: NamedFile[] = [];
  /** By the path that says what they are: several where folders of one name were dropped together. */
  const pictures = new Map<string, NamedFile[]>();
  for (const file of files) {
    const { path } = file;
    if (isProjectFile(file)) continue;
    if (/\.safetensors$/i.test(path)) checkpoints.push(file);
    else if (/(^|\/)classes\.json$/i.test(path)) classLists.push(file);
    else {
      const spoken = await spokenPath(file);
      pictures.set(spoken, [...(pictures.get(spoken) ?? []), file]);
    }
  }
  const { images, labels, passedOver } = sortPaths([...pictures.keys()]);
  const placed = ({ path, group }: PlacedFile): SortedFile[] =>
    filesAt(path).map((file) => ({ ...file, group, stem: stemOf(path) }));
  const filesAt = (path: string) => pictures.get(path) as NamedFile[];
  return {
    images: images.flatMap(placed),
    labels: labels.flatMap(placed),
    checkpoints,
    classLists,
    others: passedOver.flatMap(({ path, reason }) =>
      filesAt(path).map(({ path }) => ({ path, reason })),
    ),
  };
}

const IMAGE = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif)$/i;

/** The path, with an image's ending where only the content says that the file is one. */
async function spokenPath({ path, file }: NamedFile): Promise<string> {
  if (IMAGE.test(path)) return path;
  const isOwn = BROWSERS_OWN.test(path);
  const begin = isOwn ? undefined : new Uint8Array(await file.slice(0, 16).arrayBuffer());
  if (begin && imageFormat(begin) === undefined) return path;
  return `${path.replace(/\.[^./]*$/, "")}.png`;
}
