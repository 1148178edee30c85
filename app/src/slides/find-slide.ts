// Which of the dropped files are a slide. Pure.

import type { NamedFile } from "../images/sort-files.js";
import { storeFolder } from "./file-store.js";
import type { SlidePlace } from "./messages.js";

/** TIFF files above this size are opened as slides: images of a project are kept in memory. */
const LARGEST_IMAGE = 2 ** 28;

const TIFF = /\.(tiff?|btf|tf[28])$/i;
/** Whole slides of scanners, which are TIFF files with levels, and zip files of OME-Zarr. */
const SLIDE = /\.(svs|ndpi|ozx|zarr\.zip)$/i;

/** The slide among files that were dropped together; undefined if they are ordinary images, labels or networks. */
export function slideAmong(files: readonly NamedFile[]): SlidePlace | undefined {
  const folder = storeFolder(files);
  if (folder !== undefined) {
    const name = folder.replace(/\/$/, "").split("/").at(-1) || "the folder";
    return { files: files.filter(({ path }) => path.startsWith(folder)), name };
  }
  const [one, ...others] = files;
  if (!one || others.length > 0) return undefined;
  const isLarge = TIFF.test(one.path) && one.file.size > LARGEST_IMAGE;
  return isLarge || SLIDE.test(one.path) ? { file: one.file, name: one.path } : undefined;
}
