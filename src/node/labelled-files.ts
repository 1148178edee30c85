// Label files to measure, and the images that belong to them.

import { stat } from "node:fs/promises";
import { basename, normalize } from "node:path";
import { folderRole, isOutlineName, labelStemOf } from "../data/file-names.js";
import type { PixelSize, RawImage } from "../data/image-types.js";
import { MOST_PIXELS } from "../formats/most-pixels.js";
import { type NumberedObjects, numberedObjects } from "../objects/numbered-objects.js";
import { listFolder } from "./data-folder.js";
import { findPairs } from "./find-pairs.js";
import { createReader, findLabels, type ImageFile, type ReadOptions } from "./image-files.js";
import { labelName } from "./label-files.js";
import { objectsIn } from "./predicted-stores.js";

/** A label file, or a page of one, and its image if there is one. */
export interface Labelled {
  /** The name of files that are written for it. */
  readonly name: string;
  /** The name in tables. */
  readonly shown: string;
  readonly label: Omit<ImageFile, "name">;
  readonly image?: Omit<ImageFile, "name"> | undefined;
}

/** The objects of a label file, and the image that is measured. */
export interface LoadedLabels extends NumberedObjects {
  readonly image?: RawImage | undefined;
  /** That of the label file, else that of the image. */
  readonly pixelSize?: PixelSize | undefined;
}

/**
 * The label files of a list of files and folders, or of one folder with subfolders for images and labels.
 * With `images` they are paired by name; labels without an image are left out, and a remark names them.
 * Throws if there is no such file, no label or no pair, or if `images` is given with several paths.
 */
export async function findLabelled(
  labels: readonly string[],
  images: string | undefined,
  options: ReadOptions,
): Promise<{ files: Labelled[]; remarks: readonly string[] }> {
  const [first, ...others] = labels;
  const isSet = images === undefined && others.length === 0 && (await holdsPairs(first));
  if (images === undefined && !isSet)
    return { files: await labelsOnly(labels, options), remarks: [] };
  if (others.length > 0) {
    throw new Error(
      `--images ${images}: got ${labels.length} paths of labels, expected one folder`,
    );
  }
  if (images !== undefined && (await isFile(images)) && (await isFile(first))) {
    const name = labelStemOf(basename(first));
    const one = { name, label: { image: first }, image: { image: images } };
    return { files: withShown([one]), remarks: [] };
  }
  const where = isSet ? { folder: first } : { images, labels: first };
  const { pairs, warnings } = await findPairs(where, options);
  const files = pairs.map(
    (pair): Omit<Labelled, "shown"> => ({
      name: pair.name,
      label: { image: pair.label, page: pair.labelPage },
      image: { image: pair.image, page: pair.imagePage, channelFiles: pair.channelFiles },
    }),
  );
  return { files: withShown(files), remarks: warnings };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** Whether a folder holds folders of images and of labels. */
async function holdsPairs(path: string): Promise<boolean> {
  const what = await stat(path).catch(() => undefined);
  if (!what?.isDirectory()) return false;
  const roles = (await listFolder(path)).folders.map((name) => folderRole(name)?.role);
  return roles.includes("image") && roles.includes("label");
}

async function labelsOnly(paths: readonly string[], options: ReadOptions): Promise<Labelled[]> {
  const found: ImageFile[] = [];
  for (const path of paths) {
    const labels = await objectsIn(path);
    found.push(...(await findLabels(labels, { ...options, unreadable: "keep" })));
  }
  return withShown(found.map(({ name, ...label }) => ({ name, label })));
}

/** Shows the name of the file, or its path if two have the same name. */
function withShown(files: readonly Omit<Labelled, "shown">[]): Labelled[] {
  const named = files.map(({ label }) => labelName({ ...label, image: basename(label.image) }));
  const isUnique = new Set(named).size === named.length;
  return files.map((file, i) => ({ ...file, shown: isUnique ? named[i] : labelName(file.label) }));
}

/** Stores are measured as a whole. */
export const MEASURED = { stores: MOST_PIXELS } as const;

/** Reads label files and their images. Errors name the file. */
export function loadLabelled(options: ReadOptions): (file: Labelled) => Promise<LoadedLabels> {
  const remarks: string[] = [];
  const readers = {
    image: createReader(options),
    label: createReader(options, (remark) => remarks.push(remark)),
  };
  return async ({ label, image: file }) => {
    remarks.length = 0;
    const image = file && (await readers.image(file));
    const raw = await readers.label(label, image);
    if (raw.core) {
      throw new Error(
        `${label.image}: it has more than ${MOST_PIXELS} pixels, which are measured at once; predict --objects and merge ` +
          "measure larger slides",
      );
    }
    if (image && (image.width !== raw.width || image.height !== raw.height)) {
      throw new Error(
        `${normalize(file.image)} is ${image.width}x${image.height} but ${label.image} is ` +
          `${raw.width}x${raw.height}, expected equal sizes`,
      );
    }
    const found = isOutlineName(label.image)
      ? numberedObjects(raw, labelName(label), { mask: false })
      : numberedObjects(raw, labelName(label));
    const pixelSize = raw.pixelSize ?? image?.pixelSize;
    return { ...found, remarks: [...remarks, ...found.remarks], image, pixelSize };
  };
}
