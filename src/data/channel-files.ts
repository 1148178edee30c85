// Images whose channels are in separate files, named as in nnU-Net: case_0000, case_0001.

import { foldersOf, foldName, NAME_RULES } from "./file-names.js";
import { folderOf, type PlacedFile } from "./sort-paths.js";

/** A file of a set by its stem; its other channels may be in further files. */
export interface SetFile extends PlacedFile {
  /** The name of the sample. */
  readonly stem: string;
  /** The files of the channels after that of `path`, in order. */
  readonly channelFiles?: readonly string[] | undefined;
}

const CHANNEL = /^(.+)_(\d{4})$/;
/** imagesTr, imagesTs: the folders that nnU-Net requires. */
const NNUNET_FOLDER = /^images?(tr|ts|val)$/i;

/**
 * Joins files that are the channels of one image. In folders named as in nnU-Net these are all
 * files that end in a number of four digits; in other folders only if there are labels for the
 * cases and none for the single files. Throws if a case lacks a channel that another has.
 */
export function joinChannelFiles(
  images: readonly SetFile[],
  labels: readonly SetFile[],
): { images: SetFile[]; remarks: string[] } {
  const joined: SetFile[] = [];
  const remarks: string[] = [];
  for (const files of byFolder(images).values()) {
    const cases = casesOf(files, labels);
    if (!cases) {
      joined.push(...files);
      continue;
    }
    const { inCases, others } = cases;
    checkCases(inCases);
    joined.push(...others, ...[...inCases].map(([stem, channels]) => joinCase(stem, channels)));
    const [[stem, first]] = inCases;
    if (first.length > 1) {
      remarks.push(
        `${first[0].path} to ${first[first.length - 1].path} are the ${first.length} channels of ` +
          `one image, ${stem}; ${inCases.size} such images.`,
      );
    }
  }
  return { images: joined, remarks };
}

function byFolder(files: readonly SetFile[]): Map<string, SetFile[]> {
  const folders = new Map<string, SetFile[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const found = folders.get(folder);
    if (found) found.push(file);
    else folders.set(folder, [file]);
  }
  return folders;
}

type Cases = Map<string, SetFile[]>;

function casesOf(
  files: readonly SetFile[],
  labels: readonly SetFile[],
): { inCases: Cases; others: SetFile[] } | undefined {
  const inCases: Cases = new Map();
  const others: SetFile[] = [];
  for (const file of files) {
    const stem = CHANNEL.exec(file.stem)?.[1];
    if (stem === undefined) others.push(file);
    else inCases.set(stem, [...(inCases.get(stem) ?? []), file]);
  }
  if (inCases.size === 0) return undefined;
  const group = foldName(files[0].group);
  const near = labels.filter((label) => foldName(label.group) === group);
  const keys = NAME_RULES.map((rule) => new Set(near.map(({ stem }) => rule.label(stem))));
  const isLabelled = (stem: string) => NAME_RULES.some((rule, i) => keys[i].has(rule.image(stem)));
  // If a single file has a label, the numbers count images.
  if (files.some(({ stem }) => isLabelled(stem))) return undefined;
  const isNnUnet = NNUNET_FOLDER.test(foldersOf(files[0].path).at(-1) ?? "");
  if (isNnUnet) return { inCases, others };
  const areCases = [...inCases].every(([stem, channels]) => {
    return isLabelled(stem) && channels.some((file) => file.stem === `${stem}_0000`);
  });
  return others.length === 0 && areCases ? { inCases, others } : undefined;
}

function checkCases(cases: Cases): void {
  const most = Math.max(...[...cases.values()].map((files) => files.length));
  for (const [stem, files] of cases) {
    files.sort((a, b) => (a.stem < b.stem ? -1 : 1));
    const numbers = files.map((file) => CHANNEL.exec(file.stem)?.[2] ?? "");
    const isWhole = numbers.every((number, i) => Number(number) === i);
    if (isWhole && files.length === most) continue;
    throw new Error(
      `${files[0].path}: the image ${stem} has the channels ${numbers.join(", ")}, expected ` +
        `${most} files, 0000 to ${String(most - 1).padStart(4, "0")}, as for other images`,
    );
  }
}

function joinCase(stem: string, [first, ...others]: readonly SetFile[]): SetFile {
  const channelFiles = others.map(({ path }) => path);
  return { ...first, stem, ...(channelFiles.length > 0 ? { channelFiles } : {}) };
}
