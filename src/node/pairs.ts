// The image and label files of a data set, paired.

import { basename, join } from "node:path";
import { type Pair, pairByStem } from "../data/pairs.js";
import { findImages, type ImageFile, list } from "./image-files.js";

/** Either both, or one folder that holds them under a usual name. */
export interface PairFolders {
  readonly folder?: string;
  /** A folder, or a file: a TIFF stack. */
  readonly images?: string;
  readonly labels?: string;
}

/** An image with its label, and the pages where the files are stacks. */
export interface PairedFiles extends Pair {
  readonly imagePage?: number;
  readonly labelPage?: number;
}

const IMAGE_FOLDERS = ["images", "image", "imgs"];
const LABEL_FOLDERS = ["labels", "label", "masks", "mask"];

/**
 * The image and label files of a data set, PNG or TIFF, paired by stem, in natural order; the pages
 * of one stack of images and of one of labels are paired by their place. `source` are the two
 * folders or files. Errors: what is missing or holds no image, an image without a label.
 */
export async function findPairs(where: PairFolders): Promise<{
  pairs: PairedFiles[];
  warnings: string[];
  source: { readonly images: string; readonly labels: string };
}> {
  const images = where.images ?? (await subfolder(where.folder, IMAGE_FOLDERS, "--images"));
  const labels = where.labels ?? (await subfolder(where.folder, LABEL_FOLDERS, "--labels"));
  const source = { images, labels };
  const imageFiles = byFileName(await findImages(images));
  const labelFiles = byFileName(renamed(await findImages(labels), [...imageFiles.values()]));
  const found = pairByStem([...imageFiles.keys()], [...labelFiles.keys()], source);
  const pairs = found.pairs.map(({ name, image, label }) => {
    const imageFile = imageFiles.get(image) as ImageFile;
    const labelFile = labelFiles.get(label) as ImageFile;
    return {
      name,
      image: imageFile.image,
      label: labelFile.image,
      imagePage: imageFile.page,
      labelPage: labelFile.page,
    };
  });
  return { pairs, warnings: found.warnings, source };
}

/** By the file's name; a page under a name of its own. */
function byFileName(files: readonly ImageFile[]): Map<string, ImageFile> {
  const name = ({ name, image, page }: ImageFile) =>
    page === undefined ? basename(image) : `${name}.page`;
  return new Map(files.map((file) => [name(file), file]));
}

/**
 * The labels under the names of the images where both are the pages of one stack, however the two
 * files are called (train-volume.tif, train-labels.tif). Throws where they are not as many.
 */
function renamed(labels: readonly ImageFile[], images: readonly ImageFile[]): readonly ImageFile[] {
  if (!isOneStack(labels) || !isOneStack(images)) return labels;
  if (labels.length !== images.length) {
    throw new Error(
      `${images[0].image} has ${images.length} pages but ${labels[0].image} has ` +
        `${labels.length}, expected as many`,
    );
  }
  return labels.map((label, i) => ({ ...label, name: images[i].name }));
}

/** Whether the images are the pages of one file. */
export function isOneStack(files: readonly ImageFile[]): boolean {
  return files.every(({ image, page }) => page !== undefined && image === files[0].image);
}

async function subfolder(
  folder: string | undefined,
  names: readonly string[],
  option: string,
): Promise<string> {
  if (folder === undefined) throw new Error(`no folder given for ${option}`);
  const entries = await list(folder);
  const found = names.find((name) => entries.includes(name));
  if (found !== undefined) return join(folder, found);
  throw new Error(
    `${folder}: none of the folders ${names.join(", ")} in it; name one by ${option}`,
  );
}
