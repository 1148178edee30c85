// Finds the image and label files of a data set, and pairs them.

import { stat } from "node:fs/promises";
import { join, normalize, resolve } from "node:path";
import { checkKeys } from "../arguments/keys.js";
import { joinChannelFiles, type SetFile } from "../data/channel-files.js";
import {
  baseName,
  type FileRole,
  folderRole,
  isOutlineName,
  labelStemOf,
  placeOf,
  stemOf,
} from "../data/file-names.js";
import { outlineLabels } from "../data/label-outlines.js";
import { type PairableFile, pairFiles } from "../data/match-names.js";
import { type FileRemark, gatheredRemarks, type Pair, someNames } from "../data/pairs.js";
import {
  type PassedOver,
  type PlacedFile,
  purposeOf,
  sortPaths,
  stemPaths,
  whyNoImage,
} from "../data/sort-paths.js";
import { tellUnpaired } from "../data/unpaired.js";
import { isUrl } from "../formats/slide/url-source.js";
import { filesBelow, listFolder } from "./data-folder.js";
import { type ImageFile, inspectFile, type ReadOptions } from "./image-files.js";
import { isStore } from "./slide-file.js";

/**
 * Either both, or one folder that contains them in folders with usual names, or next to each other.
 */
export interface PairFolders {
  /** A folder with images and labels, in folders of their own or by name. */
  readonly folder?: string | undefined;
  /** A folder, or a file: a TIFF stack, a store of OME-Zarr; outlines (.zip, .roi, .geojson) are labels too. */
  readonly images?: string | undefined;
  /** A folder, or a TIFF stack or a store of OME-Zarr, of labels. */
  readonly labels?: string | undefined;
}

/** An image with its label, and their pages if the files are stacks. */
export interface PairedFiles extends Pair {
  /** Page of a TIFF stack, from 0 on. */
  readonly imagePage?: number | undefined;
  /** Page of a TIFF stack, from 0 on. */
  readonly labelPage?: number | undefined;
  /** The files of the image's channels after those of `image`, in order. */
  readonly channelFiles?: readonly string[] | undefined;
}

/** The two folders or files; the same folder twice if it contains both. */
export interface PairSource {
  /** Folder or file of the images. */
  readonly images: string;
  /** Folder or file of the labels. */
  readonly labels: string;
}

interface Candidates {
  readonly images: readonly PlacedFile[];
  readonly labels: readonly PlacedFile[];
  readonly warnings: readonly string[];
  readonly source: PairSource;
}

/**
 * Returns the image and label files of a data set, paired by name (`pairFiles`), in natural order;
 * the pages of one stack of images and one of labels are paired by position. A folder without
 * `images` and `labels` may contain both in sub-folders (images and labels, imagesTr and labelsTr,
 * train/image and train/label ...), or next to each other (cell1.tif, cell1_masks.tif). Outlines of
 * an image's name (cell1.zip, cell1.geojson) are its label if no image is. Sets called
 * test or validation are left out if there are others, with a remark. Throws if something is
 * missing or contains no image, if there is no pair, and if several labels match an image equally
 * well.
 */
export async function findPairs(
  where: PairFolders,
  options: ReadOptions = {},
): Promise<{ pairs: PairedFiles[]; warnings: string[]; source: PairSource }> {
  checkKeys("findPairs", where, { folder: 1, images: 1, labels: 1 });
  const found = await findCandidates(where);
  const withStem = (file: PlacedFile) => ({ ...file, stem: stemOf(file.path) });
  const labelFiles = found.labels.map((file) => ({ ...file, stem: labelStemOf(file.path) }));
  const joined = joinChannelFiles(found.images.map(withStem), labelFiles);
  const remarks: FileRemark[] = [];
  const images = await withPages(joined.images, options, remarks);
  const labels = await withPages(labelFiles, options, remarks);
  const pairing = pairFiles(images, labels);
  const unpaired = tellUnpaired(pairing, images, labels);
  const pairs = pairing.pairs.map(({ name, image, label }) => ({
    name,
    image: normalize(image.path),
    label: normalize(label.path),
    imagePage: image.page,
    labelPage: label.page,
    ...(image.channelFiles ? { channelFiles: image.channelFiles.map(normalize) } : {}),
  }));
  const made = [...joined.remarks, ...pairing.remarks];
  const warnings = [...found.warnings, ...gatheredRemarks(remarks), ...made, ...unpaired];
  return { pairs, warnings, source: found.source };
}

async function withPages(
  files: readonly SetFile[],
  options: ReadOptions,
  remarks: FileRemark[],
): Promise<PairableFile[]> {
  const result: PairableFile[] = [];
  for (const file of files) {
    const found = await inspectFile(file.path, options);
    result.push({ ...file, pages: found.pageCount });
    remarks.push(...found.remarks.map((remark) => ({ file: file.path, remark })));
  }
  return result;
}

async function findCandidates(where: PairFolders): Promise<Candidates> {
  const { folder } = where;
  const images = where.images ?? (where.labels && (await subfolder(folder, "image", "--images")));
  const labels = where.labels ?? (where.images && (await subfolder(folder, "label", "--labels")));
  if (images === undefined || labels === undefined) {
    if (folder === undefined) throw new Error("no folder given for --images and --labels");
    return inOneFolder(folder);
  }
  if (resolve(images) === resolve(labels)) return inOneFolder(images);
  const [ours, theirs] = [await onOneSide(images, "image"), await onOneSide(labels, "label")];
  const outlines = outlineLabels(ours.files, theirs.files, theirs.outlines);
  // Without any label the error says what there is instead.
  const more = theirs.files.length + outlines.length > 0 ? outlines : theirs.outlines;
  return {
    images: ours.files,
    labels: [...theirs.files, ...more],
    warnings: [...ours.warnings, ...theirs.warnings],
    source: { images, labels },
  };
}

/** Images and labels below one folder. */
async function inOneFolder(folder: string): Promise<Candidates> {
  const paths = await filesBelow(folder);
  const sorted = sortPaths(paths);
  const outlines = outlineLabels(sorted.images, sorted.labels, placedOutlines(paths));
  const allLabels = [...sorted.labels, ...outlines];
  const missing = sorted.images.length === 0 ? "images" : allLabels.length === 0 ? "labels" : "";
  if (missing !== "") {
    const { files, folders } = await listFolder(folder);
    const content = [...folders.map((name) => `${name}/`), ...files];
    const holds = content.length === 0 ? "it is empty" : `it holds ${someNames(content)}`;
    throw new Error(
      `${folder}: no ${missing} found in it (${holds}), expected folders images and labels, or labels ` +
        `next to their images, such as cell1_mask.png; or give a folder with --${missing}`,
    );
  }
  const { images, labels, warnings } = withoutTestSets(sorted.images, allLabels, folder);
  const inFolder = (file: PlacedFile) => ({ ...file, path: under(folder, file.path) });
  return {
    images: images.map(inFolder),
    labels: labels.map(inFolder),
    warnings: [...warnings, ...tellPassedOver(folder, without(sorted.passedOver, outlines))],
    source: sourceOf(folder, images, labels),
  };
}

/** Returns the files of outlines with the sets that they belong to. */
function placedOutlines(paths: readonly string[]): PlacedFile[] {
  return paths.filter(isOutlineName).map((path) => ({ path, group: placeOf(path).group }));
}

function without(passedOver: readonly PassedOver[], taken: readonly PlacedFile[]): PassedOver[] {
  return passedOver.filter(({ path }) => !taken.some((file) => file.path === path));
}

/** Returns a path below a folder, with "/" on every system; `normalize` gives the system's own. */
function under(folder: string, path: string): string {
  return folder === "/" ? `/${path}` : `${folder.replace(/(?<=[^\\/:])[\\/]+$/, "")}/${path}`;
}

/** Returns the two folders if there is one each, else the folder that contains them. */
function sourceOf(
  folder: string,
  images: readonly PlacedFile[],
  labels: readonly PlacedFile[],
): PairSource {
  const top = (files: readonly PlacedFile[]) => {
    const folders = new Set(files.map(({ path }) => path.split("/").slice(0, -1).join("/")));
    return folders.size === 1 ? [...folders][0] : undefined;
  };
  const [ours, theirs] = [top(images), top(labels)];
  if (ours === undefined || theirs === undefined) return { images: folder, labels: folder };
  // If a folder contains labels below its images, the images folder is not enough to find them.
  if (ours === "" || theirs === "") return { images: folder, labels: folder };
  return { images: join(folder, ours), labels: join(folder, theirs) };
}

function withoutTestSets(
  images: readonly PlacedFile[],
  labels: readonly PlacedFile[],
  folder: string,
): { images: readonly PlacedFile[]; labels: readonly PlacedFile[]; warnings: string[] } {
  const isTest = ({ group }: PlacedFile) => purposeOf(group) === "test";
  const left = images.filter(isTest);
  const hasOthers = labels.some((label) => !isTest(label));
  if (left.length === 0 || left.length === images.length || !hasOthers) {
    return { images, labels, warnings: [] };
  }
  const sets = [...new Set(left.map(({ path }) => path.split("/").slice(0, -1).join("/")))];
  const count = left.length === 1 ? "1 image" : `${left.length} images`;
  return {
    images: images.filter((image) => !isTest(image)),
    labels: labels.filter((label) => !isTest(label)),
    warnings: [
      `${folder}: ${count} in ${someNames(sets)} left out, which by their names are for evaluation.`,
    ],
  };
}

/** Returns the images or the labels, if a separate folder was given for them. */
async function onOneSide(
  input: string,
  role: FileRole,
): Promise<{ files: PlacedFile[]; outlines: PlacedFile[]; warnings: string[] }> {
  if (isUrl(input)) {
    throw new Error(`${input}: training reads files and stores of this machine: download it first`);
  }
  const what = await stat(input).catch(() => undefined);
  if (what && (!what.isDirectory() || isStore(input))) {
    if (role === "image" && isOutlineName(input)) {
      throw new Error(
        `${input}: it is no image, expected a PNG, TIFF or JPEG file, a folder of them, or a store of OME-Zarr, which must not ` +
          "be zipped: unzip it first",
      );
    }
    return { files: [{ path: input, group: "" }], outlines: [], warnings: [] };
  }
  const paths = await filesBelow(input);
  const near = stemPaths(paths);
  const passedOver: PassedOver[] = [];
  const files: PlacedFile[] = [];
  const outlines: PlacedFile[] = [];
  for (const path of paths) {
    const place = placeOf(path);
    if (place.role !== undefined && place.role !== role) continue;
    if (role === "label" && isOutlineName(path)) {
      outlines.push({ path: under(input, path), group: place.group });
      continue;
    }
    const reason = whyNoImage(path, near);
    if (reason !== undefined) passedOver.push({ path, reason });
    else files.push({ path: under(input, path), group: place.group });
  }
  if (files.length + outlines.length > 0) {
    return { files, outlines, warnings: tellPassedOver(input, passedOver) };
  }
  const { files: others, folders } = await listFolder(input);
  const content = [...folders.map((name) => `${name}/`), ...others];
  const holds = content.length === 0 ? "it is empty" : `it holds ${someNames(content)}`;
  throw new Error(`${input}: no PNG, TIFF or JPEG file in it (${holds})`);
}

/**
 * Files that belong in a data set without being images: lists of classes, projects of the app,
 * notes.
 */
const EXPECTED =
  /(^|\/)(classes\.json|project\.json|dataset\.json|readme(\.\w+)?|licen[cs]e(\.\w+)?)$/i;

function tellPassedOver(folder: string, files: readonly PassedOver[]): string[] {
  const told = files.filter(({ path }) => !EXPECTED.test(path));
  const reasons = new Map<string, string[]>();
  for (const { path, reason } of told) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), baseName(path)]);
  }
  return [...reasons].map(([reason, names]) => {
    const count = names.length === 1 ? "1 file is" : `${names.length} files are`;
    return `${folder}: ${count} passed over (${someNames(names)}): ${reason}.`;
  });
}

/** Whether the images are the pages of one file. */
export function isOneStack(files: readonly ImageFile[]): boolean {
  return files.every(({ image, page }) => page !== undefined && image === files[0].image);
}

async function subfolder(
  folder: string | undefined,
  role: FileRole,
  option: string,
): Promise<string> {
  if (folder === undefined) throw new Error(`no folder given for ${option}`);
  const { folders } = await listFolder(folder);
  const found = folders.filter((name) => folderRole(name)?.role === role);
  if (found.length === 1) return join(folder, found[0]);
  const usual = role === "image" ? "images" : "labels";
  const why =
    found.length === 0 ? `no folder called ${usual} in it` : `${someNames(found)} all fit`;
  throw new Error(`${folder}: ${why}; give one with ${option}`);
}
