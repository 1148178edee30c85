// Images whose channels are files of their own.

import { joinChannelFiles, type SetFile } from "../../../src/index.js";
import { type Problems, skipped } from "./problems.js";
import type { NamedFile, SortedFile } from "./sort-files.js";

/** A file that is an image, or its first channel with the files of the others. */
export interface ImageFile {
  readonly file: SortedFile;
  readonly channelFiles: readonly NamedFile[];
}

/** The images of a drop. In a folder where one lacks a channel none comes in. */
export function imageFiles(
  files: readonly SortedFile[],
  labels: readonly SortedFile[],
  { sentences }: Problems,
  remarks: string[],
): ImageFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const folders = new Map<string, SortedFile[]>();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
    const inFolder = folders.get(folder);
    if (inFolder) inFolder.push(file);
    else folders.set(folder, [file]);
  }
  return [...folders.values()].flatMap((inFolder) => {
    try {
      const joined = joinChannelFiles(inFolder, labels);
      remarks.push(...joined.remarks);
      return joined.images.map((set) => imageFile(set, byPath));
    } catch (error) {
      sentences.push(skipped(error));
      return [];
    }
  });
}

function imageFile(set: SetFile, byPath: ReadonlyMap<string, SortedFile>): ImageFile {
  const { file } = byPath.get(set.path) as SortedFile;
  const channelFiles = (set.channelFiles ?? []).map((path) => byPath.get(path) as SortedFile);
  return { file: { ...set, file }, channelFiles };
}
