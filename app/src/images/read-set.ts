// Images whose channels are separate files.

import { joinChannelFiles, type SetFile } from "../../../src/index.js";
import { type Problems, skipped } from "./problems.js";
import type { NamedFile, SortedFile } from "./sort-files.js";

/** A file that is an image, or its first channel, with the files of the other channels. */
export interface ImageFile {
  readonly file: SortedFile;
  readonly channelFiles: readonly NamedFile[];
}

/** The images of a drop. An image that lacks a channel is skipped, if others in its folder have it. */
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
  const join = (files: readonly SortedFile[]) => {
    const joined = joinChannelFiles(files, labels);
    remarks.push(...joined.remarks);
    return joined.images.map((set) => imageFile(set, byPath));
  };
  return [...folders.values()].flatMap((inFolder) => {
    try {
      return join(inFolder);
    } catch {
      const { whole, problems } = wholeCases(inFolder);
      sentences.push(...problems);
      return join(whole);
    }
  });
}

/** The name of an image whose channels are files, and the number of the channel. */
const CHANNEL = /^(.+)_(\d{4})$/;

/** The files of images that have as many channels as most of the folder, from 0000 on. */
function wholeCases(files: readonly SortedFile[]) {
  const cases = new Map<string, SortedFile[]>();
  for (const file of files) {
    const name = CHANNEL.exec(file.stem)?.[1];
    if (name === undefined) continue;
    const channels = cases.get(name);
    if (channels) channels.push(file);
    else cases.set(name, [file]);
  }
  const numbersOf = (channels: readonly SortedFile[]) =>
    channels.map(({ stem }) => CHANNEL.exec(stem)?.[2] ?? "").sort();
  const rows = [...cases].map(([name, channels]) => {
    return { name, channels, numbers: numbersOf(channels).join(", ") };
  });
  const isCounted = ({ numbers }: (typeof rows)[number]) =>
    numbers.split(", ").every((number, i) => Number(number) === i);
  const counts = new Map<string, number>();
  for (const row of rows.filter(isCounted)) {
    counts.set(row.numbers, (counts.get(row.numbers) ?? 0) + 1);
  }
  const [[usual] = [""]] = [...counts].sort((a, b) => b[1] - a[1]);
  const odd = rows.filter(({ numbers }) => numbers !== usual);
  const left = new Set(odd.flatMap(({ channels }) => channels));
  return {
    whole: files.filter((file) => !left.has(file)),
    problems: odd.map(({ name, channels, numbers }) =>
      skipped(
        `${channels[0].path}: the image ${name} has the channels ${numbers}, expected ${usual} as ` +
          "for other images",
      ),
    ),
  };
}

function imageFile(set: SetFile, byPath: ReadonlyMap<string, SortedFile>): ImageFile {
  const { file } = byPath.get(set.path) as SortedFile;
  const channelFiles = (set.channelFiles ?? []).map((path) => byPath.get(path) as SortedFile);
  return { file: { ...set, file }, channelFiles };
}
