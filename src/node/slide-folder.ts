// The slides that an input names: one, or those of a folder.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isImageName } from "../data/file-names.js";
import { naturalOrder } from "../data/pairs.js";
import { listFolder } from "./data-folder.js";
import { isSlide, isStore } from "./slide-file.js";

/**
 * Returns the input if it is a slide, and if it is a folder of nothing but slides their paths, in natural order; else
 * none: images, or nothing to predict. `isWanted`: TIFF files of any size are slides.
 */
export async function slidesIn(input: string, isWanted: boolean): Promise<string[]> {
  if (await isSlide(input, isWanted)) return [input];
  const found = await stat(input).catch(() => undefined);
  if (!found?.isDirectory()) return [];
  const { files, folders } = await listFolder(input);
  const slides = folders.filter((name) => isStore(join(input, name)));
  for (const name of files) {
    const isNamed = isImageName(name) || /\.(zip|ozx|btf|tf[28]|svs|ndpi)$/i.test(name);
    if (!isNamed) continue;
    if (await isSlide(join(input, name), isWanted)) slides.push(name);
    else if (isImageName(name)) return [];
  }
  return slides.sort(naturalOrder).map((name) => join(input, name));
}
