// Small pictures of a label file, and of how it would be read.

import { classPicture, imagePicture, type LabelDecision, readLabel } from "../../../src/index.js";
import type { AskedLabels } from "./label-question.js";

/** The file as it is: one colour per number, or its grey values if it is soft or transparent. */
export function labelBefore({ kind, part }: AskedLabels): ImageData {
  const { width, height, alpha, indices, channels } = part;
  if (kind === "alpha" && alpha) {
    return seen({ ...part, channels: 1, data: alpha });
  }
  if (kind === "soft-edges" || kind === "grey-levels" || (channels === 3 && !indices)) {
    return seen(part);
  }
  const values = indices ?? part.data;
  const known = new Map<number, number>([[0, 0]]);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const index = known.get(values[i]) ?? known.size;
    known.set(values[i], index);
    // Black means no cell.
    data[i] = index === 0 ? 0 : 1 + ((index - 1) % 253);
  }
  return asImageData(classPicture({ width, height, data }));
}

/** The classes by the decision, in default class colours; empty if it cannot be read that way. */
export function labelAfter(
  { part, file }: AskedLabels,
  decision: LabelDecision,
): ImageData | undefined {
  try {
    return asImageData(classPicture(readLabel(part, file, decision).label));
  } catch {
    return undefined;
  }
}

const seen = (raw: AskedLabels["part"]) => asImageData(imagePicture(raw));

function asImageData({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}): ImageData {
  return new ImageData(data, width, height);
}
