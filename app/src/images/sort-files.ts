// Sorts dropped files: by their names and folders, else by their first bytes.

import { imageFormat } from "../../../src/formats/index.js";
import { type PlacedFile, type SetFile, sortPaths, stemOf } from "../../../src/index.js";
import { isNetworkName } from "../networks/network-files.js";

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
  /** Files of unknown kind, with the reason as the end of a sentence. */
  readonly others: readonly { readonly path: string; readonly reason: string }[];
}

/** File extensions that Node reads, and those that browsers read in addition. */
const IMAGE = /\.(png|tiff?|btf|tf[28]|jpe?g|jfif|webp|bmp|gif|avif)$/i;

/** Microscope formats that this app does not read. */
const OF_MICROSCOPES = /\.(czi|nd2|lif|lsm|oib|oif|vsi|ims|dv|svs|ndpi|mrxs|zvi|stk)$/i;

/** What to do with a file that cannot be read here; undefined if its kind is unknown. */
export const adviceOn = (path: string) =>
  OF_MICROSCOPES.test(path) ? "save it as TIFF or PNG first (in Fiji: File › Save As)" : undefined;

/** A project, or a package of a network. */
export const isZip = ({ path }: NamedFile) => /\.zip$/i.test(path);

/** Sorts files, of which zip files are packages of networks, as the command line does. */
export async function sortFiles(files: readonly NamedFile[]): Promise<SortedFiles> {
  const checkpoints: NamedFile[] = [];
  const classLists: NamedFile[] = [];
  /** By path: several files have the same path if folders of one name were dropped together. */
  const pictures = new Map<string, NamedFile[]>();
  const images = new Set<string>();
  for (const file of files) {
    const { path } = file;
    if (isZip(file) || isNetworkName(path)) checkpoints.push(file);
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

/** Microscopes use their own extensions for TIFF files. */
async function beginsAsImage({ file }: NamedFile): Promise<boolean> {
  try {
    return imageFormat(new Uint8Array(await file.slice(0, 16).arrayBuffer())) !== undefined;
  } catch {
    // A folder, or a deleted file: not an image.
    return false;
  }
}
