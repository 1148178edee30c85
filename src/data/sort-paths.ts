// Decides which files of a data set are images, which are labels, and which neither.

import {
  type FileRole,
  foldersOf,
  foldName,
  hasLabelWord,
  isHiddenName,
  isImageName,
  NAME_RULES,
  placeOf,
  stemOf,
} from "./file-names.js";

/** A file with the set that it belongs to: images and labels are only paired within a set. */
export interface PlacedFile {
  /** With "/" between its parts. */
  readonly path: string;
  /**
   * Its folders without those that only say that they contain images or labels: "a" for a/images.
   */
  readonly group: string;
}

/** A file that is neither image nor label. */
export interface PassedOver {
  /** Path of the file, from the folder that was searched. */
  readonly path: string;
  /** The reason as the end of a sentence: "it is not an image". */
  readonly reason: string;
}

/** The files of a folder, by what they are. */
export interface SortedPaths {
  /** Files that are images. */
  readonly images: readonly PlacedFile[];
  /** Files that are labels. */
  readonly labels: readonly PlacedFile[];
  /** Does not include hidden files and those that systems leave in folders. */
  readonly passedOver: readonly PassedOver[];
}

/** The files that `predict` writes next to a mask. */
const RESULT = /-(probability(-\d+)?|components|outlines|overlay|colours)\.png$/i;
/** The files that Cellpose writes next to its masks. */
const CELLPOSE = /(_cp_output|_outlines(_cp_masks)?|_flows(_cp_masks)?|_dP(_cp_masks)?)\.\w+$/i;

/** Returns paths without their extensions, to look up files next to each other. */
export function stemPaths(paths: readonly string[]): Set<string> {
  return new Set(paths.map(withoutExtension));
}

const withoutExtension = (path: string) => path.replace(/\.[^./\\]+$/, "");

/**
 * Returns why a file is neither image nor label, whatever its folder; undefined if it may be
 * either. `near`: the `stemPaths` of all files. `isImage`: which names are images, by default those
 * that Node reads.
 */
export function whyNoImage(
  path: string,
  near: ReadonlySet<string>,
  isImage: (path: string) => boolean = isImageName,
): string | undefined {
  if (/_seg\.npy$/i.test(path)) {
    return "it is a NumPy file of Cellpose: save its masks as PNG or TIFF";
  }
  if (!isImage(path)) return "it is not an image";
  const result = RESULT.exec(path);
  // Only next to the mask or the image, since other files may have such names too.
  if (result && near.has(path.slice(0, result.index))) {
    return "it is a result of predict, not its mask";
  }
  const other = CELLPOSE.exec(path);
  if (!other) return undefined;
  const stem = path.slice(0, other.index);
  const isNextTo = ["", "_cp_masks", "_masks"].some((end) => near.has(stem + end));
  return isNextTo ? "it is a picture of Cellpose, not its masks" : undefined;
}

/**
 * Sorts the files below a folder, or dropped on a page: by the names of their folders (images,
 * labelsTr, train_masks ...), and otherwise by the words in their own names (cell1_masks).
 */
export function sortPaths(
  paths: readonly string[],
  isImage: (path: string) => boolean = isImageName,
): SortedPaths {
  const shown = paths.filter((path) => !path.split("/").some(isHiddenName));
  const near = stemPaths(shown);
  const images: PlacedFile[] = [];
  const labels: PlacedFile[] = [];
  const passedOver: PassedOver[] = [];
  const mixed = new Map<string, string[]>();
  for (const path of shown) {
    const reason = whyNoImage(path, near, isImage);
    if (reason !== undefined) {
      passedOver.push({ path, reason });
      continue;
    }
    const { role, group } = placeOf(path);
    if (role === "image") images.push({ path, group });
    else if (role === "label") labels.push({ path, group });
    else mixed.set(group, [...(mixed.get(group) ?? []), path]);
  }
  for (const [group, files] of mixed) {
    const roles = rolesByName(files.map(stemOf));
    for (const [i, path] of files.entries()) {
      (roles[i] === "label" ? labels : images).push({ path, group });
    }
  }
  return { images, labels, passedOver };
}

/**
 * Returns the roles of files in one folder, by their stems: a label has a word for it. An image may
 * have one too ("seg_7", "seg_7_mask"): it is an image if it has a label and is not the label of
 * another.
 */
function rolesByName(stems: readonly string[]): FileRole[] {
  const imageKeys = NAME_RULES.map((rule) => countKeys(stems.map(rule.image)));
  const labelled = stems.map(hasLabelWord);
  const partnersOf = (stem: string) =>
    NAME_RULES.some((rule, i) => {
      const key = rule.label(stem);
      // Do not count the file itself.
      return (imageKeys[i].get(key) ?? 0) > Number(rule.image(stem) === key);
    });
  const owners = new Set<string>();
  for (const [i, stem] of stems.entries()) {
    if (!labelled[i]) continue;
    for (const key of NAME_RULES.map((rule) => rule.label(stem))) {
      // Its own name does not belong to another.
      if (key !== stem && key !== foldName(stem)) owners.add(key);
    }
  }
  return stems.map((stem, i) => {
    if (!labelled[i]) return "image";
    const isOwner = owners.has(foldName(stem));
    return isOwner && !partnersOf(stem) ? "image" : "label";
  });
}

/** Returns the files of a folder that are labels of others in it, by the words in their names. */
export function labelsAmong(paths: readonly string[]): Set<string> {
  const stems = paths.map((path) => stemOf(path.replaceAll("\\", "/")));
  const roles = rolesByName(stems);
  const keys = NAME_RULES.map((rule) => countKeys(stems.map(rule.image)));
  const isPartner = (stem: string) =>
    NAME_RULES.slice(3).some((rule, i) => keys[i + 3].has(rule.label(stem)));
  return new Set(paths.filter((_, i) => roles[i] === "label" && isPartner(stems[i])));
}

function countKeys(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Sets that are held back for evaluation: test/, imagesTs, val/ ... */
const HELD_BACK = /^(ts|test(ing|s)?|val(id(ation)?)?|holdout|evaluation)$/i;
const TRAINING = /^(tr|train(ing)?)$/i;

/** Whether a set is for testing or validation by its name; undefined if the name does not say. */
export function purposeOf(group: string): "training" | "test" | undefined {
  const parts = group.split(/[/-]/);
  if (parts.some((part) => HELD_BACK.test(part))) return "test";
  return parts.some((part) => TRAINING.test(part)) ? "training" : undefined;
}

/** Returns the folder of a file: "images", "a/images"; "" at the top. */
export function folderOf(path: string): string {
  return foldersOf(path).join("/");
}
