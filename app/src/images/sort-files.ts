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

/** What Node reads, by the names' endings, and what browsers read besides. */
const IMAGE = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif|webp|bmp|gif|avif)$/i;

/** What microscopes write and this app does not read. */
const OF_MICROSCOPES = /\.(czi|nd2|lif|lsm|oib|oif|vsi|ims|dv|svs|ndpi|mrxs|zvi|stk)$/i;

/** What to do with a file that cannot be read here; undefined where nothing is known of its kind. */
export const adviceOn = (path: string) =>
  OF_MICROSCOPES.test(path) ? "save it as TIFF or PNG first (in Fiji: File › Save As)" : undefined;

export const isProjectFile = ({ path }: NamedFile) => /\.zip$/i.test(path);

/** Sorts all but the files of whole projects, as the command line does. */
export async function sortFiles(files: readonly NamedFile[]): Promise<SortedFiles> {
  const checkpoints: NamedFile[] = [];
  const classLists: NamedFile[] = [];
  /** By their paths: several have one where folders of the same name were dropped together. */
  const pictures = new Map<string, NamedFile[]>();
  const images = new Set<string>();
  for (const file of files) {
    const { path } = file;
    if (isProjectFile(file)) continue;
    if (/\.safetensors$/i.test(path)) checkpoints.push(file);
    else if (/(^|\/)classes\.json$/i.test(path)) classLists.push(file);
    else {
      pictures.set(path, [...(pictures.get(path) ?? []), file]);
      if (IMAGE.test(path) || (await beginsAsImage(file))) images.add(path);
    }
  }
  const filesAt = (path: string) => pictures.get(path) as NamedFile[];
  const placed = ({ path, group }: PlacedFile): SortedFile[] =>
    filesAt(path).map((file) => ({ ...file, group, stem: stemOf(path) }));
  const sorted = sortPaths([...pictures.keys()], (path) => images.has(path));
  return {
    images: sorted.images.flatMap(placed),
    labels: sorted.labels.flatMap(placed),
    checkpoints,
    classLists,
    others: sorted.passedOver.flatMap(({ path, reason }) =>
      filesAt(path).map(() => ({ path, reason })),
    ),
  };
}

/** Microscopes give their TIFF files endings of their own. */
async function beginsAsImage({ file }: NamedFile): Promise<boolean> {
  try {
    return imageFormat(new Uint8Array(await file.slice(0, 16).arrayBuffer())) !== undefined;
  } catch {
    // A folder, or a file that is gone: it is no image.
    return false;
  }
}
