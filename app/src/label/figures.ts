// Figures of a label.

import { IGNORED, type LabelMap } from "../../../src/index.js";

/** Share of labelled pixels; 0 without a label. */
export function labelledShare(label: LabelMap | undefined): number {
  if (!label) return 0;
  const { data } = label;
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== IGNORED) count++;
  return count / data.length;
}
