// Pairs labels with images of a project by the names of files and folders, with the command line's rules.

import {
  foldName,
  nameInSet,
  type PairableFile,
  pageSuffix,
  pagesOf,
  pairFiles,
  placeOf,
  refuseMaskPerCell,
  safeFileName,
  stemOf,
  tellUnpaired,
} from "../../../src/index.js";
import type { ProjectImage } from "../state/project-types.js";
import { countText } from "../state/words.js";
import type { PairedLabel } from "./label-files.js";
import { skipped } from "./problems.js";
import type { SortedFile } from "./sort-files.js";

/** A label file with its number of pages. */
export interface CountedLabel extends SortedFile {
  readonly pages: number;
}

export interface PairedLabels {
  readonly labels: readonly PairedLabel[];
  /** Why other files were skipped. */
  readonly problems: readonly string[];
  /** Sentences on pairs whose names differ. */
  readonly remarks: readonly string[];
}

/** An image of the project, or all pages of one stack, as an item to pair. */
interface ImageFile extends PairableFile {
  readonly images: readonly ProjectImage[];
}

type LabelFile = PairableFile & CountedLabel;

/**
 * Pairs labels with images: first with those of the same drop, then with those added before. Labels that were
 * dropped without a folder may belong to an image in any folder.
 */
export function pairLabels(
  labels: readonly CountedLabel[],
  added: readonly ProjectImage[],
  earlier: readonly ProjectImage[],
): PairedLabels {
  const found: PairedLabel[] = [];
  const problems: string[] = [];
  const remarks: string[] = [];
  let left: readonly LabelFile[] = labels;
  const [ours, others] = [imageFiles(added), imageFiles(earlier)];
  const isLoose = ({ path }: LabelFile) => !path.includes("/");
  const anywhere = (files: readonly ImageFile[]) => files.map((file) => ({ ...file, group: "" }));
  const rounds: [readonly ImageFile[], (label: LabelFile) => boolean][] = [
    [ours, () => true],
    [others, () => true],
    [anywhere([...ours, ...others]), isLoose],
  ];
  const paths = new Map([...added, ...earlier].map((one) => [one.name, sourceOf(one).path]));
  for (const [images, takes] of rounds) {
    const tried = left.filter(takes);
    if (tried.length === 0 || images.length === 0) continue;
    const round = pairRound(images, tried);
    found.push(...round.pairs);
    if (images !== ours) remarks.push(...nameOnlyRemark(round.pairs, paths));
    problems.push(...round.problems);
    remarks.push(...round.remarks);
    left = [...left.filter((label) => !takes(label)), ...round.left];
  }
  if (left.length > 0) problems.push(...whyUnpaired([...ours, ...others], labels, left));
  return { labels: found, problems, remarks };
}

/** A sentence on pairs from different drops, one of which is in a folder and the other is not. */
function nameOnlyRemark(
  pairs: readonly PairedLabel[],
  paths: ReadonlyMap<string, string>,
): string[] {
  const isLoose = (path = "") => !path.includes("/");
  const [first, ...others] = pairs.filter(
    ({ path, image }) => isLoose(path) !== isLoose(paths.get(image.name)),
  );
  if (!first) return [];
  const more = others.length > 0 ? `, and ${countText(others.length, "more pair")}` : "";
  return [
    `Matched by name only: the label ${first.path} with the image ${first.image.name}${more}. ` +
      "Check that they belong together.",
  ];
}

/** Pairs set by set: an ambiguity in one set skips only its own labels. */
function pairRound(images: readonly ImageFile[], labels: readonly LabelFile[]) {
  const pairs: PairedLabel[] = [];
  const left: LabelFile[] = [];
  const problems: string[] = [];
  const remarks: string[] = [];
  const groups = new Set(labels.map(({ group }) => foldName(group)));
  for (const group of groups) {
    const inGroup = <File extends PairableFile>(files: readonly File[]) =>
      files.filter((file) => foldName(file.group) === group);
    const [ours, theirs] = [inGroup(images), inGroup(labels)];
    try {
      const pairing = pairFiles<ImageFile | LabelFile>(ours, theirs);
      refuseMaskPerCell(pairing);
      for (const pair of pairing.pairs) {
        const { images, page: imagePage } = pair.image as ImageFile;
        const { path, file, page } = pair.label as LabelFile;
        const { name, raw } = images.length === 1 ? images[0] : images[imagePage ?? 0];
        const image = { name, width: raw.width, height: raw.height };
        pairs.push({ path, file, image, ...(page === undefined ? {} : { page }) });
      }
      left.push(...(pairing.labels as LabelFile[]));
      remarks.push(...pairing.remarks);
    } catch (error) {
      problems.push(skipped(error));
    }
  }
  return { pairs, left, problems, remarks };
}

function whyUnpaired(
  images: readonly ImageFile[],
  labels: readonly LabelFile[],
  left: readonly LabelFile[],
): string[] {
  const hasPairs = left.length < labels.flatMap(pagesOf).length;
  if (images.length === 0)
    return [`${left[0].path} was skipped: there are no images for these labels.`];
  const pairs = hasPairs ? [{ name: "", image: images[0], label: labels[0] }] : [];
  try {
    const pairing = { pairs, images: [], labels: left, remarks: [] };
    return tellUnpaired<ImageFile | LabelFile>(pairing, images, labels);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The files that images came from; one for all pages of a stack. */
function imageFiles(images: readonly ProjectImage[]): ImageFile[] {
  const files = new Map<string, ProjectImage[]>();
  for (const image of images) {
    const { path, pages = 1 } = sourceOf(image);
    // Two sets may have a path in common: each image that is not a page is its own file.
    const key = pages > 1 ? path : `${path}\n${image.name}`;
    const pagesOfFile = files.get(key);
    if (pagesOfFile) pagesOfFile.push(image);
    else files.set(key, [image]);
  }
  const counts = new Map<string, number>();
  for (const [{ source }] of files.values()) {
    if (source) counts.set(source.path, (counts.get(source.path) ?? 0) + 1);
  }
  return [...files.values()].flatMap((all): ImageFile[] => {
    const { path: own, stem: given, pages = 1 } = sourceOf(all[0]);
    const { group } = placeOf(own);
    const stem = given ?? stemOf(own);
    // If several files have the same path, the message must say which one it is about.
    const path = (counts.get(own) ?? 0) > 1 ? `${own} (${all[0].name})` : own;
    const file = { path, group, stem, pages };
    const inOrder = [...all].sort((a, b) => (sourceOf(a).page ?? 0) - (sourceOf(b).page ?? 0));
    if (pages === 1 || all.length === pages) return [{ ...file, images: inOrder }];
    return inOrder.map((image) => ({ ...file, page: sourceOf(image).page ?? 0, images: [image] }));
  });
}

function sourceOf({ source, name }: ProjectImage): NonNullable<ProjectImage["source"]> {
  return source ?? { path: `${name}.png` };
}

/**
 * A unique name, also when case is ignored: that of the file, prefixed with its set (a-0 for a/images/0.png)
 * if several sets were dropped together or another image has the plain name, and with `folder` if that is
 * taken, too. `taken` holds the folded names of the others.
 */
export function freeName(
  taken: ReadonlySet<string>,
  { stem, group, page, pages }: Pick<PairableFile, "stem" | "group" | "page" | "pages">,
  { isOfSeveral, folder }: { readonly isOfSeveral: boolean; readonly folder?: string | undefined },
): string {
  const isFree = (name: string) => !taken.has(foldName(name));
  const plain = stem + (page === undefined ? "" : pageSuffix(page, pages));
  const inSet = safeFileName(nameInSet(group, plain));
  const names = [
    ...(isOfSeveral ? [] : [plain]),
    inSet,
    ...(folder === undefined ? [] : [safeFileName(nameInSet(folder, plain))]),
  ];
  const free = names.find(isFree);
  if (free !== undefined) return free;
  let name = inSet;
  for (let copy = 2; !isFree(name); copy++) name = `${inSet}-${copy}`;
  return name;
}
