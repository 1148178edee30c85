// Files of outlines (ROI sets, GeoJSON) among the labels of a data set.

import { foldName, labelStemOf, NAME_RULES, stemOf } from "./file-names.js";
import type { PlacedFile } from "./sort-paths.js";

/**
 * Returns the outlines that are labels: those of an image of their set by their names, unless there is a label
 * image for it. Archives may lie in a folder for other reasons.
 */
export function outlineLabels(
  images: readonly PlacedFile[],
  labels: readonly PlacedFile[],
  outlines: readonly PlacedFile[],
): PlacedFile[] {
  const groupOf = ({ group }: PlacedFile) => foldName(group);
  const keysOf = (files: readonly PlacedFile[], side: "image" | "label") =>
    NAME_RULES.map(
      (rule) => new Set(files.map((file) => `${groupOf(file)}/${rule[side](stemOf(file.path))}`)),
    );
  const [ofImages, ofLabels] = [keysOf(images, "image"), keysOf(labels, "label")];
  return outlines.filter((file) => {
    const keys = NAME_RULES.map((rule) => `${groupOf(file)}/${rule.label(labelStemOf(file.path))}`);
    const isAmong = (known: readonly ReadonlySet<string>[]) =>
      keys.some((key, i) => known[i].has(key));
    return isAmong(ofImages) && !isAmong(ofLabels);
  });
}
