// Messages about images and labels without a partner.

import { baseName, foldName, NAME_RULES } from "./file-names.js";
import type { PairableFile, Pairing } from "./match-names.js";
import { naturalOrder, someNames } from "./pairs.js";
import { folderOf } from "./sort-paths.js";

const names = (files: readonly PairableFile[]) =>
  someNames([...new Set(files.map(({ path }) => baseName(path)))].sort(naturalOrder));

const TRIED =
  "pairs have equal names, apart from capitals, endings such as _mask, _seg or _labels, and image_ " +
  "and label_ in front";

/**
 * Returns sentences on what is left out, folder by folder, with the reason. Throws if nothing could
 * be paired, and if several labels look like the cells of one image: leaving them out would train
 * on cells that are called background.
 */
export function tellUnpaired<T extends PairableFile>(
  pairing: Pairing<T>,
  images: readonly T[],
  labels: readonly T[],
): string[] {
  refuseMaskPerCell(pairing);
  if (pairing.pairs.length === 0) throw new Error(nothingPaired(images, labels));
  return [
    ...byFolder(pairing.images).map(([folder, files]) => {
      const count = files.length === 1 ? "1 image has" : `${files.length} images have`;
      return `${folder}: ${count} no label and ${isAre(files)} left out (${names(files)}): ${whyNoLabel(files[0], labels)}.`;
    }),
    ...byFolder(pairing.labels).map(([folder, files]) => {
      const count = files.length === 1 ? "1 label has" : `${files.length} labels have`;
      return `${folder}: ${count} no image and ${isAre(files)} left out (${names(files)})${elsewhere(files[0], images)}.`;
    }),
  ];
}

const isAre = (files: readonly unknown[]) => (files.length === 1 ? "is" : "are");

function byFolder<T extends PairableFile>(files: readonly T[]): [string, T[]][] {
  const folders = new Map<string, T[]>();
  for (const file of files) {
    const folder = folderOf(file.path) || ".";
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders].sort(([a], [b]) => naturalOrder(a, b));
}

const inGroup = <T extends PairableFile>(files: readonly T[], { group }: PairableFile) =>
  files.filter((file) => foldName(file.group) === foldName(group));

const folderNames = (files: readonly PairableFile[]) =>
  someNames([...new Set(files.map(({ path }) => folderOf(path) || "."))]);

function whyNoLabel(image: PairableFile, labels: readonly PairableFile[]): string {
  const near = inGroup(labels, image);
  if (near.length > 0) return `there is none with such a name in ${folderNames(near)}`;
  return `no folder of labels is next to it, and only neighbouring folders are paired`;
}

/** Finds an image with the label's name in another set. */
function elsewhere(label: PairableFile, images: readonly PairableFile[]): string {
  const other = images.find((image) =>
    NAME_RULES.some((rule) => rule.image(image.stem) === rule.label(label.stem)),
  );
  if (!other || foldName(other.group) === foldName(label.group)) return "";
  return `: ${other.path} has that name, but only neighbouring folders are paired`;
}

function nothingPaired(images: readonly PairableFile[], labels: readonly PairableFile[]): string {
  const sides = `${folderNames(images)} holds ${names(images)}; ${folderNames(labels)} holds ${names(labels)}`;
  return `no image has a label: ${sides}; ${TRIED}: rename the labels like their images`;
}

/** What follows an image's name in the name of the mask of one of its cells. */
const CELL = /^[-_. ]*(?:(?:cell|mask|label|nucleus|nuclei|object|roi|instance)s?[-_. ]*)?\d+$/i;

/** Throws if several labels look like the cells of one image. */
export function refuseMaskPerCell<T extends PairableFile>({ images, labels }: Pairing<T>): void {
  for (const image of images) {
    const near = inGroup(labels, image).filter((label) => label.page === undefined);
    const stem = foldName(image.stem);
    const masks = near.filter((label) => {
      const name = foldName(label.stem);
      return name.startsWith(stem) && CELL.test(name.slice(stem.length));
    });
    // A folder per image, with the masks of its cells next to it.
    const isOwnFolder = image.group !== "" && inGroup(images, image).length === 1;
    const own = masks.length > 0 ? masks : isOwnFolder && near.length > 1 ? near : [];
    if (own.length === 0) continue;
    throw new Error(
      `${own[0].path}: it looks like the mask of one cell of ${image.path} (${own.length} such ` +
        `file${own.length === 1 ? "" : "s"}), expected one label per image: join its masks into one file that numbers the ` +
        "cells 1, 2, 3 ... (0 is background), and train with --instances",
    );
  }
}
