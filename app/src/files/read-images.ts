// Reads image files as the numbers that they store.

import {
  joinChannels,
  openImage,
  type RawImage,
  readImage,
  surveyColour,
} from "../../../src/index.js";
import type { ReadImage } from "../images/channels.js";
import type { CountedLabel } from "../images/pairing.js";
import { collectProblems } from "../images/problems.js";
import type { NamedFile, SortedFile } from "../images/sort-files.js";

export interface ReadOptions {
  /** Stops the reading before the next image. */
  readonly signal?: AbortSignal | undefined;
}

interface OpenFile {
  readonly pageCount: number;
  readonly remarks: readonly string[];
  page(index: number): Promise<RawImage>;
}

/**
 * Opens an image file by its content, whatever its name: PNG, TIFF and JPEG as on the command line, other
 * formats that the browser can read as 8-bit grey or RGB. Errors name the file.
 */
export async function openFile(
  { file, path }: NamedFile,
  { signal }: ReadOptions = {},
): Promise<OpenFile> {
  const opened = await openImage(file, path, { signal }).catch((error) => error as Error);
  if (!(opened instanceof Error)) return opened;
  signal?.throwIfAborted();
  // Other files may be ones that the browser can read; if not, its error describes the problem.
  const raw = await readImage(file, path);
  return { pageCount: 1, remarks: [], page: async () => raw };
}

export interface ReadFiles {
  /** One image, or one per page of a stack. */
  readonly images: readonly ReadImage[];
  readonly remarks: readonly string[];
}

/** The images of a file, or of several files that are the channels of one image. */
export async function readImages(
  files: readonly NamedFile[],
  options: ReadOptions = {},
): Promise<ReadFiles> {
  const opened: OpenFile[] = [];
  for (const file of files) opened.push(await openFile(file, options));
  const [{ pageCount }] = opened;
  const names = files.map(({ path }) => path);
  const images: ReadImage[] = [];
  for (let page = 0; page < pageCount; page++) {
    const channels: RawImage[] = [];
    for (const one of opened) {
      options.signal?.throwIfAborted();
      channels.push(await one.page(page));
    }
    const raw = joinChannels(channels, names);
    const name = pageCount === 1 ? names[0] : `${names[0]}, page ${page}`;
    images.push({ raw, survey: surveyColour(raw, name) });
  }
  return { images, remarks: opened.flatMap((one) => one.remarks) };
}

/** The number of pages of label files; a file that cannot be opened is skipped and reported. */
export async function countPages(
  files: readonly SortedFile[],
  options: ReadOptions = {},
): Promise<{ labels: readonly CountedLabel[]; problems: readonly string[] }> {
  const { sentences, attempt } = collectProblems(options.signal);
  const labels: CountedLabel[] = [];
  for (const file of files) {
    await attempt(async () => {
      const { pageCount } = await openFile(file, options);
      labels.push({ ...file, pages: pageCount });
    });
  }
  return { labels, problems: sentences };
}
