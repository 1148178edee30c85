// What a label amounts to.

import { IGNORED, type LabelMap } from "../../../src/index.js";

/** Share of the pixels that somebody labelled; 0 without a label. */
export function labelledShare(label: LabelMap | undefined): number {
  if (!label) return 0;
  let count = 0;
  for (const value of label.data) if (value !== IGNORED) count++;
  return count / label.data.length;
}
