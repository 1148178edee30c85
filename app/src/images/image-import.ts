// Adds dropped images to a project.

import {
  foldName,
  notFiniteRemarks,
  placeOf,
  type RawImage,
  safeFileName,
} from "../../../src/index.js";
import type { FileWork } from "../files/work.js";
import type { Project, ProjectImage } from "../state/project-types.js";
import { nextTask } from "../threads/next-task.js";
import { fitChannels, isChanged, type ReadImage } from "./channels.js";
import { freeName } from "./pairing.js";
import { collectProblems, type Problems } from "./problems.js";
import { imageFiles } from "./read-set.js";
import type { SortedFile } from "./sort-files.js";

/** Natural order: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

/** What the steps of an import share. */
export interface ImportParts<Work> {
  readonly work: Work;
  readonly problems: Problems;
  readonly remarks: string[];
  /** Called before a file is read. */
  begin(path: string): void;
  readonly signal: AbortSignal | undefined;
}

/** An image, or a page of a stack, with the file that it came from. */
interface AddedImage extends ReadImage {
  readonly file: SortedFile;
  readonly page: number;
  readonly pages: number;
}

/** The project with the images of the files; `labels` show which files are channels of one image. */
export async function withImages(
  project: Project,
  files: readonly SortedFile[],
  labels: readonly SortedFile[],
  {
    work,
    problems,
    remarks,
    begin,
    signal,
  }: ImportParts<Pick<FileWork, "readImages" | "recoloured">>,
): Promise<Project> {
  const read: AddedImage[] = [];
  for (const { file, channelFiles } of imageFiles(files, labels, problems, remarks)) {
    await problems.attempt(async () => {
      begin(file.path);
      const { images, remarks: own } = await work.readImages([file, ...channelFiles], { signal });
      read.push(...images.map((image, page) => ({ ...image, file, page, pages: images.length })));
      remarks.push(...own);
    });
  }
  const fitted = fitChannels(read, project.images[0]?.raw.channels);
  problems.sentences.push(...fitted.problems);
  remarks.push(...fitted.remarks, ...notFiniteRemarks(fitted.images.map(({ survey }) => survey)));
  // Also if the import was cancelled: images already read are added.
  const adding = collectProblems();
  const images = [...project.images];
  const isOfSeveral = new Set(files.map(({ group }) => foldName(group))).size > 1;
  const earlierFolders = new Set(project.images.map(({ source }) => folderOf(source?.path ?? "")));
  const taken = new Set(images.map(({ name }) => foldName(name)));
  for (const { file, page, pages, raw: stored } of fitted.images) {
    await adding.attempt(async () => {
      const { path, stem, group, channelFiles } = file;
      const place = pages > 1 ? { page, pages } : {};
      const isOther = isChanged(stored, fitted.rule);
      const raw = pixelsOf(isOther ? await work.recoloured(stored, fitted.rule) : stored);
      await checkNew(project.images, path, place.page, raw);
      const own = { stem: safeFileName(stem), group, pages: 1, ...place };
      const folder = folderOf(path);
      const name = freeName(taken, own, {
        isOfSeveral,
        // Differs from the names of the folder's other images.
        folder: folder === "" || earlierFolders.has(folder) ? undefined : folder,
      });
      taken.add(foldName(name));
      if (mayBeLabel(project.images, path)) remarks.push(`${path}: ${MAY_BE_LABEL}`);
      const source = { path, ...(channelFiles ? { stem } : {}), ...place };
      const { pixelSize } = stored;
      images.push({ name, source, raw, role: "training", ...(pixelSize ? { pixelSize } : {}) });
    });
  }
  problems.sentences.push(...adding.sentences);
  if (images.length === project.images.length) return project;
  return { ...project, images: images.sort((a, b) => BY_NAME.compare(a.name, b.name)) };
}

/** The name of the folder that contains a file, without its parents. */
const folderOf = (path: string) => path.split("/").at(-2) ?? "";

const MAY_BE_LABEL =
  "an image of that name exists already, so it was renamed. If it is a label, put it into a folder " +
  "called labels, or let its name end in _mask.";

/** Whether a file outside of folders for images or labels has the name of an existing image. */
const mayBeLabel = (images: readonly ProjectImage[], path: string) =>
  placeOf(path).role === undefined && images.some(({ source }) => source?.path === path);

/** Throws if the image was added before, from the same place. */
async function checkNew(
  images: readonly ProjectImage[],
  path: string,
  page: number | undefined,
  raw: RawImage,
): Promise<void> {
  for (const { source, raw: other } of images) {
    if (source?.path !== path || source.page !== page) continue;
    // Its own task: large images take some of the thread's time.
    await nextTask();
    if (isEqual(other, raw)) throw new Error(`${path}: the project already contains this image`);
  }
}

function isEqual(one: RawImage, other: RawImage): boolean {
  if (one.width !== other.width || one.data.length !== other.data.length) return false;
  const [a, b] = [one.data, other.data];
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  }
  return true;
}

/** What a network uses of an image: palette indices and alpha would only take memory. */
function pixelsOf({ width, height, channels, maximum, data }: RawImage): RawImage {
  return { width, height, channels, maximum, data };
}
