// Pairs images with their labels: files and the pages of stacks, by their names.

import type { SetFile } from "./channel-files.js";
import { foldName, NAME_RULES, type NameRule } from "./file-names.js";
import { naturalOrder } from "./pairs.js";

/** A file of a set, or one page of a stack. */
export interface PairableFile extends SetFile {
  /** Pages of the file: 1 if it is not a stack. */
  readonly pages: number;
  /** Counted from 0, if it is a page of a stack. */
  readonly page?: number | undefined;
}

/** Which image belongs to which label. */
export interface Pairing<T extends PairableFile> {
  /** Pairs by the name that both share. */
  readonly pairs: readonly { readonly name: string; readonly image: T; readonly label: T }[];
  /** Files without a partner; stacks by page. */
  readonly images: readonly T[];
  /** Labels that no image belongs to. */
  readonly labels: readonly T[];
  /** Sentences on pairs whose names differ. */
  readonly remarks: readonly string[];
}

/** Returns what a page's name has after the file's: "-07", with as many digits as the last page. */
export function pageSuffix(page: number, pages: number): string {
  return pages === 1 ? "" : `-${String(page).padStart(String(pages - 1).length, "0")}`;
}

/** Returns the pages of a file as separate files; a file with one page is returned itself. */
export function pagesOf<T extends PairableFile>(file: T): T[] {
  if (file.pages === 1 || file.page !== undefined) return [file];
  return Array.from({ length: file.pages }, (_, page) => ({ ...file, page }));
}

/** Returns the name of a file, or of a page, within its set. */
const nameOf = ({ stem, page, pages }: PairableFile) =>
  page === undefined ? stem : stem + pageSuffix(page, pages);

/**
 * Pairs images with labels of the same set, in natural order of their names: first files, then
 * pages of stacks with single files (vol-07.png and page 7 of vol.tif). Equal names come first,
 * then those that differ less strictly (`NAME_RULES`). In a set with one stack of images and one of
 * labels these belong together, whatever their names. Throws if two labels match one image, or if
 * two stacks have different numbers of pages.
 */
export function pairFiles<T extends PairableFile>(
  images: readonly T[],
  labels: readonly T[],
): Pairing<T> {
  const found: { image: T; label: T }[] = [];
  const remarks: string[] = [];
  const lonely: { images: T[]; labels: T[] } = { images: [], labels: [] };
  const labelGroups = byGroup(labels);
  for (const [group, imagesOfGroup] of byGroup(images)) {
    const labelsOfGroup = labelGroups.get(group) ?? [];
    labelGroups.delete(group);
    const files = matchNames(imagesOfGroup, labelsOfGroup, remarks);
    found.push(...files.pairs.flatMap(pagePairs));
    const images = files.images.flatMap(pagesOf);
    const labels = files.labels.flatMap(pagesOf);
    const pages = matchNames(images, labels, remarks);
    found.push(...pages.pairs);
    lonely.images.push(...pages.images);
    lonely.labels.push(...pages.labels);
  }
  for (const rest of labelGroups.values()) lonely.labels.push(...rest.flatMap(pagesOf));
  const names = sampleNames(images.flatMap(pagesOf));
  const pairs = found
    .map((pair) => ({ name: names(pair.image), ...pair }))
    .sort((a, b) => naturalOrder(a.name, b.name));
  return { pairs, ...lonely, remarks };
}

function byGroup<T extends PairableFile>(files: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const file of files) {
    const group = foldName(file.group);
    const found = groups.get(group);
    if (found) found.push(file);
    else groups.set(group, [file]);
  }
  return groups;
}

/** Pairs the pages of two files. */
function pagePairs<T extends PairableFile>(pair: { image: T; label: T }): (typeof pair)[] {
  const { image, label } = pair;
  if (image.pages !== label.pages) {
    const pages = (file: T) => `${file.path} has ${file.pages} page${file.pages === 1 ? "" : "s"}`;
    const isStore = ({ path }: T) => /\.zarr\b/i.test(path);
    const hint =
      isStore(image) !== isStore(label)
        ? "; to read both in regions: --pages regions"
        : label.pages > 1
          ? ""
          : "; if these are the channels of one image: --pages channels";
    throw new Error(`${pages(image)} but ${pages(label)}, expected the same number${hint}`);
  }
  const labelPages = pagesOf(label);
  return pagesOf(image).map((page, i) => ({ image: page, label: labelPages[i] }));
}

interface Matched<T> {
  pairs: { image: T; label: T }[];
  images: T[];
  labels: T[];
}

function matchNames<T extends PairableFile>(
  images: readonly T[],
  labels: readonly T[],
  remarks: string[],
): Matched<T> {
  const [image, label] = [images[0], labels[0]];
  if (images.length === 1 && labels.length === 1 && image.pages > 1 && label.pages > 1) {
    return { pairs: [{ image, label }], images: [], labels: [] };
  }
  const pairs: { image: T; label: T }[] = [];
  let rest = { images: [...images], labels: [...labels] };
  for (const rule of NAME_RULES) {
    if (rest.images.length === 0 || rest.labels.length === 0) break;
    const made = matchBy(rule, rest.images, rest.labels);
    pairs.push(...made);
    if (made.length > 0 && rule.remark !== undefined) remarks.push(pairRemark(made, rule.remark));
    const taken = new Set(made.flatMap((pair) => [pair.image, pair.label]));
    rest = {
      images: rest.images.filter((one) => !taken.has(one)),
      labels: rest.labels.filter((one) => !taken.has(one)),
    };
  }
  return { pairs, ...rest };
}

function pairRemark<T extends PairableFile>(
  pairs: readonly { image: T; label: T }[],
  how: string,
): string {
  const [{ image, label }] = pairs;
  const others = pairs.length === 1 ? "" : `, and ${pairs.length - 1} more such pairs`;
  return `Paired ${how}: ${image.path} with ${label.path}${others}.`;
}

function matchBy<T extends PairableFile>(
  rule: NameRule,
  images: readonly T[],
  labels: readonly T[],
): { image: T; label: T }[] {
  const suffix = ({ page, pages }: T) => (page === undefined ? "" : pageSuffix(page, pages));
  const imagesOf = new Map<string, T[]>();
  const labelsOf = new Map<string, T[]>();
  for (const image of images) add(imagesOf, rule.image(image.stem) + suffix(image), image);
  for (const label of labels) add(labelsOf, rule.label(label.stem) + suffix(label), label);
  const pairs: { image: T; label: T }[] = [];
  for (const [key, ours] of imagesOf) {
    const theirs = labelsOf.get(key);
    if (!theirs) continue;
    if (ours.length === 1 && theirs.length === 1) {
      pairs.push({ image: ours[0], label: theirs[0] });
    } else if (rule.strict) throw new Error(ambiguity(ours, theirs));
  }
  return pairs;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function ambiguity(images: readonly PairableFile[], labels: readonly PairableFile[]): string {
  const isTwoImages = images.length > 1;
  const [many, one] = isTwoImages ? [images, labels] : [labels, images];
  const paths = many.map(({ path }) => path);
  const shown = `${paths.slice(0, 2).join(" and ")}${paths.length > 2 ? " and others" : ""}`;
  return (
    `${shown} both fit ${one[0].path}, expected one ${isTwoImages ? "image" : "label"} of its ` +
    "name: rename one, or take it out of the folder"
  );
}

/** Returns the name of a sample if there are several sets: a-0 for a/images/0.png. */
export function nameInSet(group: string, name: string): string {
  return group === "" ? name : `${group.replaceAll("/", "-")}-${name}`;
}

/**
 * Returns names for the samples: that of the image's file, preceded by its set if there are several
 * (a-0 for a/images/0.png), and followed by a number if a file system would treat two names as
 * equal.
 */
function sampleNames<T extends PairableFile>(images: readonly T[]): (image: T) => string {
  const groups = new Set(images.map(({ group }) => foldName(group)));
  const taken = new Set<string>();
  const names = new Map<string, string>();
  const key = ({ path, page }: T) => `${path}/${page ?? ""}`;
  const sorted = [...images].sort((a, b) => naturalOrder(key(a), key(b)));
  for (const image of sorted) {
    const plain = groups.size > 1 ? nameInSet(image.group, nameOf(image)) : nameOf(image);
    let name = plain;
    for (let copy = 2; taken.has(foldName(name)); copy++) name = `${plain}-${copy}`;
    taken.add(foldName(name));
    names.set(key(image), name);
  }
  return (image) => names.get(key(image)) ?? nameOf(image);
}
